import { expect, test } from "vitest";
import fc from "fast-check";
import { countTableRows, parseRegistryValues, readWindowsSettings } from "./windows-settings.ts";

const POWER = "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\...\\Power\r\n    HiberbootEnabled    REG_DWORD    0x1\r\n\r\n";
const MEMORY = `
HKEY_LOCAL_MACHINE\\SYSTEM\\...\\Memory Management
    PagedPoolSize    REG_DWORD    0x1000000
    NonPagedPoolSize    REG_DWORD    0x0
    VerifyDrivers    REG_SZ    leaky.sys other.sys
    PagingFiles    REG_MULTI_SZ    C:\\pagefile.sys 0 0
    ExistingPageFiles    REG_MULTI_SZ
`;
const SESSIONS = `
Datensammlersatz                        Typ                           Status
-------------------------------------------------------------------------------
Circular Kernel Context Logger          Ablaufverfolgung              Wird ausgeführt
DiagLog                                 Ablaufverfolgung              Wird ausgeführt

Der Befehl wurde erfolgreich ausgeführt.
`;

test("reads what Windows' programs tell, and says what each refused", () => {
  const answers: Record<string, { code: number | undefined; output: string }> = {
    Power: { code: 0, output: POWER },
    "Memory Management": { code: 0, output: MEMORY },
    filters: { code: 5, output: "Access is denied.\r\n" },
    query: { code: 0, output: SESSIONS },
  };
  const asked: string[] = [];
  const settings = readWindowsSettings({ env: { SystemRoot: "D:\\Win" } }, (command, args) => {
    asked.push(command);
    const key = args.join(" ").split("\\").at(-1) ?? "";
    return answers[key] ?? answers[args[0] ?? ""] ?? { code: undefined, output: "ENOENT" };
  });
  expect(settings).toEqual({
    fastStartup: true,
    verifiedDrivers: "leaky.sys other.sys",
    pagedPoolSize: 0x1000000,
    nonPagedPoolSize: 0,
    traceSessions: 2,
    refused: { filters: "fltmc.exe filters ended with 5 (Access is denied.); it needs the rights of an administrator" },
  });
  expect(new Set(asked)).toEqual(
    new Set(["reg.exe", "fltmc.exe", "logman.exe"].map((name) => `D:\\Win\\System32\\${name}`)),
  );
});

test("an answer in an unknown form is not judged", () => {
  const { refused, ...rest } = readWindowsSettings({ env: {} }, () => ({ code: 0, output: "?" }));
  expect(rest).toEqual({});
  expect(refused.verifier).toBe("reg.exe query answered in an unknown form");
  expect(refused["fast-startup"]).toBeDefined();
  expect(refused["trace-sessions"]).toBeDefined();
});

test("any text is a table or none, and its values are text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const rows = countTableRows(text);
      expect(rows === undefined || rows >= 0).toBe(true);
      for (const [name, value] of parseRegistryValues(text) ?? [])
        expect(typeof name + typeof value).toBe("stringstring");
    }),
  );
});
