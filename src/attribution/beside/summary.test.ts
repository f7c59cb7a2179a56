import { expect, test } from "vitest";
import { ramp, recordOf } from "./beside.test-support.ts";
import { besideSummary } from "./summary.ts";

test("nothing measured, nothing said; a driver change alone is a summary", () => {
  expect(besideSummary(recordOf([{ hour: 0, objects: [] }]))).toBeUndefined();
  const record = recordOf([]);
  const change = { time: 1, after: 0, now: { file: "a.sys" } };
  record.changes.push(change);
  expect(besideSummary(record)).toEqual({ driverChanges: [change], programs: [] });
});

test("handles of the newest list, and what they gained since the first list that has the program", () => {
  const record = recordOf([
    { hour: 0, programs: [{ pid: 1, name: "a.exe", handles: 10 }] },
    {
      hour: 1,
      programs: [
        { pid: 1, name: "a.exe", handles: 90 },
        { pid: 2, name: "b.exe", handles: 50 },
        { pid: 3, name: "c.exe" },
      ],
    },
    {
      hour: 2,
      programs: [
        { pid: 1, name: "a.exe", handles: 100 },
        { pid: 2, name: "b.exe", handles: 45 },
        { pid: 3, name: "c.exe", handles: 5 },
        { pid: 4, name: "d.exe" },
      ],
    },
  ]);
  expect(besideSummary(record)?.programs).toEqual([
    { pid: 1, name: "a.exe", handles: 100, gainedHandles: 90 },
    { pid: 2, name: "b.exe", handles: 45, gainedHandles: -5 },
    { pid: 3, name: "c.exe", handles: 5 },
    { pid: 4, name: "d.exe" },
  ]);
});

test("ten lead by handles and ten by what they gained", () => {
  const pids = ramp(40, 1, 1);
  const list = (hour: number) => ({
    hour,
    // The more handles a program has, the fewer it gained.
    programs: pids.map((pid) => ({ pid, name: "p.exe", handles: 1000 - 10 * pid + (hour === 1 ? pid : 0) })),
  });
  const programs = besideSummary(recordOf([list(0), list(1)]))?.programs.map(({ pid }) => pid);
  expect(programs).toEqual([...ramp(10, 1, 1), ...ramp(10, 40, -1)]);
});
