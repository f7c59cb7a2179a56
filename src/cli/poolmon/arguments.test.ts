import { describe, expect, it } from "vitest";
import { UsageError } from "../../model/errors.ts";
import { NONPAGED, PAGED } from "../../model/snapshot.ts";
import { parseTag } from "../../model/tag.ts";
import { writeProblem } from "./write-problem.ts";
import { argumentsFor, filterOf, parsePoolmonArguments } from "./arguments.ts";

const tag = (text: string): number => parseTag(text) ?? 0;

describe("PoolMon's command line", () => {
  it("takes flags with / and - in any mix", () => {
    expect(parsePoolmonArguments(["-p", "/p", "-e", "/(", "/b", "-iStrg", "/xIo?", "-l"])).toEqual({
      help: false,
      include: ["Strg"],
      exclude: ["Io?"],
      pool: "paged",
      totals: true,
      byChange: true,
      sort: "bytes",
      highlight: false,
    });
  });

  it.each([
    [["/n"], { snapshotFile: "poolsnap.log" }],
    [["-b", "-n", "C:\\logs\\snap.log", "/p"], { snapshotFile: "C:\\logs\\snap.log", pool: "nonpaged" }],
    [["/n", "/b"], { snapshotFile: "poolsnap.log", sort: "bytes" }],
    [["/n", "/tmp/pool.log"], { snapshotFile: "/tmp/pool.log" }],
    [["/n", "/iAfdB"], { snapshotFile: "poolsnap.log", include: ["AfdB"] }],
    [["/g"], { poolTagFile: true }],
    [["/g", "my.txt", "/c"], { poolTagFile: "my.txt", localTagFile: "localtag.txt" }],
    [["/p", "-p", "/p"], { pool: "both" }],
    [["/?"], { help: true }],
    [["-h"], { help: true }],
    [["--help"], { help: true }],
    [["/s"], { session: "all" }],
    [["-s3"], { session: 3 }],
  ] as const)("%j", (args, expected) => {
    expect(parsePoolmonArguments(args)).toMatchObject(expected);
  });

  it.each([
    [["/z"], /"\/z" is no flag of PoolMon; see poolmon \/\?/],
    [["/i", "Irp"], /follows without a space, as in \/iIrp/],
    [["Irp"], /every flag starts with/],
    [["/bb"], /no flag/],
    [["/sx"], /no flag/],
    [["/\u001b[2J"], /"\/\?\[2J"/],
  ] as const)("refuses %j in one line", (args, message) => {
    expect(() => parsePoolmonArguments(args)).toThrow(UsageError);
    expect(() => parsePoolmonArguments(args)).toThrow(message);
  });

  it("filters as PoolMon does: case-sensitive, wildcards, exclusion last", () => {
    const passes = filterOf(parsePoolmonArguments(["/iIo*", "/iIrp", "/xIoN?", "/p"]));
    expect(passes(tag("Irp "), NONPAGED)).toBe(true);
    expect(passes(tag("Irp "), PAGED)).toBe(false);
    expect(passes(tag("IoUs"), NONPAGED)).toBe(true);
    expect(passes(tag("IoNm"), NONPAGED)).toBe(false);
    expect(passes(tag("irp "), NONPAGED)).toBe(false);
  });

  it.each([
    ["EACCES", "permission denied"],
    ["EROFS", "the disk is read-only"],
    ["ENOENT", "no such folder"],
    ["EOTHER", "something else"],
  ])("says why a file cannot be written: %s", (code, words) => {
    expect(writeProblem(Object.assign(new Error("something else"), { code }))).toBe(words);
  });

  it("knows by which name the program was started", () => {
    expect(argumentsFor("C:\\tools\\PoolMon.exe", ["/b"])).toEqual(["poolmon", "/b"]);
    expect(argumentsFor("/usr/bin/poolmon", [])).toEqual(["poolmon"]);
    expect(argumentsFor("C:\\poolmon\\poolscope.exe", ["leaks"])).toEqual(["leaks"]);
  });
});
