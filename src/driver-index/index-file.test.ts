import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { allRecords, indexPath, readIndex, recordsWithTag, writeIndex, type DriverIndex } from "./index-file.ts";
import { matchesForTag } from "./matches.ts";
import type { RecordedTag } from "../model/driver.ts";
import { unreadRecord, type DriverRecord } from "./record.ts";
import type { IndexMachine } from "./this-machine.ts";

const MACHINE: IndexMachine = { host: "DESK", windowsBuild: 19045, machineId: "a-b", systemRoot: "C:\\Windows" };

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "poolscope-index-"));
  path = join(folder, "deep", "drivers.jsonl");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const use = (api: string): RecordedTag["uses"][number] => ({ api, rva: "0x10", function: "0x8", pool: null });
function driver(file: string, tier: RecordedTag["tier"], apis: readonly string[]): DriverRecord {
  const tags = [{ tag: "Tag1", raw: "0x31676154", tier, uses: apis.map((api) => use(api)) }];
  return { ...unreadRecord({ file, size: 1, modified: 1 }, "ok"), tags };
}
async function written(records: readonly DriverRecord[]): Promise<DriverIndex> {
  await writeIndex(path, records, { updated: 1_700_000_000_000, machine: MACHINE });
  const index = await readIndex(path);
  if (index === undefined) throw new Error("the index just written cannot be read");
  return index;
}

test("a look-up gives the drivers of a tag, proof first, allocations before frees", async () => {
  const index = await written([
    driver("text.sys", "text", []),
    driver("free.sys", "proven", ["ExFreePoolWithTag", "ExFreePoolWithTag"]),
    driver("code.sys", "code", []),
    driver("alloc.sys", "proven", ["ExAllocatePoolWithTag"]),
    driver("guess.sys", "predicted", []),
  ]);
  const matches = matchesForTag(index, 0x3167_6154, () => "some.lib");
  expect(matches.map(({ file }) => file)).toEqual(["alloc.sys", "free.sys", "code.sys", "guess.sys", "text.sys"]);
  expect(matches[0]).toMatchObject({ library: "some.lib", uses: [{ rva: 0x10, function: 8, pool: null }] });
  expect(matchesForTag(index, 0x3267_6154, () => undefined)).toEqual([]);
});

test("a tag that fits a form known in part is found, ranked behind whole proof", async () => {
  const form: RecordedTag = {
    tag: "Tag?",
    raw: "0x00676154",
    mask: "0x00ffffff",
    tier: "pattern",
    uses: [use("ExAllocatePool2")],
  };
  const computed = { ...driver("computed.sys", "code", []), tags: [form] };
  const index = await written([computed, driver("whole.sys", "proven", ["ExAllocatePoolWithTag"])]);
  const found = matchesForTag(index, 0x3167_6154, () => undefined);
  expect(found.map(({ file, tier, pattern }) => [file, tier, pattern])).toEqual([
    ["whole.sys", "proven", undefined],
    ["computed.sys", "pattern", "Tag?"],
  ]);
  expect(matchesForTag(index, 0x3168_6154, () => undefined)).toEqual([]);
});

test("damaged lines are left out, the others stay", async () => {
  await written([driver("a.sys", "proven", [])]);
  appendFileSync(
    path,
    '{"file":"cut","tags":[{"raw":"0x31676154"\n{"file":"b.sys","tags":[{"raw":"0x31676154"}]}\n[1]\n',
  );
  const index = await readIndex(path);
  if (index === undefined) throw new Error("no index");
  expect(recordsWithTag(index, 0x3167_6154).map(({ file }) => file)).toEqual(["a.sys"]);
  expect([...allRecords(index).keys()]).toEqual(["a.sys"]);
});

test("an index of another version, or no index at all, is none", async () => {
  expect(await readIndex(path)).toBeUndefined();
  const other = join(folder, "other.jsonl");
  writeFileSync(other, '{"format":"poolscope-drivers","version":0,"updated":1}\n');
  expect(await readIndex(other)).toBeUndefined();
  writeFileSync(other, "garbage");
  expect(await readIndex(other)).toBeUndefined();
});

test("the head says on which machine the index was made; a head that does not is no index", async () => {
  expect((await written([])).machine).toEqual(MACHINE);
  writeFileSync(path, '{"format":"poolscope-drivers","version":5,"updated":1,"machine":{"host":7}}\n');
  expect(await readIndex(path)).toBeUndefined();
});

test("the index lies where each system keeps caches", () => {
  expect(indexPath({ POOLSCOPE_CACHE: "/x" }, "linux")).toBe(join("/x", "drivers.jsonl"));
  expect(indexPath({ XDG_CACHE_HOME: "/c" }, "linux")).toBe(join("/c", "poolscope", "drivers.jsonl"));
  expect(indexPath({ LOCALAPPDATA: "/l" }, "win32")).toBe(join("/l", "poolscope", "drivers.jsonl"));
});
