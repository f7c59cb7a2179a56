import { expect, test } from "vitest";
import { ColumnsBuilder } from "../../model/columns-builder.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { LoadedDriver, Program, Surroundings } from "../../model/surroundings.ts";
import { formatTag } from "../../model/tag.ts";
import { BesideRecord } from "./record.ts";
import { besideTables } from "./tables.ts";

const MINUTE = 60_000;

function at(minute: number, surroundings: Surroundings): Snapshot {
  return {
    time: minute * MINUTE,
    origin: { source: "recording", timeBasis: "measured" },
    totals: {},
    counterBits: 64,
    columns: new ColumnsBuilder(0).finish(),
    gaps: [],
    surroundings,
  };
}

function recordOf(snapshots: readonly Snapshot[], bootAt = Infinity): BesideRecord {
  const record = new BesideRecord((_, { time }) => time === bootAt);
  for (const snapshot of snapshots) record.push(snapshot);
  return record;
}

const program = (pid: number, more: Partial<Program>): Program => ({ pid, name: `p${pid}.exe`, ...more });

test("nothing was measured: no table, not an empty one", () => {
  expect(besideTables(recordOf([]))).toEqual({ driverChanges: [] });
});

test("programs gain from the first list that has them; rates are over that time", () => {
  const list = (minute: number, programs: readonly Program[]): Snapshot =>
    at(minute, { programs: { time: minute * MINUTE, programs, isWhole: true } });
  const { programs } = besideTables(
    recordOf([
      list(0, [program(1, { handles: 10, otherOperations: 0, nonpagedQuota: 100 })]),
      list(1, [program(1, { handles: 11 }), program(2, { handles: 5, otherOperations: 600 })]),
      list(2, [
        program(1, { handles: 40, otherOperations: 1200, nonpagedQuota: 400 }),
        program(2, { handles: 7, otherOperations: 1200 }),
        program(3, { handles: 3 }),
      ]),
    ]),
  );
  expect(programs).toMatchObject({ time: 2 * MINUTE, since: 0, isWhole: true, listed: 3 });
  expect(programs?.rows[0]).toMatchObject({ pid: 1, gainedHandles: 30, gainedQuota: 300, otherPerSecond: 10 });
  expect(programs?.rows[1]).toMatchObject({ pid: 2, gainedHandles: 2, otherPerSecond: 10 });
  expect(programs?.rows[2]).not.toHaveProperty("gainedHandles");
});

test("those that lead one ranking are kept however low they are in the others", () => {
  const crowd = Array.from({ length: 300 }, (_, i) => program(i + 10, { handles: 1000 + i }));
  const quiet = program(1, { handles: 1, nonpagedQuota: 5e6 });
  const list = { time: 0, programs: [...crowd, quiet], isWhole: true };
  const rows = besideTables(recordOf([at(0, { programs: list })])).programs?.rows ?? [];
  expect(rows.some(({ pid }) => pid === 1)).toBe(true);
  expect(rows.length).toBeLessThan(170);
});

test("forty programs lead each ranking, and the newest four hundred changes are shown", () => {
  // Handles fall and quota rises with the number: the two rankings share none of 300 programs; the other two take the first ones.
  const crowd = Array.from({ length: 300 }, (_, i) => program(i, { handles: 1000 - i, nonpagedQuota: i + 1 }));
  const rows = besideTables(recordOf([at(0, { programs: { time: 0, programs: crowd, isWhole: true } })])).programs
    ?.rows;
  expect(rows?.map(({ pid }) => pid)).toEqual([
    ...Array.from({ length: 40 }, (_, i) => i),
    ...Array.from({ length: 40 }, (_, i) => 260 + i),
  ]);
  const { driverChanges } = besideTables(
    recordOf(Array.from({ length: 450 }, (_, i) => at(i, { drivers: [{ file: "a.sys", version: String(i) }] }))),
  );
  expect(driverChanges).toHaveLength(400);
  expect(driverChanges[0]?.now?.version).toBe("449");
});

test("objects with their tag and what they gained; a new boot counts anew", () => {
  const counts = (objects: number, handles: number): Surroundings => ({
    objects: [{ type: "Event", objects, handles }],
    live: { processes: 2, threads: 9, handles },
  });
  const tables = besideTables(recordOf([at(0, counts(10, 5)), at(5, counts(90, 6))]));
  expect(tables.objects).toMatchObject({
    since: 0,
    rows: [{ type: "Event", gainedObjects: 80, gainedHandles: 1 }],
  });
  expect(formatTag(tables.objects?.rows[0]?.tag ?? 0)).toBe("Even");
  expect(tables.live?.threads).toBe(9);
  const rebooted = besideTables(recordOf([at(0, counts(10, 5)), at(5, counts(90, 6))], 5 * MINUTE));
  expect(rebooted.objects).not.toHaveProperty("since");
  expect(rebooted.objects?.rows[0]).not.toHaveProperty("gainedObjects");
});

test("the newest list is shown although thinning left its point out", () => {
  const snapshots = Array.from({ length: 600 }, (_, i) =>
    at(i, { objects: [{ type: "File", objects: i, handles: 1 }] }),
  );
  const { objects } = besideTables(recordOf(snapshots));
  expect(objects).toMatchObject({ time: 599 * MINUTE, rows: [{ objects: 599, gainedObjects: 599 }] });
});

test("drivers as they are now, their changes newest first", () => {
  const driver = (file: string, version: string): LoadedDriver => ({ file, version });
  const { drivers, driverChanges } = besideTables(
    recordOf([
      at(0, { drivers: [driver("a.sys", "1")] }),
      at(1, { drivers: [driver("a.sys", "2")] }),
      at(2, { drivers: [driver("a.sys", "2"), driver("b.sys", "7")] }),
    ]),
  );
  expect(drivers).toMatchObject({ time: 2 * MINUTE, rows: [{ file: "a.sys", version: "2" }, { file: "b.sys" }] });
  expect(driverChanges.map(({ now, before }) => [now?.file, before?.version])).toEqual([
    ["b.sys", undefined],
    ["a.sys", "1"],
  ]);
});
