import { expect, test } from "vitest";
import { parseImagePaths, parseServices } from "./machine.ts";

const OUTPUT = String.raw`
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\ACPI
    ImagePath    REG_EXPAND_SZ    System32\drivers\ACPI.sys

HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\a
    ImagePath    REG_EXPAND_SZ    \SystemRoot\System32\drivers\a.sys
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\b
    ImagePath    REG_SZ    \??\C:\Program Files\Vendor\b.sys
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\c
    ImagePath    REG_EXPAND_SZ    "%SystemRoot%\c d.sys" -k
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\svc
    ImagePath    REG_EXPAND_SZ    %systemroot%\system32\svchost.exe -k netsvcs
`;

test("finds the driver files that services name, in every way they write them", () => {
  expect(parseImagePaths(OUTPUT.replaceAll("\n", "\r\n"), String.raw`C:\Windows`)).toEqual([
    String.raw`C:\Windows\System32\drivers\ACPI.sys`,
    String.raw`C:\Windows\System32\drivers\a.sys`,
    String.raw`C:\Program Files\Vendor\b.sys`,
    String.raw`C:\Windows\c d.sys`,
  ]);
});

test("each file is loaded by the service whose key stands above it", () => {
  const output = [
    String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WinDrv`,
    String.raw`    ImagePath    REG_EXPAND_SZ    \SystemRoot\System32\drivers\windrv6.sys`,
    "",
    String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Spooler`,
    String.raw`    ImagePath    REG_EXPAND_SZ    %SystemRoot%\System32\spoolsv.exe`,
  ].join("\r\n");
  expect([...parseServices(output, String.raw`C:\Windows`)]).toEqual([
    [String.raw`c:\windows\system32\drivers\windrv6.sys`, "WinDrv"],
  ]);
});
