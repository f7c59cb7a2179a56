import fc from "fast-check";
import { expect, test } from "vitest";
import { redact } from "./redaction.ts";

test.each([
  [String.raw`C:\Users\anna.b\logs\week.pool`, "week.pool"],
  ["/home/anna/logs/week.pool on SRV01.corp", "week.pool on HOST1.corp"],
  [String.raw`\\SRV01\share\a.txt`, "a.txt"],
  [String.raw`C:\Windows\System32\drivers\acme.sys`, String.raw`C:\Windows\System32\drivers\acme.sys`],
  ["srv01 and SRV011", "HOST1 and SRV011"],
  ["+9.01 MiB/h at 2026-08-03 08:00:00Z", "+9.01 MiB/h at 2026-08-03 08:00:00Z"],
  ["https://github.com/microsoft/WSL/issues/41296", "https://github.com/microsoft/WSL/issues/41296"],
])("%s", (text, clean) => {
  expect(redact(text, { hosts: ["SRV01"] })).toBe(clean);
});

test("no host is left in any text, in any case", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("SRV01", "srv01", " ", "\\", "/", "C:\\Users\\", "x", ".", "\n"), { maxLength: 30 }),
      (parts) => {
        expect(redact(` ${parts.join(" ")} `, { hosts: ["Srv01"] })).not.toMatch(/(?<![a-z0-9])srv01(?![a-z0-9])/i);
      },
    ),
  );
});
