import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { writeParquet } from "../src/cli/export-parquet.ts";
import { usesOf, type Snapshot } from "../src/model/snapshot.ts";
import { formatTag } from "../src/model/tag.ts";
import {
  leakingSnaps,
  openWriter,
  ORIGIN,
  readRecording,
  snap,
  T0,
  temporaryFolder,
  writeRecording,
} from "../src/store/recording.test-support.ts";

const program = fileURLToPath(new URL("../bin/poolscope.mjs", import.meta.url));

function poolscope(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", maxBuffer: 1e9 });
}

/** What CSV and PoolMon text can hold of snapshots: times and counters, in no order. */
function counters(snapshots: readonly Snapshot[]): unknown[] {
  return snapshots.map(({ time, columns }) => [time, new Set(usesOf(columns).map((use) => JSON.stringify(use)))]);
}

const odd = [
  snap(
    T0,
    ["a\\x00\\xff\\x1b nonpaged 9007199254740991 1 48", "Irp paged 5 5 0", "\\x22,\\x22 paged 4294967296 7 16"],
    {
      totals: { nonpagedBytes: 2 ** 45 },
      gaps: [{ where: "somewhere", problem: "something" }],
    },
  ),
  snap(T0 + 1234, ["a\\x00\\xff\\x1b nonpaged 9007199254740991 0 64", "New\\x20 paged 1 0 32"], {
    origin: { ...ORIGIN, notice: "not Windows" },
  }),
];

describe("export and import", () => {
  test("JSON lines lose nothing", () => {
    const folder = temporaryFolder();
    writeRecording(join(folder, "a"), odd);
    const { status, stderr } = poolscope("export", join(folder, "a"), "-o", join(folder, "a.jsonl"));
    expect([status, stderr]).toEqual([0, `${join(folder, "a.jsonl")}: 2 snapshots\n`]);
    expect(poolscope("import", join(folder, "b"), join(folder, "a.jsonl")).status).toBe(0);
    expect(readRecording(join(folder, "b"))).toEqual({ snapshots: odd, gaps: [] });
    expect(readdirSync(folder).sort()).toEqual(["a", "a.jsonl", "b"]);
  });

  test("CSV keeps time, tag, pool and counters of every row", () => {
    const folder = temporaryFolder();
    writeRecording(join(folder, "a"), odd);
    writeFileSync(join(folder, "a.csv"), poolscope("export", join(folder, "a")).stdout);
    expect(poolscope("import", join(folder, "b"), join(folder, "a.csv")).status).toBe(0);
    expect(counters(readRecording(join(folder, "b")).snapshots)).toEqual(counters(odd));
  });

  test("PoolMon text keeps what PoolMon shows, with the time of each snapshot", () => {
    const folder = temporaryFolder();
    const all = leakingSnaps(3);
    writeRecording(join(folder, "a"), all);
    writeFileSync(join(folder, "a.txt"), poolscope("export", join(folder, "a"), "--format", "poolmon").stdout);
    expect(poolscope("import", join(folder, "b"), join(folder, "a.txt")).status).toBe(0);
    const { snapshots } = readRecording(join(folder, "b"));
    expect(counters(snapshots)).toEqual(counters(all));
    expect(snapshots[0]?.origin).toMatchObject({ source: "poolmon", timeBasis: "marker" });
  });

  test("Parquet holds a row for each row, readable by DuckDB", async () => {
    const duckdb = await import("@duckdb/node-api").catch(() => undefined);
    if (duckdb === undefined) return process.stderr.write("@duckdb/node-api is missing: Parquet is not tested\n");
    const folder = temporaryFolder();
    const unknown = leakingSnaps(800).map((one, i) =>
      i > 0 ? one : { ...one, columns: { ...one.columns, allocs: one.columns.allocs.map(() => Number.NaN) } },
    );
    writeRecording(join(folder, "a"), unknown);
    const file = join(folder, "it's.parquet");
    expect(poolscope("export", join(folder, "a"), "-o", file).status).toBe(0);
    const connection = await (await duckdb.DuckDBInstance.create()).connect();
    const result = await connection.runAndReadAll(
      `SELECT epoch_ms(time) AS t, tag, raw, pool, allocs, outstanding, bytes FROM '${file.replaceAll("'", "''")}' ORDER BY time, tag DESC`,
    );
    const rows = result.getRows();
    expect(rows).toHaveLength(1600);
    expect(rows[0]).toEqual([BigInt(T0), "Leak", 0x6b61654c, "nonpaged", null, 50n, 3200n]);
    expect(rows.at(-2)).toEqual([BigInt(T0 + 7_990_000), "Leak", 0x6b61654c, "nonpaged", 899n, 849n, 54336n]);
    connection.closeSync();
    return undefined;
  });

  test("Parquet without DuckDB says what to install, and leaves nothing behind", async () => {
    const missing = () => Promise.reject(new Error("Cannot find package '@duckdb/node-api'"));
    async function* none(): AsyncIterable<Snapshot> {}
    await expect(writeParquet("x.parquet", none(), missing)).rejects.toThrow(
      /optional package @duckdb\/node-api, which cannot be loaded here: Cannot find package.*`npm install @duckdb\/node-api`, or export csv or jsonl/,
    );
    expect(existsSync("x.parquet")).toBe(false);
    const folder = temporaryFolder();
    writeRecording(join(folder, "a"), odd);
    expect(poolscope("export", join(folder, "a"), "--format", "parquet")).toMatchObject({
      status: 2,
      stderr: "poolscope: parquet is not text: name a file with --output\n",
    });
    expect(poolscope("export", join(folder, "a"), "-o", join(folder, "none", "x.csv"))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/cannot be written: .*check its folder/) as string,
    });
  });

  test("many files become one recording; a second import brings only what is new; two machines are refused", () => {
    const folder = temporaryFolder();
    const all = leakingSnaps(30);
    mkdirSync(join(folder, "parts"));
    for (const [name, from, to] of [
      ["b", 0, 10],
      ["a", 10, 20],
      ["c", 20, 30],
    ] as const)
      writeRecording(join(folder, "parts", name), all.slice(from, to));
    const target = join(folder, "all");
    expect(poolscope("import", target, join(folder, "parts", "b")).stderr).toMatch(
      /imported 10 snapshots; .* holds 10/,
    );
    expect(JSON.parse(poolscope("import", target, join(folder, "parts"), "--json").stdout)).toMatchObject({
      file: target,
      imported: 20,
      leftOut: 10,
      snapshots: 30,
      intake: { files: 3, hosts: [{ name: "WS-07" }], snapshots: 30 },
    });
    expect(readRecording(target).snapshots).toEqual(all);
    expect(poolscope("import", target, join(folder, "parts"))).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^nothing new: 30 snapshots/m) as string,
    });
    writeRecording(join(folder, "other"), leakingSnaps(2, 1000, T0 + 1e9, { origin: { ...ORIGIN, host: "OTHER" } }));
    expect(poolscope("import", target, join(folder, "other"))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/is the history of WS-07, this is of OTHER/) as string,
    });
  });

  test("what a damaged recording still holds can be saved into another", () => {
    const folder = temporaryFolder();
    const file = join(folder, "a");
    const all = leakingSnaps(3000);
    writeRecording(file, all);
    writeFileSync(file, readFileSync(file).subarray(0, -9000));
    const { status, stderr } = poolscope("import", join(folder, "b"), file);
    expect(stderr).toMatch(/imported 2,[0-9]{3} snapshots/);
    expect(status).toBe(0);
    expect(() => openWriter(file)).toThrow(/damaged or cut short and cannot be appended to; save what can be read/);
    const saved = readRecording(join(folder, "b")).snapshots;
    expect(saved.at(-1)?.gaps[0]?.problem).toMatch(/cannot be read/);
    expect(saved.slice(0, -1)).toEqual(all.slice(0, saved.length - 1));
  });

  test("a recording may come by standard input", () => {
    const file = join(temporaryFolder(), "a");
    writeRecording(file, leakingSnaps(5));
    const input = readFileSync(file);
    const { stdout } = spawnSync(process.execPath, [program, "export", "-", "--format", "csv"], {
      input,
      encoding: "utf8",
    });
    expect(stdout.trimEnd().split("\n")).toHaveLength(1 + 5 * 2);
  });

  test.skipIf(process.platform === "win32")("a reader that has seen enough ends it quietly", () => {
    const file = join(temporaryFolder(), "a");
    writeRecording(file, leakingSnaps(20_000));
    const script = `"${process.execPath}" "${program}" export "${file}" | head -2; echo "code \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^time,.*\n.*\ncode 0\n$/);
  });

  test("info tells the story of a recording", () => {
    const folder = temporaryFolder();
    const file = join(folder, "a");
    const first = leakingSnaps(10);
    const second = leakingSnaps(10, 10_000, T0 + 3_700_000, {
      origin: { ...ORIGIN, bootTime: T0 + 3_600_000, notice: "not Windows" },
      gaps: [{ where: "recorder", problem: "not recorded: the recorder was killed" }],
    });
    const late = leakingSnaps(10, 10_000, T0 + 7_300_000, { origin: { ...ORIGIN, bootTime: T0 + 3_600_000 } });
    writeRecording(file, [...first, ...second, ...late], { every: 10_000, program: "poolscope 1" });
    const { status, stdout } = poolscope("info", file);
    expect(status).toBe(0);
    const [story = "", notRead] = stdout.split(/\n(?=Not read)/);
    expect(notRead).toContain("not recorded: the recorder was killed");
    expect(story.replace(/ [\d.]+ KiB/, " SIZE")).toBe(`${file}: 30 snapshots, 2 boots, SIZE
2026-03-01 00:00:00Z to 2026-03-01 02:03:10Z (2 h 3 min), mostly every 10 s
2 tags in 2 rows of tag and pool; from windows-live
not Windows
written in 1 session; the last one by poolscope 1, every 10 s, started 2026-03-01 00:00:00Z, ended 2026-03-01 00:00:00Z

Machine  Build  Boot                  First snapshot        Last snapshot         Snapshots
WS-07    19045  2026-02-28 23:00:00Z  2026-03-01 00:00:00Z  2026-03-01 00:01:30Z         10
WS-07    19045  2026-03-01 01:00:00Z  2026-03-01 01:01:40Z  2026-03-01 02:03:10Z         20

Pauses (1):
  2026-03-01 01:03:10Z to 2026-03-01 02:01:40Z: 59 min
`);
    const json = JSON.parse(poolscope("info", file, "--json").stdout) as Record<string, unknown>;
    expect(json).toMatchObject({
      snapshots: 30,
      intervalMs: 10_000,
      tags: 2,
      boots: [{ snapshots: 10 }, { snapshots: 20 }],
    });
    expect(poolscope("info", program)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/this is not a recording/) as string,
    });
    expect(poolscope("info", folder)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/is a folder/) as string,
    });
    expect(formatTag(0)).toBe("\\x00\\x00\\x00\\x00");
  });
});
