import { describe, expect, test } from "vitest";
import { kindCode, rowKey } from "../../model/snapshot.ts";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { HOUR, ramp, recordOf, snapshotOf } from "./beside.test-support.ts";
import { BesideRecord, programKey } from "./record.ts";

const hours = (points: readonly { readonly time: number }[]): number[] => points.map(({ time }) => time / HOUR);
const event = (objects: number) => [{ type: "Event", objects, handles: objects }];

describe("points are thinned evenly, the first stays", () => {
  test("objects: 256 are kept; the 257th halves them, and from then on every second one is taken", () => {
    const list = ramp(256, 0, 1).map((hour) => ({ hour, objects: event(hour) }));
    expect(hours(recordOf(list).objects)).toEqual(ramp(256, 0, 1));
    const more = [...list, ...ramp(4, 256, 1).map((hour) => ({ hour, objects: event(hour) }))];
    expect(hours(recordOf(more).objects)).toEqual(ramp(130, 0, 2));
  });

  test("programs: 128 are kept", () => {
    const list = ramp(128, 0, 1).map((hour) => ({ hour, programs: [] }));
    expect(hours(recordOf(list).programs)).toEqual(ramp(128, 0, 1));
    const more = [...list, ...ramp(4, 128, 1).map((hour) => ({ hour, programs: [] }))];
    expect(hours(recordOf(more).programs)).toEqual(ramp(66, 0, 2));
  });

  test("the newest list is at hand although its point was left out", () => {
    const { newest } = recordOf(
      ramp(258, 0, 1).map((hour) => ({
        hour,
        objects: event(hour),
        live: { processes: hour, threads: 0, handles: 0 },
        programs: [],
      })),
    );
    expect(newest.objects).toMatchObject({ time: 257 * HOUR, list: event(257), live: { processes: 257 } });
    expect(newest.programs?.time).toBe(257 * HOUR);
  });
});

test("a point knows the outstanding blocks of every row that was listed then, and of no other", () => {
  const record = recordOf([
    { hour: 0, programs: [], blocks: { Aaaa: 5, Bbbb: 6 } },
    { hour: 1, programs: [], blocks: { Bbbb: 7, Cccc: 8 } },
  ]);
  const key = (name: string, kind: "paged" | "nonpaged" = "nonpaged"): number => rowKey(tagNamed(name), kindCode(kind));
  const blocks = record.programs.map((point) => ["Aaaa", "Bbbb", "Cccc"].map((name) => point.blocks(key(name))));
  expect(blocks).toEqual([
    [5, 6, undefined],
    [undefined, 7, 8],
  ]);
  expect(record.programs[0]?.blocks(key("Aaaa", "paged"))).toBeUndefined();
});

describe("at a new boot", () => {
  const boots = (moments: readonly Parameters<typeof snapshotOf>[0][], bootAt: number): BesideRecord => {
    const record = new BesideRecord((before, { time }) => before.time < time && time === bootAt * HOUR);
    for (const moment of moments) record.push(snapshotOf(moment));
    return record;
  };

  test("counts begin anew, at every point again", () => {
    const list = ramp(260, 0, 1).map((hour) => ({ hour, objects: event(hour), programs: [] }));
    const record = boots(
      [...list, { hour: 300, objects: event(1), programs: [] }, { hour: 301, objects: event(2), programs: [] }],
      300,
    );
    expect(hours(record.objects)).toEqual([300, 301]);
    expect(hours(record.programs)).toEqual([300, 301]);
  });

  test("what the new boot has not listed yet is not known", () => {
    const record = boots(
      [
        { hour: 0, objects: event(1), programs: [], drivers: [{ file: "a.sys" }] },
        { hour: 1, holders: [] },
      ],
      1,
    );
    expect(record.newest).toMatchObject({ objects: undefined, programs: undefined });
    expect(record.drivers).toEqual([{ file: "a.sys" }]);
  });

  test("drivers are compared across it", () => {
    const record = boots(
      [
        { hour: 0, drivers: [{ file: "a.sys", version: "1" }] },
        { hour: 1, drivers: [{ file: "a.sys", version: "2" }] },
      ],
      1,
    );
    expect(record.changes).toMatchObject([{ time: HOUR, after: 0, before: { version: "1" }, now: { version: "2" } }]);
  });
});

test("a snapshot without anything beside its counters is not looked at, not even for a boot", () => {
  const asked: number[] = [];
  const record = new BesideRecord((before, after) => {
    asked.push(before.time, after.time);
    return false;
  });
  record.push(snapshotOf({ hour: 0, objects: [] }));
  const { surroundings: _, ...bare } = snapshotOf({ hour: 1 });
  record.push(bare);
  record.push(snapshotOf({ hour: 2, objects: [] }));
  expect(asked).toEqual([0, 2 * HOUR]);
  expect(hours(record.objects)).toEqual([0, 2]);
});

describe("changes of drivers", () => {
  test("the same list again is no change; a list that was not taken leaves the last one standing", () => {
    const drivers = [{ file: "a.sys", version: "1" }];
    const record = recordOf([{ hour: 0, drivers }, { hour: 1, drivers }, { hour: 2 }, { hour: 3, drivers: [] }]);
    expect(record.changes).toEqual([{ time: 3 * HOUR, after: HOUR, before: drivers[0] }]);
    expect(record.newest.drivers).toEqual({ time: 3 * HOUR, list: [] });
  });

  test("the newest 4,096 are kept", () => {
    const version = (hour: number) => ({ hour, drivers: [{ file: "a.sys", version: String(hour) }] });
    expect(recordOf(ramp(4097, 0, 1).map(version)).changes).toHaveLength(4096);
    const { changes } = recordOf(ramp(4100, 0, 1).map(version));
    expect(changes).toHaveLength(4096);
    expect(changes[0]?.now?.version).toBe("4");
    expect(changes.at(-1)?.now?.version).toBe("4099");
  });
});

test("a program is known by pid, start and name: pids are used again", () => {
  const key = programKey({ pid: 4, name: "a.exe", started: 10 });
  expect(key).toBe(programKey({ pid: 4, name: "a.exe", started: 10, handles: 9 }));
  for (const other of [{ pid: 5 }, { name: "b.exe" }, { started: 11 }]) {
    expect(programKey({ pid: 4, name: "a.exe", started: 10, ...other })).not.toBe(key);
  }
  expect(programKey({ pid: 4, name: "a.exe" })).toBe("4  a.exe");
});
