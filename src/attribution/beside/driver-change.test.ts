import { describe, expect, test } from "vitest";
import type { DriverChange } from "../../model/beside.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import { makeVerdict } from "../../model/verdict.test-support.ts";
import type { Verdict } from "../../model/verdict.ts";
import { HOUR, recordOf } from "./beside.test-support.ts";
import { driverChange } from "./driver-change.ts";
import { windowOf } from "./window.ts";

const MINUTE = 60_000;
const OWNER = new Set(["acme.sys"]);
const NOBODY = new Set<string>();

/** Growth from hour 100 to hour 120: a twentieth of the window is an hour. */
const grown: Partial<Verdict> = { since: 100 * HOUR, until: 120 * HOUR };

/** Lists of drivers: the file is exchanged in the list at `hour`, the list before lies `apart` hours earlier. */
function said(
  changes: readonly { readonly hour: number; readonly apart?: number; readonly file?: string }[],
  owners: ReadonlySet<string>,
  given: Partial<Verdict> = grown,
  recordFrom = 0,
): DriverChange | undefined {
  const record = recordOf([]);
  for (const { hour, apart = 1, file = "acme.sys" } of changes) {
    record.changes.push({
      time: hour * HOUR,
      after: (hour - apart) * HOUR,
      before: { file, version: "1" },
      now: { file, version: "2" },
    });
  }
  return driverChange(windowOf(makeVerdict(given), record), recordFrom, owners);
}

test("a change of the tag's own driver shortly before the onset is likely, with both builds and the time between", () => {
  expect(said([{ hour: 99.5 }], OWNER)).toEqual({
    kind: "driver-change",
    file: "acme.sys",
    before: "1",
    after: "2",
    time: 99.5 * HOUR,
    notBefore: 98.5 * HOUR,
    beforeOnset: HOUR / 2,
    ownsTag: true,
    certainty: "likely",
  });
});

describe("how long before the onset", () => {
  test("the tag's own driver: up to a day", () => {
    expect(said([{ hour: 76 }], OWNER)).toMatchObject({ ownsTag: true, beforeOnset: 24 * HOUR });
    expect(said([{ hour: 76 - 1 / 60 }], OWNER)).toBeUndefined();
  });

  test("any other: up to an hour, only as a possibility, and only where it alone changed", () => {
    expect(said([{ hour: 99 }], NOBODY)).toMatchObject({ ownsTag: false, certainty: "possible", beforeOnset: HOUR });
    expect(said([{ hour: 99 - 1 / 60 }], NOBODY)).toBeUndefined();
    expect(said([{ hour: 99.5 }, { hour: 99.6, file: "other.sys" }], NOBODY)).toBeUndefined();
    expect(said([{ hour: 99.5 }, { hour: 98, file: "other.sys" }], NOBODY)).toMatchObject({ file: "acme.sys" });
  });
});

describe("after the onset", () => {
  test("within a twentieth of the window it may still have come first", () => {
    expect(said([{ hour: 101 }], OWNER)).toMatchObject({ beforeOnset: -HOUR, certainty: "likely" });
    expect(said([{ hour: 101 }], NOBODY)).toMatchObject({ ownsTag: false });
    expect(said([{ hour: 101 + 1 / 60 }], NOBODY)).toBeUndefined();
  });

  test("lists that lie far apart leave the order open: possible, and of the tag's own driver only", () => {
    expect(said([{ hour: 105, apart: 4 }], OWNER)).toMatchObject({ certainty: "possible", ownsTag: true });
    expect(said([{ hour: 105, apart: 4 }], NOBODY)).toBeUndefined();
    expect(said([{ hour: 105, apart: 4 - 1 / 60 }], OWNER)).toBeUndefined();
  });

  test("the window ends where growth ended, else at the last counts, else it has no length", () => {
    const open = { since: 100 * HOUR };
    expect(said([{ hour: 101, apart: 0.5 }], OWNER, open)).toBeUndefined();
    const record = recordOf([{ hour: 110, objects: [] }]);
    record.changes.push({ time: 100.5 * HOUR, after: 100.5 * HOUR, now: { file: "acme.sys" } });
    expect(driverChange(windowOf(makeVerdict(open), record), 0, OWNER)).toMatchObject({ beforeOnset: -HOUR / 2 });
    record.changes.push({ time: 100.5 * HOUR + MINUTE, after: 100.5 * HOUR + MINUTE, now: { file: "acme.sys" } });
    record.changes.shift();
    expect(driverChange(windowOf(makeVerdict(open), record), 0, OWNER)).toBeUndefined();
  });
});

test("growth without an onset, or from the first snapshot on, has no change that began it", () => {
  expect(said([{ hour: 99.5 }], OWNER, {})).toBeUndefined();
  expect(said([{ hour: 99.5 }], OWNER, grown, 100 * HOUR)).toBeUndefined();
  expect(said([{ hour: 99.5 }], OWNER, grown, 100 * HOUR - 1)).toBeDefined();
});

test("of several changes of the tag's drivers the nearest is told, before or after", () => {
  const owners = new Set(["acme.sys", "helper.sys"]);
  expect(said([{ hour: 90 }, { hour: 99, file: "helper.sys" }, { hour: 95 }], owners)?.file).toBe("helper.sys");
  expect(said([{ hour: 99 }, { hour: 100.5, file: "helper.sys" }], owners)?.file).toBe("helper.sys");
});

test("an unloaded driver began nothing; one loaded for the first time, or without a known build, is told as it is", () => {
  const record = recordOf([]);
  const change = (now?: LoadedDriver, before?: LoadedDriver): DriverChange | undefined => {
    record.changes.length = 0;
    record.changes.push({ time: 99 * HOUR, after: 98 * HOUR, ...(now && { now }), ...(before && { before }) });
    return driverChange(windowOf(makeVerdict(grown), record), 0, OWNER);
  };
  expect(change(undefined, { file: "acme.sys" })).toBeUndefined();
  const fresh = change({ file: "ACME.SYS", version: "2" });
  expect(fresh).toMatchObject({ file: "ACME.SYS", after: "2" });
  expect(fresh).not.toHaveProperty("before");
  expect(change({ file: "acme.sys" }, { file: "acme.sys", version: "1" })).not.toHaveProperty("after");
});
