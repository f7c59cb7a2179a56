import { hostname } from "node:os";
import { expect, test } from "vitest";
import { isInstalledOn, isSameMachine, parseMachineId, readThisMachine, type IndexMachine } from "./this-machine.ts";

const WINDOWS: IndexMachine = {
  host: "DESK",
  windowsBuild: 19045,
  machineId: "5d2a3f10-0000-4a1b-9c8d-7e6f5a4b3c2d",
  systemRoot: String.raw`C:\Windows`,
};

test("the machine's id is read from the registry's own words", () => {
  const output =
    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    5D2A3F10-0000-4A1B-9C8D-7E6F5A4B3C2D\r\n\r\n";
  expect(parseMachineId(output)).toBe(WINDOWS.machineId);
  expect(parseMachineId("ERROR: The system was unable to find the specified registry key or value.\r\n")).toBeNull();
});

test("an id decides, whatever the name; without one the name and the kind of system do", () => {
  expect(isSameMachine(WINDOWS, { ...WINDOWS, host: "RENAMED", windowsBuild: 26100 })).toBe(true);
  expect(isSameMachine(WINDOWS, { ...WINDOWS, machineId: "another" })).toBe(false);
  expect(isSameMachine({ ...WINDOWS, machineId: null }, { ...WINDOWS, host: "desk" })).toBe(true);
  expect(isSameMachine({ ...WINDOWS, machineId: null }, { ...WINDOWS, host: "LAP" })).toBe(false);
  const elsewhere = { ...WINDOWS, machineId: null, windowsBuild: null, systemRoot: null };
  expect(isSameMachine({ ...WINDOWS, machineId: null }, elsewhere)).toBe(false);
});

test("only what lies in the folder of Windows is installed there; a system that is not Windows has nothing installed", () => {
  expect(isInstalledOn(WINDOWS, String.raw`c:\WINDOWS\System32\drivers\afd.sys`)).toBe(true);
  expect(isInstalledOn(WINDOWS, String.raw`C:\Windows.old\System32\drivers\afd.sys`)).toBe(false);
  expect(isInstalledOn(WINDOWS, String.raw`D:\dump\afd.sys`)).toBe(false);
  expect(isInstalledOn({ ...WINDOWS, systemRoot: null }, "/mnt/c/Windows/System32/drivers/afd.sys")).toBe(false);
});

test("elsewhere than on Windows there is a name and nothing else", async () => {
  expect(await readThisMachine({}, "linux")).toEqual({
    host: hostname(),
    windowsBuild: null,
    machineId: null,
    systemRoot: null,
  });
});
