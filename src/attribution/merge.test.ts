import { expect, test } from "vitest";
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
