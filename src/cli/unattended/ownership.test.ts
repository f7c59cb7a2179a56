import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { descriptorBytes } from "../../../test/build/security-descriptor.ts";
import type { FileSecurity } from "../../sources/windows-live/file-security.ts";
import { describeAccess, readAccess, reliedOn } from "./access.ts";
import { carryOut } from "./carry-out.ts";
import { DATA_FOLDER_SDDL, judgeOwnership } from "./ownership.ts";
import { renderTaskXml } from "./task-xml.ts";

const ADMINISTRATORS = "S-1-5-32-544";
const USERS = "S-1-5-32-545";
const SOMEBODY = "S-1-5-21-1-2-3-1001";
const FULL = 0x1f01ff;
const READ = 0x1200a9;
const good = descriptorBytes(ADMINISTRATORS, [
  { flags: 3, mask: FULL, sid: "S-1-5-18" },
  { flags: 3, mask: FULL, sid: ADMINISTRATORS },
  { flags: 3, mask: READ, sid: USERS },
]);

const problemOf = (owner: string, ...entries: Parameters<typeof descriptorBytes>[1] & object): string | undefined =>
  judgeOwnership(descriptorBytes(owner, entries)).problem;

describe("who can change a file", () => {
  it("only administrators: the folder as it is made, and Windows' own files", () => {
    expect(judgeOwnership(good)).toEqual({ owner: ADMINISTRATORS, problem: undefined });
    const installer = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
    expect(
      problemOf(
        installer,
        { mask: FULL, sid: installer },
        { flags: 11, mask: 0x1000_0000, sid: "S-1-3-0" },
        { mask: READ, sid: "S-1-15-2-1" },
      ),
    ).toBeUndefined();
  });

  it.each([
    ["write data", 0x2],
    ["append", 0x4],
    ["delete a child", 0x40],
    ["delete", 0x1_0000],
    ["change the list", 0x4_0000],
    ["take ownership", 0x8_0000],
    ["GENERIC_WRITE", 0x4000_0000],
    ["GENERIC_ALL", 0x1000_0000],
  ])("users who may %s", (_, mask) => {
    expect(problemOf(ADMINISTRATORS, { mask, sid: USERS })).toBe("Users (S-1-5-32-545) may change it");
    // In what is made in the folder, too; and whatever is denied to others.
    expect(problemOf(ADMINISTRATORS, { flags: 11, mask, sid: USERS })).toMatch(/may change it/);
    expect(problemOf(ADMINISTRATORS, { type: 1, mask, sid: USERS })).toBeUndefined();
    expect(problemOf(ADMINISTRATORS, { type: 5, mask, sid: USERS })).toBe("somebody may change it");
  });

  it("an owner who is none, no list at all, several others, and what cannot be read", () => {
    expect(problemOf(SOMEBODY, { mask: FULL, sid: ADMINISTRATORS })).toBe(`it is owned by ${SOMEBODY}`);
    expect(judgeOwnership(descriptorBytes(ADMINISTRATORS)).problem).toMatch(/no access list, so that everybody/);
    expect(problemOf(ADMINISTRATORS, { mask: FULL, sid: "S-1-1-0" }, { mask: FULL, sid: SOMEBODY })).toBe(
      `Everyone (S-1-1-0) and ${SOMEBODY} may change it`,
    );
    expect(judgeOwnership(undefined).problem).toMatch(/cannot be read/);
    expect(judgeOwnership(new Uint8Array(4)).problem).toMatch(/no self-relative descriptor/);
  });
});

/** Windows as the plan sees it: descriptors by path, and the folders that were made. */
function standIn(descriptors: Readonly<Record<string, Uint8Array>>): FileSecurity & { readonly made: string[] } {
  const made: string[] = [];
  return {
    made,
    read: (path) => descriptors[path] ?? (made.some((each) => each.startsWith(`${path} `)) ? good : undefined),
    createFolder: (path, sddl) => {
      mkdirSync(path);
      made.push(`${path} ${sddl}`);
      return true;
    },
    close: () => {},
  };
}

describe("making the data folder", () => {
  const work = mkdtempSync(join(tmpdir(), "poolscope-owner-"));
  afterAll(() => rmSync(work, { recursive: true }));
  const run = (): never => {
    throw new Error("nothing is to be run");
  };
  const steps = (path: string) =>
    [
      { kind: "folder", path, sddl: DATA_FOLDER_SDDL },
      { kind: "check", path },
    ] as const;

  it("has its list from its first instant", () => {
    const path = join(work, "new");
    const security = standIn({});
    carryOut(steps(path), { run, security });
    expect(security.made).toEqual([`${path} ${DATA_FOLDER_SDDL}`]);
  });

  it("refuses one that a user made first, one with a user's file in it, and a link", () => {
    const path = join(work, "there");
    const inside = join(path, "a.pool");
    mkdirSync(path);
    const users = descriptorBytes(SOMEBODY, [{ mask: FULL, sid: SOMEBODY }]);
    const go =
      (descriptors: Readonly<Record<string, Uint8Array>>, at = path) =>
      (): void =>
        carryOut(steps(at), { run, security: standIn(descriptors) });
    expect(go({ [path]: users })).toThrow(
      /there: it is owned by S-1-5-21-1-2-3-1001, and SYSTEM is to rely on it; see what/,
    );
    expect(go({ [path]: good })).not.toThrow();
    writeFileSync(inside, "");
    expect(go({ [path]: good, [inside]: users })).toThrow(/a\.pool: it is owned by/);
    expect(go({ [path]: good, [inside]: good })).not.toThrow();
    rmSync(inside);
    symlinkSync(work, inside);
    expect(go({ [path]: good, [inside]: good })).toThrow(/a\.pool is a link to another place/);
    const link = join(work, "link");
    symlinkSync(path, link);
    expect(go({ [link]: good }, link)).toThrow(/is a link to another place; remove it/);
  });

  it("is not done at all where Windows' calls cannot be loaded", () => {
    expect(() => carryOut(steps(join(work, "none")), { run, security: undefined })).toThrow(
      /calls .* cannot be loaded/,
    );
  });
});

describe("what status says", () => {
  const env = { ProgramData: "D:\\Data", SystemRoot: "D:\\Windows" };

  it("looks at task, program, script, folders, recording and its log", () => {
    const exe = renderTaskXml({
      command: "D:\\Programs\\poolscope\\poolscope.exe",
      arguments: "record D:\\Data\\poolscope\\a.pool",
    });
    expect(reliedOn(env, exe, "D:\\Data\\poolscope\\a.pool")).toEqual([
      "D:\\Windows\\System32\\Tasks\\poolscope record",
      "D:\\Programs\\poolscope\\poolscope.exe",
      "D:\\Programs\\poolscope",
      "D:\\Data\\poolscope",
      "D:\\Data\\poolscope\\a.pool",
      "D:\\Data\\poolscope\\a.pool-wal",
    ]);
    const node = renderTaskXml({ command: "C:\\n\\node.exe", arguments: '"C:\\p s\\bin\\p.mjs" record x' });
    expect(reliedOn(env, node, "x").slice(1, 5)).toEqual([
      "C:\\n\\node.exe",
      "C:\\n",
      "C:\\p s\\bin\\p.mjs",
      "C:\\p s\\bin",
    ]);
  });

  it("names each that others can change, and calls nothing safe that was not looked at", () => {
    const folder = mkdtempSync(join(tmpdir(), "poolscope-access-"));
    const file = join(folder, "a.pool");
    writeFileSync(file, "");
    const bad = descriptorBytes(ADMINISTRATORS, [{ mask: 2, sid: USERS }]);
    const paths = [folder, file, join(folder, "not-there")];
    const safe = readAccess(paths, standIn({ [folder]: good, [file]: good }));
    expect(safe).toEqual([
      { path: folder, owner: ADMINISTRATORS, problem: null },
      { path: file, owner: ADMINISTRATORS, problem: null },
    ]);
    expect(describeAccess(safe)).toEqual([`Access     only administrators can change ${folder}, ${file}`]);
    expect(describeAccess(readAccess(paths, standIn({ [folder]: good, [file]: bad })))).toEqual([
      `Access     UNSAFE: ${file}: Users (S-1-5-32-545) may change it`,
      "           SYSTEM relies on these: stop the task, see who made them, and install anew",
    ]);
    expect(describeAccess(readAccess(paths, standIn({})))[0]).toMatch(
      /UNSAFE: .*: its owner and access list cannot be read/,
    );
    expect(describeAccess([])).toEqual(["Access     not looked at: none of its files can be seen"]);
    expect(describeAccess(undefined)[0]).toMatch(/not looked at: Windows' own calls/);
    rmSync(folder, { recursive: true });
  });
});
