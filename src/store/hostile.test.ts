import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import { foreignPage, readTornCopies } from "../../bench/torn-copies.ts";
import { AccessError, FormatError } from "../model/errors.ts";
import { readInfo } from "./info.ts";
import { RecordingReader } from "./reader.ts";
import { leakingSnaps, openWriter, readRecording, temporaryFolder, writeRecording } from "./recording.test-support.ts";

/** A recording of 40 snapshots that somebody changed with SQLite's own tools. */
function forged(sql: string): string {
  const file = join(temporaryFolder(), "forged.pool");
  writeRecording(file, leakingSnaps(40));
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
  return file;
}

const NOT_OURS = /its tables are not those of a recording: /;

describe("a schema that is not ours is refused before a row is read", () => {
  it.each([
    [
      "a trigger that deletes what is written",
      "CREATE TRIGGER t AFTER INSERT ON snapshot BEGIN DELETE FROM snapshot; END",
    ],
    [
      "a view in place of a table",
      "DROP TABLE mapped_driver; CREATE VIEW mapped_driver AS WITH RECURSIVE n(tag) AS (SELECT 1 UNION ALL SELECT tag + 1 FROM n) SELECT tag, 'x' AS text FROM n",
    ],
    [
      "a generated column",
      "ALTER TABLE session RENAME TO s; CREATE TABLE session (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, pid, every, program AS (zeroblob(900000000)), ended, outcome); DROP TABLE s",
    ],
    ["a column more", "ALTER TABLE snapshot ADD COLUMN more TEXT"],
    ["a table more", "CREATE TABLE notes (id INTEGER PRIMARY KEY)"],
    ["an index on an expression", "CREATE INDEX i ON snapshot (abs(time))"],
    ["an index less", "DROP INDEX snapshot_boot"],
  ])("%s", (_, sql) => {
    const file = forged(sql);
    expect(() => readRecording(file)).toThrow(NOT_OURS);
    expect(() => openWriter(file)).toThrow(NOT_OURS);
  });
});

test("a text longer than any of ours costs its snapshot and those that build on it, not the memory", () => {
  const file = forged("UPDATE snapshot SET gaps = printf('%.*c', 60000000, 'x') WHERE id = 30");
  const before = process.memoryUsage().rss;
  const { snapshots, gaps } = readRecording(file);
  expect(snapshots).toHaveLength(29);
  expect(gaps.map(({ problem }) => problem).join()).toMatch(/cannot be read: string or blob too big/);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
});

test("a pile of notes with one snapshot is one note that says so", () => {
  const file = forged(`UPDATE snapshot SET gaps = '["' || printf('%.*c', 2000000, 'x') || '"]' WHERE id = 2`);
  expect(readRecording(file).snapshots[1]?.gaps).toEqual([
    { where: "recording", problem: "damaged or hostile: more than 1 MiB of notes with one snapshot" },
  ]);
});

test("what the recorder reports as written is read back, and counted at its end", () => {
  const folder = temporaryFolder();
  const [first, second] = leakingSnaps(2);
  if (first === undefined || second === undefined) throw new Error("two snapshots were made");
  const changed = openWriter(join(folder, "a"));
  // A trigger that comes after the schema was looked at.
  changed.db.exec(
    "CREATE TEMP TRIGGER t AFTER INSERT ON main.snapshot BEGIN DELETE FROM main.snapshot WHERE id = new.id; END",
  );
  expect(() => changed.append(first)).toThrow(/does not hold the snapshot that was just written \(id 1\)/);
  const taken = openWriter(join(folder, "b"));
  taken.append(first, second);
  taken.db.exec("DELETE FROM snapshot WHERE id = 1");
  expect(() => taken.close(0)).toThrow(/holds 1 snapshots where 2 were written/);
});

test("a pipe and a device are no recordings", () => {
  expect(() => RecordingReader.open("/dev/zero")).toThrow(
    process.platform === "win32" ? AccessError : /is not a regular file; name a file on a disk/,
  );
});

test("torn copies: what is intact is read, once, and soon", () => {
  const { lost, repeated, failures, intact, slowestMs } = readTornCopies(40, 3);
  expect({ lost, repeated, failures }).toEqual({ lost: 0, repeated: 0, failures: [] });
  expect(intact).toBeGreaterThan(1000);
  expect(slowestMs).toBeLessThan(5000);
});

test("a page of another table over one of snapshots costs those that stood there, not those behind", () => {
  const { lost, repeated, failures, intact } = readTornCopies(40, 9, foreignPage);
  expect({ lost, repeated, failures }).toEqual({ lost: 0, repeated: 0, failures: [] });
  expect(intact).toBeGreaterThan(1000);
});

const samples = fileURLToPath(new URL("../../../shared/samples/hostile/", import.meta.url));

describe.skipIf(!existsSync(samples))(
  "recordings that were found to hang or to eat memory (samples are not here)",
  () => {
    const copyOf = (name: string): string => {
      const file = join(mkdtempSync(join(tmpdir(), "poolscope-hostile-")), name);
      for (const suffix of ["", "-wal"])
        if (existsSync(samples + name + suffix)) copyFileSync(samples + name + suffix, file + suffix);
      return file;
    };

    it.each(["gen_zeroblob.pool", "gen_gaps.pool"])("%s is refused", (name) => {
      expect(() => RecordingReader.open(copyOf(name))).toThrow(FormatError);
    });

    it("a copy that was cut beside its log gives each snapshot once", () => {
      const file = copyOf("cut-with-wal.pool");
      const reader = RecordingReader.open(file);
      const info = readInfo(reader);
      const ids = Array.from(reader.steps(), ({ id }) => id);
      reader.close();
      expect(info.snapshots).toBe(36);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      expect(ids).toHaveLength(36);
      expect(info.gaps.at(-1)).toEqual({
        where: file,
        problem:
          "the file is damaged; 36 snapshots could be read, each whole by its checksum; how many are lost cannot be told",
      });
      // Nothing was put into the damaged file.
      expect(existsSync(`${file}-wal`)).toBe(true);
    });

    it("rows out of order end, with nothing that is not whole", () => {
      const file = copyOf("hang-rows-out-of-order.pool");
      const { snapshots, gaps } = readRecording(file);
      expect(snapshots).toEqual([]);
      expect(gaps.length).toBeGreaterThan(0);
    });
  },
);
