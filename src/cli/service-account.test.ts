import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { isServiceAccount } from "./service-account.ts";

const search = vi.hoisted(() => vi.fn<() => Promise<string | undefined>>(() => Promise.resolve(undefined)));
vi.mock("../sources/pooltag-search.ts", async (original) => ({
  ...(await original<typeof import("../sources/pooltag-search.ts")>()),
  findPoolTagFile: search,
}));

test("SYSTEM and the service accounts, and nobody else", () => {
  const of = (profile: string | undefined, platform = "win32"): boolean =>
    isServiceAccount({ USERPROFILE: profile, SystemRoot: "D:\\Windows" }, platform);
  expect(of("D:\\WINDOWS\\system32\\config\\systemprofile")).toBe(true);
  expect(of("D:\\Windows\\ServiceProfiles\\LocalService")).toBe(true);
  expect(of("D:\\Users\\me")).toBe(false);
  expect(of("D:\\Windows\\..\\Users\\me")).toBe(false);
  expect(of(undefined)).toBe(false);
  expect(of("D:\\Windows\\system32\\config\\systemprofile", "linux")).toBe(false);
});

test("a pooltag.txt is looked for by a user, never by SYSTEM", async () => {
  const stream = { isTTY: false, columns: 80, write: () => {} };
  const io = (profile: string): Io => ({
    stdout: stream,
    stderr: stream,
    env: { USERPROFILE: profile, SystemRoot: "C:\\Windows" },
    platform: "win32",
    now: () => 0,
  });
  await loadKnowledge(undefined, io("C:\\Windows\\System32\\config\\systemprofile"));
  expect(search).not.toHaveBeenCalled();
  await loadKnowledge(undefined, io("C:\\Users\\me"));
  expect(search).toHaveBeenCalledTimes(1);
});

test("compiled code is kept in the user's own folder, not in a shared temporary one", () => {
  const folder = mkdtempSync(join(tmpdir(), "poolscope-compiled-"));
  const temporary = join(folder, "temporary");
  mkdirSync(temporary);
  const bin = fileURLToPath(new URL("../../bin/poolscope.mjs", import.meta.url));
  const own = { XDG_CACHE_HOME: join(folder, "own"), LOCALAPPDATA: join(folder, "own"), HOME: folder };
  const { status } = spawnSync(process.execPath, [bin, "--version"], {
    env: { ...process.env, ...own, TMPDIR: temporary, TEMP: temporary, TMP: temporary, NODE_COMPILE_CACHE: undefined },
  });
  expect(status).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
  if (process.platform !== "darwin") expect(readdirSync(join(folder, "own", "poolscope"))).toContain("compiled");
  rmSync(folder, { recursive: true });
});
