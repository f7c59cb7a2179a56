import fc from "fast-check";
import { expect, test } from "vitest";
import { machineBeside, machineLabel } from "./machine-label.ts";

test.each([
  ["SRV01:", "SRV01"],
  ["=== SRV02 ===", "SRV02"],
  ["**srv-db-03**", "srv-db-03"],
  ["### FS01 (healthy)", "FS01"],
  ["[DC1]", "DC1"],
  ["Server: web-frontend", "web-frontend"],
  ["Host Name:                 ALPHA", "ALPHA"],
  ["COMPUTERNAME=BERLIN", "BERLIN"],
  ["PSComputerName : nas", "nas"],
  ["on server BERLIN:", "BERLIN"],
  ["And this is from SRV02:", "SRV02"],
  ["sql01.corp.example.com", "sql01.corp.example.com"],
  ["EXCH-A:", "EXCH-A"],
  ["\\\\SRV07:", "SRV07"],
  ["[SRV03]: PS C:\\> poolmon -n", "SRV03"],
  ["SRV04 | CHANGED | rc=0 >>", "SRV04"],
  ["the other server:", "the other server"],
  ["Server A:", "Server A"],
  ["good machine:", "good machine"],
])("%s names %s", (line, name) => {
  expect(machineLabel(line)).toBe(name);
});

test.each([
  "before:",
  "after the reboot of the server:",
  "server before reboot:",
  "Hi all,",
  "Regards",
  "Note:",
  "EDIT:",
  "Test1:",
  "snapshot 2:",
  "Run2:",
  "poolmon.exe:",
  "pool1.txt:",
  "KB5034441:",
  "x64",
  "Windows10:",
  "1.",
  "",
  "-----",
  " Tag  Type     Allocs            Frees",
  "we think that the server SRV01 has a leak since the update of last week",
])("%j names no machine", (line) => {
  expect(machineLabel(line)).toBeUndefined();
});

test("beside a date only a name that cannot be a word", () => {
  expect(machineBeside("=== SRV01  ===")).toBe("SRV01");
  for (const around of ["===== =====", "UTC", "Fri", "SRV01 and SRV02", "BERLIN"])
    expect(machineBeside(around)).toBeUndefined();
});

test("any line gives a name of it or none, in time", () => {
  const piece = fc.constantFrom(
    "SRV01",
    ":",
    "===",
    " ",
    "server",
    "(",
    ")",
    "[",
    "**",
    ".",
    "\\\\",
    "host name",
    "=",
    "-",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 60 }), (parts) => {
      const line = parts.join("");
      const name = machineLabel(line);
      expect(name === undefined || line.includes(name)).toBe(true);
    }),
  );
});
