import { describe, expect, test } from "vitest";
import { tagOfKey } from "../../model/snapshot.ts";
import { formatTag } from "../../model/tag.ts";
import { tagNamed } from "../../model/verdict.test-support.ts";
import { areParts, exclusiveness, groupTags, keptShare, lockstep, rootOf } from "./groups.ts";
import type { TagJudgement } from "./judge.ts";
import { makeJudgement, ramp, type Given } from "./judgement.test-support.ts";

/** A line with a wobble of its own, so that it follows no other line closely. */
const wobbling = (rise: number, height: number, turn: number): number[] =>
  ramp(40, 1000, rise).map((count, i) => count + height * Math.sin(turn * i));

function tag(
  name: string,
  rise: number,
  given: Partial<Given> & { readonly turn?: number; readonly height?: number; readonly error?: number } = {},
): TagJudgement {
  const { turn = 1, height = 0, error = 0.01, ...rest } = given;
  return makeJudgement({
    name,
    counts: wobbling(rise, height, turn),
    blocks: { value: rise, error: error * rise, now: rise },
    ...rest,
  });
}

const names = (list: readonly TagJudgement[]): string[] => list.map((j) => formatTag(tagOfKey(j.key)));

describe("lockstep", () => {
  test.each([1, 2, 3, 4, 1 / 2, 1 / 3, 1 / 4])("one count that repeats another %d times", (ratio) => {
    expect(lockstep(tag("aaaa", 12), tag("bbbb", 12 * ratio))).toBeCloseTo(ratio, 9);
  });

  test("a ratio that no object has is none, however closely it is kept", () => {
    expect(lockstep(tag("aaaa", 12), tag("bbbb", 18))).toBeUndefined();
    expect(lockstep(tag("aaaa", 100), tag("bbbb", 105))).toBeCloseTo(1.05, 9);
    expect(lockstep(tag("aaaa", 100), tag("bbbb", 107))).toBeUndefined();
  });

  test("counts of the same kind of growth only", () => {
    expect(lockstep(tag("aaaa", 12), tag("bbbb", 12, { factor: "size" }))).toBeUndefined();
    expect(lockstep(tag("aaaa", 12, { factor: "size" }), tag("bbbb", 12))).toBeUndefined();
    expect(lockstep(tag("aaaa", 12), tag("bbbb", 12, { kind: "stopped" }))).toBeUndefined();
    expect(lockstep(tag("aaaa", 12), tag("bbbb", -12))).toBeUndefined();
    expect(lockstep(tag("aaaa", 12), tag("bbbb", 0))).toBeUndefined();
  });

  test("slopes that are known well and agree in each quarter of the record, where wobbles hide the likeness", () => {
    const a = tag("aaaa", 10, { height: 18, turn: 2.1 });
    expect(lockstep(a, tag("bbbb", 10, { height: 18, turn: 2.9 }))).toBeCloseTo(1, 9);
    expect(lockstep(a, tag("bbbb", 10, { height: 18, turn: 2.9, error: 0.2 }))).toBeUndefined();
    expect(lockstep(a, tag("bbbb", 10, { height: 18, turn: 2.9, error: 0.2, companion: true }))).toBeCloseTo(1, 9);
    // Nearer than a fiftieth and two errors.
    const near = (rise: number) => lockstep(a, tag("bbbb", rise, { height: 18, turn: 2.9, error: 0.01 }));
    expect(near(10.4)).toBeCloseTo(1.04, 9);
    expect(near(10.6)).toBeUndefined();
  });

  test("a count that rises at other times is none", () => {
    const late = ramp(40, 0, 1).map((i) => 1000 + Math.max(0, i - 20) * 20);
    expect(lockstep(tag("aaaa", 10), tag("bbbb", 10, { counts: late }))).toBeUndefined();
  });

  test("known parts of one object need not agree in each quarter", () => {
    const late = ramp(40, 0, 1).map((i) => 1000 + Math.max(0, i - 20) * 20);
    expect(lockstep(tag("Proc", 10), tag("Toke", 10, { counts: late }))).toBeCloseTo(1, 9);
    expect(lockstep(tag("Proc", 10), tag("Toke", 10.8, { counts: late }))).toBeCloseTo(1.08, 9);
    expect(lockstep(tag("Proc", 10), tag("Toke", 11.5, { counts: late }))).toBeUndefined();
  });

  test("a record that began later for one of them is compared from there on", () => {
    expect(lockstep(tag("aaaa", 10), tag("bbbb", 10, { counts: ramp(30, 500, 10) }))).toBeCloseTo(1, 9);
  });
});

describe("groups", () => {
  test("the root of known objects leads, then what keeps the largest share of its allocations", () => {
    const [proc, toke] = [tag("Proc", 10), tag("Toke", 10)];
    const groups = groupTags([toke, proc]);
    expect(groups).toHaveLength(1);
    expect(names([groups[0]?.lead ?? toke])).toEqual(["Proc"]);
    expect(groups[0]?.members).toEqual([{ judgement: toke, ratio: 1, margin: 0 }]);
    const busy = tag("busy", 10, { allocs: ramp(40, 0, 1000) });
    const rare = tag("rare", 10, { allocs: ramp(40, 0, 10) });
    expect(names(groupTags([busy, rare]).map(({ lead }) => lead))).toEqual(["rare"]);
  });

  test("what goes with nothing stands alone", () => {
    const groups = groupTags([tag("aaaa", 10), tag("bbbb", 15)]);
    expect(groups.map(({ lead, members }) => [names([lead])[0], members.length])).toEqual([
      ["aaaa", 0],
      ["bbbb", 0],
    ]);
    expect(groupTags([])).toEqual([]);
  });

  test("a follower joins the group of what it follows, whatever its ratio, also through a member", () => {
    const lead = tag("aaaa", 10);
    const member = tag("bbbb", 20);
    const of = (name: string, key: number, ratio: number) => tag(name, 7, { follows: { key, ratio } });
    const [direct, through, stray] = [of("cccc", lead.key, 0.7), of("dddd", member.key, 0.35), of("eeee", 12_345, 1)];
    const groups = groupTags([stray, through, direct, member, lead]);
    const group = groups.find((each) => each.members.length > 0);
    expect(new Set(names([group?.lead ?? lead, ...(group?.members ?? []).map(({ judgement }) => judgement)]))).toEqual(
      new Set(["aaaa", "bbbb", "cccc", "dddd"]),
    );
    const ratio = (j: TagJudgement) => group?.members.find(({ judgement }) => judgement === j)?.ratio ?? 1;
    expect(ratio(direct) / ratio(lead)).toBeCloseTo(0.7, 9);
    expect(ratio(through) / ratio(member)).toBeCloseTo(0.35, 9);
    expect(names(groups.map((each) => each.lead))).toContain("eeee");
  });
});

describe("parts of one object", () => {
  test.each([
    ["Proc", "Toke", true],
    ["Toke", "PsIm", true],
    ["Thre", "KSTK", true],
    ["AfdE", "TcpE", true],
    ["File", "MmCa", true],
    ["Toke", "SeSd", true],
    ["Proc", "MmCa", false],
    ["Leak", "Toke", false],
    ["Proc", "Leak", false],
  ])("%s and %s: %s", (a, b, are) => {
    expect(areParts(tagNamed(a), tagNamed(b))).toBe(are);
    expect(areParts(tagNamed(b), tagNamed(a))).toBe(are);
  });

  test.each([
    ["Proc", "process"],
    ["Thre", "thread"],
    ["AfdE", "socket"],
    ["File", "file"],
    ["Toke", "token"],
    ["PsIm", undefined],
  ])("%s is a %s", (name, what) => {
    expect(rootOf(tagNamed(name))).toBe(what);
  });
});

test("the share kept is blocks gained per allocation, between nothing and all; unknown without counters", () => {
  const kept = (blocks: number, allocs?: readonly number[]) =>
    makeJudgement({ counts: [100, 100 + blocks], ...(allocs && { allocs }) });
  expect(keptShare(kept(30, [1000, 1120]))).toBe(0.25);
  expect(keptShare(kept(300, [1000, 1120]))).toBe(1);
  expect(keptShare(kept(-30, [1000, 1120]))).toBe(0);
  expect(keptShare(kept(30, [1000, 1000]))).toBeUndefined();
  expect(keptShare(kept(30))).toBeUndefined();
  expect([exclusiveness(kept(30, [1000, 1120])), exclusiveness(kept(30))]).toEqual([0.25, 0]);
});
