import { describe, expect, test } from "vitest";
import type { DriverMatch, MemberFacts, Nature, Suspect } from "../model/attribution.ts";
import type { KnownCase } from "../model/known-case.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import { canBeCulprit, suspectOf } from "./suspects.ts";

const NATURES: Readonly<Record<string, Nature>> = { "ntfs.sys": "inbox", "wcifs.sys": "inbox-filter" };
const natureOf = (component: string): Nature => NATURES[component] ?? "third-party";

const match = (file: string, given: Partial<DriverMatch> = {}): DriverMatch => ({
  file,
  tier: "proven",
  scope: "this-machine",
  uses: [],
  ...given,
});

function member(name: string, given: Partial<MemberFacts> & { readonly component?: string } = {}): MemberFacts {
  const { component, ...rest } = given;
  return {
    tag: tagNamed(name),
    kind: "nonpaged",
    nature: "unknown",
    bytesPerHour: 100,
    ...(component !== undefined && { owner: { component, description: "", from: "a list" } }),
    drivers: [],
    ...rest,
  };
}

const of = (members: readonly MemberFacts[], cases: readonly KnownCase[] = []): Suspect | undefined =>
  suspectOf(members, cases, natureOf);

const known = (culprit: string): KnownCase => ({
  id: "one",
  class: "case",
  ownTags: [],
  sharedTags: [],
  sign: "",
  culprit,
  cause: "",
  remedy: "",
  versions: "",
  source: "a forum",
  seen: "",
});

test.each<readonly [Nature, boolean]>([
  ["third-party", true],
  ["inbox-filter", true],
  ["unknown", true],
  ["inbox", false],
  ["kernel", false],
  ["shared", false],
])("what is %s can be what leaks: %s", (nature, can) => {
  expect(canBeCulprit(nature)).toBe(can);
});

describe("by its drivers", () => {
  test("all that is known of the driver goes with it", () => {
    const facts = { company: "Acme", product: "Acme Suite", version: "1.2" };
    expect(of([member("Leak", { drivers: [match("C:\\d\\acme.sys", facts)] })])).toEqual({
      names: ["acme.sys"],
      tag: tagNamed("Leak"),
      certainty: "proven",
      nature: "third-party",
      basis: "call-site",
      scope: "this-machine",
      ...facts,
    });
  });

  test("what is not known of it is left out, and of several drivers nothing is said as of one", () => {
    const bare = of([member("Leak", { drivers: [match("acme.sys")] })]);
    for (const field of ["company", "product", "version", "from"]) expect(bare).not.toHaveProperty(field);
    const facts = { company: "Acme", product: "Acme Suite", version: "1.2" };
    const two = of([member("Leak", { drivers: [match("a.sys", facts), match("b.sys", facts)] })]);
    expect(two).toMatchObject({ names: ["a.sys", "b.sys"], certainty: "possible" });
    for (const field of ["company", "product", "version"]) expect(two).not.toHaveProperty(field);
  });

  test.each([
    ["proven", "proven", "call-site"],
    ["pattern", "likely", "form"],
    ["code", "likely", "code"],
    ["predicted", "possible", "derived-tag"],
    ["text", "possible", "bytes"],
  ] as const)("%s is %s, by its %s", (tier, certainty, basis) => {
    expect(of([member("Leak", { drivers: [match("a.sys", { tier })] })])).toMatchObject({ certainty, basis });
  });

  test("copies of one file are one driver", () => {
    const copies = [match("C:\\a\\acme.sys"), match("D:\\b\\acme.sys")];
    expect(of([member("Leak", { drivers: copies })])).toMatchObject({ names: ["acme.sys"], certainty: "proven" });
  });

  test("where nobody asked for the scope it counts as unknown", () => {
    const { scope: _, ...unasked } = match("a.sys");
    expect(of([member("Leak", { drivers: [unasked] })])).toMatchObject({ scope: "unknown", certainty: "possible" });
  });

  test("a driver of Windows that allocates for others is none; the next one is", () => {
    expect(of([member("Leak", { drivers: [match("ntfs.sys")] })])).toBeUndefined();
    expect(of([member("Leak", { drivers: [match("ntfs.sys"), match("acme.sys")] })])?.names).toEqual(["acme.sys"]);
  });

  test("a library that many drivers link names none of them", () => {
    expect(of([member("Leak", { drivers: [match("a.sys", { library: "x.lib" })] })])).toBeUndefined();
  });

  test("a tag of everybody's needs a proof, and then it is possible", () => {
    const shared = (tier: DriverMatch["tier"]) =>
      member("Irp ", { nature: "kernel", drivers: [match("a.sys", { tier })] });
    expect(of([shared("proven")])).toMatchObject({ certainty: "possible" });
    expect(of([shared("pattern")])).toBeUndefined();
  });
});

describe("by its owner in a list", () => {
  test.each([
    ["acme.sys", ["acme.sys"], "likely"],
    ["a.sys or b.sys", ["a.sys", "b.sys"], "possible"],
    ["a.sys, b.sys and c.sys", ["a.sys", "b.sys", "c.sys"], "possible"],
  ])("%s", (component, names, certainty) => {
    expect(of([member("Leak", { nature: "third-party", component })])).toEqual({
      names,
      tag: tagNamed("Leak"),
      certainty,
      nature: "third-party",
      basis: "list",
      scope: "unknown",
      from: "a list",
    });
  });

  test("a filter of Windows as well; nothing else of Windows, and nobody of whom nothing is known", () => {
    expect(of([member("WCsc", { nature: "inbox-filter", component: "wcifs.sys" })])).toMatchObject({
      nature: "inbox-filter",
    });
    for (const nature of ["inbox", "kernel", "shared", "unknown"] as const) {
      expect(of([member("Leak", { nature, component: "ntfs.sys" })])).toBeUndefined();
    }
    expect(of([member("Leak", { nature: "third-party" })])).toBeUndefined();
  });
});

describe("of several candidates", () => {
  const owned = (name: string, given: Partial<MemberFacts> = {}): MemberFacts =>
    member(name, { nature: "third-party", component: `${name}.sys`, ...given });

  test("the surest comes first, however rare the others are", () => {
    const sure = member("Sure", { keptShare: 0.1, drivers: [match("sure.sys")] });
    expect(of([owned("Rare", { keptShare: 1 }), sure])?.names).toEqual(["sure.sys"]);
    expect(of([sure, owned("Rare", { keptShare: 1 })])?.names).toEqual(["sure.sys"]);
  });

  test("then the one that keeps the largest share of its allocations, in twentieths", () => {
    expect(of([owned("Aaaa", { keptShare: 0.9 }), owned("Bbbb", { keptShare: 1, bytesPerHour: 1 })])?.names).toEqual([
      "Bbbb.sys",
    ]);
    expect(of([owned("Aaaa", { keptShare: 0.99 }), owned("Bbbb", { keptShare: 1, bytesPerHour: 1 })])?.names).toEqual([
      "Aaaa.sys",
    ]);
    expect(of([owned("Aaaa"), owned("Bbbb", { keptShare: 0.1, bytesPerHour: 1 })])?.names).toEqual(["Bbbb.sys"]);
  });

  test("then the faster one; what shrinks is no faster than what stands still", () => {
    expect(of([owned("Aaaa", { bytesPerHour: 5 }), owned("Bbbb", { bytesPerHour: 6 })])?.names).toEqual(["Bbbb.sys"]);
    expect(of([owned("Aaaa", { bytesPerHour: 6 }), owned("Bbbb", { bytesPerHour: 5 })])?.names).toEqual(["Aaaa.sys"]);
    expect(of([owned("Aaaa", { bytesPerHour: 0 }), owned("Bbbb", { bytesPerHour: -0.5 })])?.names).toEqual([
      "Aaaa.sys",
    ]);
    // Speed never outweighs a twentieth.
    const fast = owned("Fast", { keptShare: 0.9, bytesPerHour: 1e12 });
    expect(of([fast, owned("Rare", { keptShare: 0.95, bytesPerHour: 0 })])?.names).toEqual(["Rare.sys"]);
  });
});

describe("by a published case", () => {
  test("the driver file that the case names, through the lead's tag, as a possibility", () => {
    expect(of([member("Leak"), member("Othr")], [known("Acme's acme_flt-2.SYS, version 3")])).toEqual({
      names: ["acme_flt-2.SYS"],
      tag: tagNamed("Leak"),
      certainty: "possible",
      nature: "third-party",
      basis: "case",
      scope: "unknown",
      from: "a forum",
    });
    expect(of([member("Leak")], [known("wcifs.sys (Windows containers)")])?.nature).toBe("inbox-filter");
  });

  test("a culprit without a file is named as it stands", () => {
    expect(of([member("Leak")], [known("Acme Suite")])).toMatchObject({ names: ["Acme Suite"], nature: "unknown" });
    expect(of([member("Leak")], [known("acme.system")])).toMatchObject({ names: ["acme.system"], nature: "unknown" });
  });

  test("says more than a hint, and less than a list or a proof", () => {
    const hint = member("Leak", { drivers: [match("a.sys", { tier: "text" })] });
    expect(of([hint], [known("b.sys")])?.basis).toBe("case");
    const listed = member("Leak", { nature: "third-party", component: "a.sys" });
    expect(of([listed], [known("b.sys")])?.basis).toBe("list");
    expect(of([hint])?.basis).toBe("bytes");
  });

  test("of no finding is nobody", () => {
    expect(of([], [known("b.sys")])).toBeUndefined();
    expect(of([])).toBeUndefined();
  });
});
