import { mkdtemp, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AccessError, FormatError } from "../model/errors.ts";
import { findPoolTagFile, poolTagPlaces, readPoolTagFile } from "./pooltag-search.ts";

const env = {
  "PROGRAMFILES(X86)": "C:\\Program Files (x86)",
  ProgramFiles: "C:\\Program Files",
  ProgramW6432: "C:\\Program Files",
};
const filesOf = (...paths: string[]) => ({
  isFile: async (path: string) => paths.includes(path),
  read: async () => new Uint8Array(),
});

describe("findPoolTagFile", () => {
  it("looks into the kits, the newest first, then the old Debugging Tools", async () => {
    const kit10 = "C:\\Program Files (x86)\\Windows Kits\\10\\Debuggers\\x86\\triage\\pooltag.txt";
    const kit8 = "C:\\Program Files (x86)\\Windows Kits\\8.1\\Debuggers\\x64\\triage\\pooltag.txt";
    const old = "C:\\Program Files\\Debugging Tools for Windows (x64)\\triage\\pooltag.txt";
    expect(await findPoolTagFile(env, filesOf(old, kit8, kit10))).toBe(kit10);
    expect(await findPoolTagFile(env, filesOf(old, kit8))).toBe(kit8);
    expect(await findPoolTagFile(env, filesOf(old))).toBe(old);
    const ddk = "C:\\WinDDK\\7600.16385.1\\tools\\other\\pooltag.txt";
    expect(await findPoolTagFile(env, filesOf(ddk))).toBe(ddk);
    expect(await findPoolTagFile(env, filesOf())).toBeUndefined();
  });

  it("asks for no place twice and for none without Program Files", () => {
    const places = poolTagPlaces(env);
    expect(new Set(places).size).toBe(places.length);
    expect(poolTagPlaces({ HOME: "/root" })).toEqual([]);
  });
});

describe("readPoolTagFile", () => {
  it("reads a file of the disk", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "pooltag-")), "pooltag.txt");
    await writeFile(path, "AbcD - a.sys - x\r\n");
    expect((await readPoolTagFile(path)).entries).toEqual([
      { tag: "AbcD", binary: "a.sys", description: "x", line: 1 },
    ]);
    await writeFile(path, "");
    await expect(readPoolTagFile(path)).rejects.toThrow(FormatError);
  });

  it("refuses an endless file", async () => {
    const endless = join(await mkdtemp(join(tmpdir(), "pooltag-")), "endless.txt");
    await writeFile(endless, "AbcD - a.sys - x\n");
    await truncate(endless, 3 * 1024 ** 3);
    await expect(readPoolTagFile(endless)).rejects.toThrow(/too big.*64\.0 MiB/);
  });

  it("says which file cannot be read", async () => {
    await expect(readPoolTagFile("/nonexistent/pooltag.txt")).rejects.toThrow(AccessError);
    await expect(readPoolTagFile("/nonexistent/pooltag.txt")).rejects.toThrow(/nonexistent.*ENOENT/);
    await expect(readPoolTagFile(tmpdir())).rejects.toThrow(AccessError);
  });
});
