import { describe, expect, test } from "vitest";
import type { Suspect } from "../model/attribution.ts";
import { makeAttribution, makeVerdict, tagNamed } from "../model/verdict.test-support.ts";
import type { Verdict } from "../model/verdict.ts";
import { haveOneSuspect, mergeFindings } from "./merge.ts";

function pointing(
  name: string,
  driver: string | readonly string[],
  given: Partial<Verdict> = {},
  certainty: Suspect["certainty"] = "likely",
): Verdict {
  const verdict = makeVerdict({ name, ...given });
  const names = typeof driver === "string" ? [driver] : driver;
  const suspect: Suspect = {
    names,
    tag: verdict.tag,
    certainty,
    nature: "third-party",
    basis: "list",
    scope: "unknown",
  };
  return { ...verdict, attribution: makeAttribution(verdict, { suspect }) };
}

const end = (hours: number) => ({
  hours: { value: hours, low: hours, high: hours },
  at: hours,
  against: "ram" as const,
  limitBytes: 1,
  limitBasis: { kind: "less-pools" as const },
});

test("findings of one driver become one, with the sums of both and the sooner end", () => {
  const a = pointing("zzA1", "acme.sys", {
    blocksPerHour: 10,
    since: 50,
    exhaustion: end(9),
    heldBytes: 1,
    outstanding: 2,
    grownBytes: 3,
  });
  const b = pointing("zzB1", "ACME.SYS", {
    blocksPerHour: 5,
    since: 40,
    kind: "paged",
    exhaustion: end(4),
    confidence: 0.95,
    keptShare: 0.5,
    heldBytes: 10,
    outstanding: 20,
    grownBytes: 30,
  });
  const [only, ...more] = mergeFindings([a, b], haveOneSuspect);
  expect(more).toEqual([]);
  expect(only).toMatchObject({
    tag: tagNamed("zzA1"),
    since: 40,
    confidence: 0.95,
    exhaustion: { hours: { value: 4 } },
  });
  expect(only?.group).toEqual([
    {
      tag: tagNamed("zzB1"),
      kind: "paged",
      ratio: 0.5,
      bytesPerHour: 2 ** 20,
      heldBytes: 10,
      outstanding: 20,
      grownBytes: 30,
      keptShare: 0.5,
    },
  ]);
  expect(only?.total).toEqual({
    bytesPerHour: { value: 2 ** 21, low: 2e6, high: 2.2e6 },
    heldBytes: 11,
    outstanding: 22,
    grownBytes: 33,
    pools: { nonpaged: 2 ** 20, paged: 2 ** 20 },
  });
  expect(only?.attribution).toBeUndefined();
});

test("a possibility, one of several, another driver or another state is not the same cause", () => {
  const a = pointing("zzA1", "acme.sys");
  for (const b of [
    pointing("zzB1", "acme.sys", {}, "possible"),
    pointing("zzB1", ["acme.sys", "b.sys"]),
    pointing("zzB1", "other.sys"),
    pointing("zzB1", "acme.sys", { state: "stopped-held" }),
    makeVerdict({ name: "zzB1" }),
  ]) {
    expect(mergeFindings([a, b], haveOneSuspect)).toEqual([a, b]);
    expect(mergeFindings([b, a], haveOneSuspect)).toEqual([b, a]);
  }
});

test("what calls for no action stays as it is", () => {
  const cache = pointing("zzA1", "acme.sys", { state: "cache" });
  const other = pointing("zzB1", "acme.sys", { state: "cache" });
  expect(mergeFindings([cache, other], () => true)).toEqual([cache, other]);
});

describe("two findings as one", () => {
  const merged = (a: Partial<Verdict>, b: Partial<Verdict>): Verdict | undefined =>
    mergeFindings([pointing("zzA1", "acme.sys", a), pointing("zzB1", "acme.sys", b)], haveOneSuspect)[0];

  test("members of the second keep their share of the first one's growth", () => {
    const member = {
      tag: tagNamed("zzC1"),
      kind: "paged",
      ratio: 0.5,
      bytesPerHour: 1,
      heldBytes: 1,
      outstanding: 1,
      grownBytes: 1,
    } as const;
    const found = merged({ blocksPerHour: 10 }, { blocksPerHour: 4, group: [member] });
    expect(found?.group.map(({ ratio }) => ratio)).toEqual([0.4, 0.2]);
    expect(
      merged({ blocksPerHour: 0 }, { blocksPerHour: 4, group: [member] })?.group.map(({ ratio }) => ratio),
    ).toEqual([1, 0.5]);
  });

  test("the first one's members come before those of the second", () => {
    const member = (name: string) =>
      ({
        tag: tagNamed(name),
        kind: "paged",
        ratio: 1,
        bytesPerHour: 1,
        heldBytes: 1,
        outstanding: 1,
        grownBytes: 1,
      }) as const;
    expect(merged({ group: [member("zzA2")] }, { group: [member("zzB2")] })?.group.map(({ tag }) => tag)).toEqual(
      ["zzA2", "zzB1", "zzB2"].map(tagNamed),
    );
  });

  test("an end that only one of them has is theirs, and none stays none", () => {
    expect(merged({ exhaustion: end(9) }, {})?.exhaustion?.hours.value).toBe(9);
    expect(merged({}, { exhaustion: end(4) })?.exhaustion?.hours.value).toBe(4);
    expect(merged({ exhaustion: end(4) }, { exhaustion: end(9) })?.exhaustion?.hours.value).toBe(4);
    expect(merged({}, {})).not.toHaveProperty("exhaustion");
  });

  test("the onset is the sooner one where both are known, else the first one's", () => {
    expect(merged({ since: 10 }, { since: 90 })?.since).toBe(10);
    expect(merged({ since: 10 }, {})?.since).toBe(10);
    expect(merged({}, { since: 10 })).not.toHaveProperty("since");
  });

  test("the surer certainty stands, and what the second kept is told only where it is known", () => {
    expect(merged({ confidence: 0.7 }, { confidence: 0.6 })?.confidence).toBe(0.7);
    expect(merged({}, {})?.group[0]).not.toHaveProperty("keptShare");
  });

  test("rates of one pool are added there", () => {
    expect(merged({ kind: "paged" }, { kind: "paged" })?.total.pools).toEqual({ paged: 2 ** 21 });
  });
});
