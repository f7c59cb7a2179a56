import { describe, expect, test } from "vitest";
import type { MemberFacts, StackFacts } from "../model/attribution.ts";
import type { AllocationPlace, PoolTrace, TracedTag, TraceLoss } from "../model/stacks.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import { stackFactsOf, stackSuspect } from "./stacks.ts";

const LEAK = tagNamed("Leak");
const HOUR = 3_600_000;
const counts = { allocs: 100, allocBytes: 6400, frees: 20, outstanding: 80, bytes: 5120 };
const nothing = { allocs: 0, allocBytes: 0, frees: 0, outstanding: 0, bytes: 0 };
const noLoss: TraceLoss = {
  eventsLost: 0,
  buffersLost: 0,
  unreadableBuffers: 0,
  brokenBuffers: 0,
  cut: false,
  unclosed: false,
};

const place: AllocationPlace = {
  ...counts,
  frame: { module: "acme.sys", offset: 0x1234, company: "Acme" },
  role: "outside",
  basis: "company",
  chains: 1,
  share: 0.8,
  // The second half is still in use at the end of the trace.
  heldBySlice: [600, 200, 2000, 3000],
};

function trace(tag: Partial<TracedTag> = {}, given: Partial<PoolTrace> = {}): PoolTrace {
  const traced: TracedTag = {
    ...counts,
    tag: LEAK,
    kind: "nonpaged",
    freesFromBefore: 0,
    missedFrees: 0,
    chains: [],
    places: [place],
    withoutStack: { noStack: nothing, evicted: nothing, ambiguous: nothing },
    ...tag,
  };
  return {
    milliseconds: HOUR / 2,
    loss: noLoss,
    records: 1,
    poolEvents: 1,
    rundownEvents: 0,
    images: 1,
    hasVersions: true,
    modules: [],
    tags: [traced],
    gaps: [],
    ...given,
  };
}

describe("what a trace shows of a tag", () => {
  test("its first place, with the growth that the first half of the trace left over", () => {
    // 800 bytes of the first quarter hour are still held: 3,200 an hour, .8 of what the tag gains.
    expect(stackFactsOf(trace(), LEAK, "nonpaged", 6400)).toEqual({
      tag: LEAK,
      kind: "nonpaged",
      frame: place.frame,
      role: "outside",
      makerBasis: "company",
      share: 0.8,
      bytesPerHour: 3200,
      tagBytesPerHour: 4000,
      counterBytesPerHour: 6400,
      explained: 0.5,
      traceMilliseconds: HOUR / 2,
      lossy: false,
      turnover: false,
    });
  });

  test("nothing of another tag or pool, nor where nothing is held", () => {
    expect(stackFactsOf(trace(), tagNamed("Othr"), "nonpaged", 1)).toBeUndefined();
    expect(stackFactsOf(trace(), LEAK, "paged", 1)).toBeUndefined();
    expect(stackFactsOf(trace({ places: [] }), LEAK, "nonpaged", 1)).toBeUndefined();
    expect(stackFactsOf(trace({ places: [{ ...place, bytes: 0 }] }), LEAK, "nonpaged", 1)).toBeUndefined();
  });

  test("the same tag as protected pool", () => {
    const marked = (LEAK | 0x8000_0000) >>> 0;
    expect(stackFactsOf(trace(), marked, "nonpaged", 1)).toMatchObject({ tag: marked });
  });

  test("no rate of a trace without length, and none of a tag from a place without a share", () => {
    expect(stackFactsOf(trace({}, { milliseconds: 0 }), LEAK, "nonpaged", 1)).toMatchObject({
      bytesPerHour: 0,
      tagBytesPerHour: 0,
    });
    const shareless = trace({ places: [{ ...place, share: 0 }] });
    expect(stackFactsOf(shareless, LEAK, "nonpaged", 1)).toMatchObject({ bytesPerHour: 3200, tagBytesPerHour: 0 });
  });

  test("explains nothing where the counters show no growth", () => {
    expect(stackFactsOf(trace(), LEAK, "nonpaged", 0)?.explained).toBe(0);
    expect(stackFactsOf(trace(), LEAK, "nonpaged", -5)?.explained).toBe(0);
  });

  test("losses, and turnover: old blocks freed as fast as new ones are kept", () => {
    const lost = trace({}, { loss: { ...noLoss, eventsLost: 1 } });
    expect(stackFactsOf(lost, LEAK, "nonpaged", 1)?.lossy).toBe(true);
    expect(stackFactsOf(trace({ freesFromBefore: 64 }), LEAK, "nonpaged", 1)?.turnover).toBe(true);
    expect(stackFactsOf(trace({ freesFromBefore: 63 }), LEAK, "nonpaged", 1)?.turnover).toBe(false);
  });

  test("no basis where none is known", () => {
    const { basis: _, ...bare } = place;
    expect(stackFactsOf(trace({ places: [bare] }), LEAK, "nonpaged", 1)).not.toHaveProperty("makerBasis");
  });
});

describe("the suspect that stacks show", () => {
  const facts: StackFacts = {
    tag: LEAK,
    kind: "nonpaged",
    frame: { module: "acme.sys", offset: 1, company: "Acme" },
    role: "outside",
    makerBasis: "company",
    share: 0.8,
    bytesPerHour: 100,
    tagBytesPerHour: 125,
    counterBytesPerHour: 100,
    explained: 1,
    traceMilliseconds: HOUR,
    lossy: false,
    turnover: false,
  };
  const members: MemberFacts[] = [{ tag: LEAK, kind: "nonpaged", nature: "unknown", bytesPerHour: 1, drivers: [] }];
  const of = (...list: Partial<StackFacts>[]) =>
    stackSuspect(
      members,
      list.map((each) => ({ ...facts, ...each })),
      (component, company) => (component === "acme.sys" && company === "Acme" ? "third-party" : "inbox-filter"),
    );

  test("is the outside module, proven where nearly all of the growth comes through it as fast as the counters say", () => {
    expect(of({})).toEqual({
      names: ["acme.sys"],
      tag: LEAK,
      certainty: "proven",
      nature: "third-party",
      basis: "stack",
      scope: "unknown",
      company: "Acme",
    });
  });

  test.each<readonly [string, Partial<StackFacts>, string]>([
    ["eight tenths of what is held", { share: 0.8 }, "proven"],
    ["less", { share: 0.799 }, "likely"],
    ["half of the rate that the counters show", { explained: 0.5 }, "proven"],
    ["less than half", { explained: 0.499 }, "likely"],
    ["twice the rate", { explained: 2 }, "proven"],
    ["more than twice", { explained: 2.001 }, "likely"],
    ["losses", { lossy: true }, "likely"],
    ["no version resource", { makerBasis: "no-version" }, "likely"],
    ["a name only", { makerBasis: "name" }, "possible"],
  ])("%s", (_, given, certainty) => {
    expect(of(given)?.certainty).toBe(certainty);
  });

  test("is nobody below half of what is held, in turnover, within Windows, or of a tag of another finding", () => {
    expect(of({ share: 0.5 })).toBeDefined();
    expect(of({ share: 0.499 })).toBeUndefined();
    expect(of({ turnover: true })).toBeUndefined();
    expect(of({ role: "allocating" })).toBeUndefined();
    expect(of({ role: "kernel" })).toBeUndefined();
    expect(of({ tag: tagNamed("Othr") })).toBeUndefined();
    expect(of({ frame: { offset: 1, address: "fffff8010000" } })).toBeUndefined();
    expect(of()).toBeUndefined();
  });

  test("is the place with the fastest growth", () => {
    expect(of({}, { bytesPerHour: 200, frame: { module: "b.sys", offset: 1 } })).toMatchObject({
      names: ["b.sys"],
      nature: "inbox-filter",
    });
    expect(of({ bytesPerHour: 200 }, { frame: { module: "b.sys", offset: 1 } })?.names).toEqual(["acme.sys"]);
  });

  test("has no company where the trace names none", () => {
    expect(of({ frame: { module: "b.sys", offset: 1 } })).not.toHaveProperty("company");
    expect(of({ frame: { module: "b.sys", offset: 1, company: "" } })).not.toHaveProperty("company");
  });
});
