import fc from "fast-check";
import { expect, test } from "vitest";
import { FormatError } from "../model/errors.ts";
import { columnsFromUses } from "../model/columns-builder.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { parseSnapshotLine, renderSnapshotLine, SNAPSHOT_LINE } from "./snapshot-lines.ts";

const snapshot: Snapshot = {
  time: 1_772_323_200_123,
  origin: {
    source: "poolused",
    timeBasis: "marker",
    file: "a\nb.txt",
    host: "WS-07",
    windowsBuild: 19045,
    windowsRevision: 4651,
    windowsEdition: "Professional",
    architecture: "arm64",
    bootTime: 1_772_000_000_001,
    session: "all",
    listing: "partial",
    bytesRoundedTo: 1024,
    notice: 'a "notice"',
  },
  totals: { nonpagedBytes: 2 ** 40, pageFaults: 7 },
  columns: columnsFromUses([
    { tag: 0x0073694c, kind: "nonpaged", allocs: undefined, frees: undefined, outstanding: 4, bytes: 2 ** 52 },
    { tag: 0xff1b5c22, kind: "paged", allocs: 2 ** 45, frees: 3, outstanding: 2 ** 45 - 3, bytes: 0 },
  ]),
  counterBits: 64,
  gaps: [{ where: "x", problem: "y", from: 5, to: 6 }],
  surroundings: {
    objects: [{ type: "ALPC Port", objects: 5, handles: 6, peakObjects: 7 }],
    live: { processes: 1, threads: 2, handles: 3 },
    programs: {
      time: 1_772_323_200_100,
      isWhole: false,
      programs: [
        { pid: 4, name: "System", handles: 9 },
        { pid: 8, name: 'a"b', started: 5, otherOperations: 2 ** 50 },
      ],
    },
    drivers: [{ file: "x.sys", version: "1.2", imageBytes: 4096, stamp: 1, fileTime: 5 }],
    holders: [{ type: "Process", pid: 8, name: "a", handles: 70, of: "b.exe" }],
  },
};

test("a line holds all of a snapshot, on one line", () => {
  const line = renderSnapshotLine(snapshot);
  expect(SNAPSHOT_LINE.test(line)).toBe(true);
  expect(line).not.toMatch(/[\n\r]/);
  expect(parseSnapshotLine(line)).toEqual(snapshot);
});

test("drivers that are those of the line before are not written again", () => {
  const { surroundings } = snapshot;
  expect(parseSnapshotLine(renderSnapshotLine(snapshot, surroundings?.drivers)).surroundings).toEqual({
    ...surroundings,
    drivers: undefined,
  });
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
