import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../model/errors.ts";
import { columnsFromUses } from "../model/columns-builder.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { parseSnapshotLine, renderSnapshotLine, SNAPSHOT_LINE_START } from "./snapshot-lines.ts";

const snapshot: Snapshot = {
  time: 1_772_323_200_123,
  origin: {
    source: "poolused",
    timeBasis: "marker",
    file: "a\nb.txt",
    host: "WS-07",
    windowsBuild: 19045,
    architecture: "arm64",
    bootTime: 1_772_000_000_001,
    session: "all",
    notice: 'a "notice"',
  },
  totals: { nonpagedBytes: 2 ** 40, pageFaults: 7 },
  columns: columnsFromUses([
    { tag: 0x0073694c, kind: "nonpaged", allocs: undefined, frees: undefined, outstanding: 4, bytes: 2 ** 52 },
    { tag: 0xff1b5c22, kind: "paged", allocs: 2 ** 45, frees: 3, outstanding: 2 ** 45 - 3, bytes: 0 },
  ]),
  counterBits: 64,
  gaps: [{ where: "x", problem: "y", from: 5, to: 6 }],
};

test("a line holds all of a snapshot, on one line", () => {
  const line = renderSnapshotLine(snapshot);
  expect(line.startsWith(SNAPSHOT_LINE_START)).toBe(true);
  expect(line).not.toMatch(/[\n\r]/);
  expect(parseSnapshotLine(line)).toEqual(snapshot);
});

test("anything else is a FormatError", () => {
  const line = renderSnapshotLine(snapshot);
  fc.assert(
    fc.property(fc.nat(line.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
      try {
        parseSnapshotLine(line.slice(0, at) + text + line.slice(at + text.length));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { numRuns: 1000 },
  );
  for (const text of ["", "[]", "{}", "null", '{"poolscope":2}', '{"poolscope":1,"counterBits":64,"time":"now"}'])
    expect(() => parseSnapshotLine(text)).toThrow(FormatError);
});
