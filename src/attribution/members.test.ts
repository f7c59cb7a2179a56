import { expect, test } from "vitest";
import type { DriverMatch, Owner } from "../model/attribution.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import { factsOf } from "./members.ts";

const drivers: DriverMatch[] = (["proven", "code", "text"] as const).map((tier) => ({
  file: `${tier}.sys`,
  tier,
  uses: [],
}));

function facts(owner: Owner | undefined, keptShare?: number) {
  return factsOf(
    { tag: tagNamed("Leak"), kind: "paged", bytesPerHour: 5, ...(keptShare !== undefined && { keptShare }) },
    {
      ownerOf: () => owner,
      natureOf: (component) => (component === "acme.sys" ? "third-party" : "kernel"),
      driversOf: () => drivers,
      casesOf: () => [],
      patternsOf: () => [],
      ruledOut: () => [],
    },
  );
}

test("a tag that a list knows: its owner, what that is, and drivers by proof only", () => {
  const owner = { component: "acme.sys", description: "contexts", from: "a list" };
  expect(facts(owner, 0)).toEqual({
    tag: tagNamed("Leak"),
    kind: "paged",
    nature: "third-party",
    bytesPerHour: 5,
    keptShare: 0,
    owner,
    drivers: [drivers[0]],
  });
});

test("a tag that no list knows: drivers by weaker signs too", () => {
  expect(facts(undefined)).toEqual({
    tag: tagNamed("Leak"),
    kind: "paged",
    nature: "unknown",
    bytesPerHour: 5,
    drivers,
  });
});

test("a list that describes the tag and names nobody leaves the nature open", () => {
  const nameless = { component: "", description: "some buffer", from: "a list" };
  expect(facts(nameless)).toMatchObject({ nature: "unknown", owner: nameless, drivers: [drivers[0]] });
});
