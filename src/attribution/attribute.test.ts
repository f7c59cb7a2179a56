import { describe, expect, test } from "vitest";
import { createKnowledge } from "../knowledge/knowledge.ts";
import type { DriverMatch, Link, StackFacts } from "../model/attribution.ts";
import type { CaseRow } from "../model/known-case.ts";
import { tagNamed as tagOf, makeDiagnosis, makeVerdict } from "../model/verdict.test-support.ts";
import type { GroupMember, Verdict } from "../model/verdict.ts";
import { attribute, attributeDiagnosis } from "./attribute.ts";
import { HOUR, recordOf } from "./beside/beside.test-support.ts";
import type { AttributionSources } from "./sources.ts";
import { known } from "./known-case.test-support.ts";

const { ownerOf, natureOf, casesOf, patternsOf, ruledOut } = createKnowledge();

function sources(drivers: Readonly<Record<string, readonly DriverMatch[]>> = {}): AttributionSources {
  const byTag = new Map(Object.entries(drivers).map(([name, list]) => [tagOf(name), list]));
  return { ownerOf, natureOf, casesOf, patternsOf, ruledOut, driversOf: (tag) => byTag.get(tag) ?? [] };
}

const match = (file: string, given: Partial<DriverMatch> = {}): DriverMatch => ({
  file,
  tier: "proven",
  scope: "this-machine",
  company: "Acme",
  uses: [{ api: "ExAllocatePool2", rva: 0x1234, function: 0x1200, pool: "nonpaged" }],
  ...given,
});

const member = (
  name: string,
  keptShare: number,
  bytesPerHour: number,
  kind: "paged" | "nonpaged" = "paged",
): GroupMember => ({
  tag: tagOf(name),
  kind,
  ratio: 1,
  bytesPerHour,
  heldBytes: 1e6,
  outstanding: 1e4,
  grownBytes: 1e6,
  keptShare,
});

/** A filter that pins files: the biggest tag is the file object, the rarest is the filter's. */
const pinned: Verdict = makeVerdict({
  name: "File",
  keptShare: 0.25,
  group: [member("WCsc", 1, 5e5), member("FMfc", 1, 4e5), member("NtFC", 0.9, 9e5), member("WCfc", 0.97, 3e5)],
});

describe("the suspect of a group", () => {
  test("is the rarest member's owner where that can be a culprit, not the biggest tag", () => {
    const { suspect, members } = attribute(pinned, sources());
    expect(suspect).toMatchObject({ names: ["wcifs.sys"], certainty: "likely", basis: "list", nature: "inbox-filter" });
    expect([tagOf("WCsc"), tagOf("WCfc")]).toContain(suspect?.tag);
    expect(members.map(({ nature }) => nature)).toEqual(["kernel", "inbox-filter", "inbox", "inbox", "inbox-filter"]);
  });

  test("its steps look at filters, not at handles, and name the tag that points at it", () => {
    const { steps } = attribute(pinned, sources());
    expect(steps.map(({ kind }) => kind)).not.toContain("count-handles");
    expect(steps.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["case-remedy", "feature-of-filter", "list-filters"]),
    );
    expect(steps).toContainEqual({ kind: "look-up-tag", tag: tagOf("WCsc") });
    expect(steps).toContainEqual({ kind: "debugger-table", tag: tagOf("WCsc"), pool: "paged" });
  });

  test("a member that is half a twentieth rarer is not rarer; then the faster one points", () => {
    const twins = makeVerdict({ name: "zzA1", keptShare: 0.98, group: [member("zzB1", 0.99, 1)] });
    const { suspect } = attribute(twins, sources({ zzA1: [match("a.sys")], zzB1: [match("b.sys")] }));
    expect(suspect?.names).toEqual(["a.sys"]);
    const apart = { ...twins, keptShare: 0.5 };
    expect(attribute(apart, sources({ zzA1: [match("a.sys")], zzB1: [match("b.sys")] })).suspect?.names).toEqual([
      "b.sys",
    ]);
  });

  test("drivers are asked for every member", () => {
    const found = attribute(
      pinned,
      sources({ WCsc: [match("C:\\d\\wcifs.sys", { company: "Microsoft Corporation" })] }),
    );
    expect(found.suspect).toMatchObject({ names: ["wcifs.sys"], certainty: "proven", basis: "call-site" });
    expect(found.chain.map(({ kind }) => kind)).toEqual([
      "growth",
      "group",
      "rarest",
      "owner",
      "driver",
      "call-site",
      "case",
    ]);
  });
});

describe("who is never a suspect", () => {
  test.each(["Proc", "File", "Toke", "NtFC", "Irp ", "AfdE", "MmSt", "None"])("the owner of %s", (name) => {
    const { suspect, steps } = attribute(makeVerdict({ name }), sources());
    expect(suspect).toBeUndefined();
    expect(steps.map(({ kind }) => kind)).not.toContain("update-driver");
    expect(steps.map(({ kind }) => kind)).not.toContain("verifier");
  });

  test("a driver that only links a library, and four bytes in some file where the tag is everybody's", () => {
    const { suspect } = attribute(
      makeVerdict({ name: "zQ7x" }),
      sources({ zQ7x: [match("a.sys", { library: "x.lib" })] }),
    );
    expect(suspect).toBeUndefined();
    expect(
      attribute(makeVerdict({ name: "Proc" }), sources({ Proc: [match("a.sys", { tier: "code" })] })).suspect,
    ).toBeUndefined();
  });

  test("growth that is not proven accuses nobody", () => {
    const early = makeVerdict({ name: "WCsc", state: "too-early", lookAgainAfterMs: 5000 });
    const { suspect, cases, steps } = attribute(early, sources());
    expect([suspect, cases, steps]).toEqual([undefined, [], [{ kind: "look-again", afterMs: 5000 }]]);
  });
});

describe("how sure", () => {
  const alone = makeVerdict({ name: "zQ7x" });
  const of = (...drivers: DriverMatch[]) => attribute(alone, sources({ zQ7x: drivers })).suspect;
  test.each([
    ["proven on this machine", [match("a.sys")], "proven", ["a.sys"]],
    ["proven in the same version of the file", [match("a.sys", { scope: "same-file-version" })], "proven", ["a.sys"]],
    ["proven on another machine", [match("a.sys", { scope: "other-machine" })], "possible", ["a.sys"]],
    ["proven, nobody knows where", [match("a.sys", { scope: "unknown" })], "possible", ["a.sys"]],
    ["a constant in its code", [match("a.sys", { tier: "code" })], "likely", ["a.sys"]],
    ["derived from a service name", [match("a.sys", { tier: "predicted" })], "possible", ["a.sys"]],
    ["bytes of its file", [match("a.sys", { tier: "text" })], "possible", ["a.sys"]],
    [
      "three with the same proof",
      [match("a.sys"), match("b.sys"), match("c.sys")],
      "possible",
      ["a.sys", "b.sys", "c.sys"],
    ],
    ["proof before a constant", [match("a.sys"), match("b.sys", { tier: "code" })], "proven", ["a.sys"]],
  ] as const)("%s", (_, drivers, certainty, names) => {
    expect(of(...drivers)).toMatchObject({ certainty, names });
  });

  test("a third-party driver that uses a kernel's tag is only possible", () => {
    expect(attribute(makeVerdict({ name: "Irp " }), sources({ "Irp ": [match("a.sys")] })).suspect).toMatchObject({
      certainty: "possible",
    });
  });

  test("several owners in a list are possible each", () => {
    const lists = {
      ...sources(),
      ownerOf: () => ({ component: "a.sys or b.sys", description: "", from: "pooltag.txt" }),
    };
    expect(attribute(alone, lists).suspect).toMatchObject({ names: ["a.sys", "b.sys"], certainty: "possible" });
  });
});

describe("published cases", () => {
  test("need their own tag in the finding; one that shares a tag is told as ruled out where the listing is whole", () => {
    const mdl = makeVerdict({ name: "Mdl " });
    const found = attribute(mdl, sources(), new Set([tagOf("Mdl "), tagOf("Irp ")]));
    expect(found.cases).toEqual([]);
    expect(found.ruledOut.map(({ culprit }) => culprit).join()).toMatch(/npcap/i);
    expect(attribute(mdl, sources()).ruledOut).toEqual([]);
    expect(attribute({ ...mdl, group: [member("NPBL", 1, 1)] }, sources()).cases[0]?.culprit).toMatch(/npcap/i);
  });
});

test("a group whose every member is the kernel's ends in nobody, and in handles to count", () => {
  const zombies = makeVerdict({ name: "Proc", group: [member("Toke", 0.5, 1), member("PsIm", 1, 1)] });
  const { suspect, chain, steps } = attribute(zombies, sources());
  expect(suspect).toBeUndefined();
  expect(chain[chain.length - 1]).toMatchObject({ kind: "nobody", nature: "kernel" });
  expect(steps[0]).toEqual({ kind: "count-handles", tag: tagOf("Proc"), stopped: false });
});

test("without index and lists there is nobody, and the way to find out comes first", () => {
  const none = { ...sources(), ownerOf: () => undefined, casesOf: () => [], patternsOf: () => [], ruledOut: () => [] };
  const { suspect, steps } = attribute(makeVerdict({ name: "zQ7x" }), none);
  expect(suspect).toBeUndefined();
  expect(steps[0]).toEqual({ kind: "look-up-tag", tag: tagOf("zQ7x") });
});

test("a diagnosis keeps everything else", () => {
  const plain = makeDiagnosis([pinned]);
  const done = attributeDiagnosis(plain, sources());
  expect({ ...done, verdicts: [] }).toEqual({ ...plain, verdicts: [] });
  expect(done.verdicts[0]).toMatchObject({ ...pinned });
});

describe("the chain", () => {
  const owned = { ...sources(), ownerOf: () => ({ component: "acme.sys", description: "", from: "a list" }) };
  const nobody = {
    ...sources(),
    ownerOf: () => undefined,
    casesOf: () => [],
    patternsOf: () => [],
    ruledOut: () => [],
  };
  const links = (verdict: Verdict, from: AttributionSources): readonly Link[] => attribute(verdict, from).chain;
  const kinds = (verdict: Verdict, from: AttributionSources): string[] => links(verdict, from).map(({ kind }) => kind);
  const alone = makeVerdict({ name: "zQ7x", kind: "paged" });

  test("begins with the growth of the tag itself; a tag that stands alone has no group", () => {
    expect(links(alone, nobody)).toEqual([
      { kind: "growth", tag: alone.tag, pool: "paged", bytesPerHour: 2 ** 20, confidence: 0.9 },
      { kind: "nobody", tag: alone.tag, nature: "unknown" },
    ]);
  });

  test("of a record without times is per step, in the growth and in the group", () => {
    const steps: Verdict = { ...pinned, perStep: true };
    const [growth, group] = links(steps, nobody);
    expect(growth).toMatchObject({ kind: "growth", perStep: true });
    expect(group).toEqual({
      kind: "group",
      tags: [pinned, ...pinned.group].map(({ tag }) => tag),
      bytesPerHour: pinned.total.bytesPerHour.value,
      perStep: true,
    });
    expect(links(pinned, nobody)[1]).not.toHaveProperty("perStep");
  });

  test("the rarest tag is told of a group with a suspect, with what it kept where that is known", () => {
    const found = links(pinned, sources());
    expect(found).toContainEqual({ kind: "rarest", tag: tagOf("WCsc"), keptShare: 1 });
    const { keptShare: _kept, ...uncounted } = member("WCsc", 1, 5e5);
    const bare = makeVerdict({ name: "File", group: [uncounted] });
    expect(links(bare, sources())).toContainEqual({ kind: "rarest", tag: tagOf("WCsc") });
    expect(kinds(makeVerdict({ name: "Proc", group: [member("Toke", 1, 1)] }), sources())).not.toContain("rarest");
    expect(kinds(alone, owned)).toEqual(["growth", "owner"]);
  });

  test("the owner is that of the tag that points at the suspect", () => {
    expect(links(pinned, sources()).find(({ kind }) => kind === "owner")).toMatchObject({
      tag: tagOf("WCsc"),
      nature: "inbox-filter",
    });
  });

  test("the driver is the suspect's own file, with its first call site", () => {
    const two = sources({
      zQ7x: [match("C:\\d\\ntfs.sys", { company: "Microsoft Corporation" }), match("C:\\d\\acme.sys")],
    });
    const found = links(alone, { ...two, natureOf: (name) => (name === "ntfs.sys" ? "inbox" : "third-party") });
    expect(found.slice(1)).toEqual([
      { kind: "driver", tag: alone.tag, match: match("C:\\d\\acme.sys") },
      {
        kind: "call-site",
        tag: alone.tag,
        file: "acme.sys",
        api: "ExAllocatePool2",
        rva: 0x1234,
        function: 0x1200,
      },
    ]);
  });

  test("without a suspect it shows the first driver all the same, and one without a known use has no call site", () => {
    const linked = sources({ zQ7x: [match("a.sys", { library: "x.lib" })] });
    expect(kinds(alone, linked)).toEqual(["growth", "driver", "call-site", "nobody"]);
    expect(kinds(alone, sources({ zQ7x: [match("a.sys", { uses: [] })] }))).toEqual(["growth", "driver"]);
  });

  test("each case with all tags of the finding ends it", () => {
    const chain = links(pinned, sources());
    expect(chain.at(-1)).toMatchObject({
      kind: "case",
      leak: { id: "wcifs-contexts" },
      tags: [pinned, ...pinned.group].map(({ tag }) => tag),
    });
  });
});

describe("stacks", () => {
  const alone = makeVerdict({ name: "zQ7x" });
  const facts: StackFacts = {
    tag: alone.tag,
    kind: "nonpaged",
    frame: { module: "traced.sys", offset: 1 },
    role: "outside",
    makerBasis: "company",
    share: 0.9,
    bytesPerHour: 1,
    tagBytesPerHour: 1,
    counterBytesPerHour: 1,
    explained: 1,
    traceMilliseconds: 1,
    lossy: false,
    turnover: false,
  };

  test("are asked for every member at its own rate, stand in the chain and name the suspect before drivers do", () => {
    const asked: unknown[] = [];
    const traced: AttributionSources = {
      ...sources({ zQ7x: [match("indexed.sys")] }),
      stacksOf: (...question) => {
        asked.push(question);
        return question[0] === alone.tag ? facts : undefined;
      },
    };
    const { suspect, chain } = attribute({ ...alone, group: [member("Abcd", 1, 77)] }, traced);
    expect(suspect).toMatchObject({ names: ["traced.sys"], basis: "stack", certainty: "proven" });
    expect(chain).toContainEqual({ kind: "stack", tag: alone.tag, facts });
    expect(asked).toEqual([
      [alone.tag, "nonpaged", 2 ** 20],
      [tagOf("Abcd"), "paged", 77],
    ]);
    expect(attribute({ ...alone, state: "too-early" }, traced)).not.toHaveProperty("suspect");
  });
});

describe("what is handed to the lists", () => {
  const matches = [{ case: known, tags: [] }];

  test("every tag as a row: blocks, bytes, and what was freed where that is known", () => {
    const rows: CaseRow[] = [];
    attribute(makeVerdict({ name: "zQ7x", group: [member("Abcd", 0.25, 1)] }), {
      ...sources(),
      casesOf: (asked) => (rows.push(...asked), []),
    });
    expect(rows).toEqual([
      { tag: tagOf("zQ7x"), kind: "nonpaged", blocks: 1000, bytes: 5e6 },
      { tag: tagOf("Abcd"), kind: "paged", blocks: 1e4, bytes: 1e6, freedShare: 0.75 },
    ]);
  });

  test("patterns only where no case has a tag of its own there", () => {
    const lists = { ...sources(), patternsOf: () => matches };
    const verdict = makeVerdict({ name: "zQ7x" });
    expect(attribute(verdict, { ...lists, casesOf: () => [] })).toMatchObject({ cases: [], patterns: [known] });
    expect(attribute(verdict, { ...lists, casesOf: () => matches })).toMatchObject({ cases: [known], patterns: [] });
  });

  test("of growth that is not proven nothing, and no case is ruled out", () => {
    const asked: unknown[] = [];
    const early = makeVerdict({ name: "zQ7x", state: "too-early" });
    const found = attribute(
      early,
      { ...sources(), casesOf: (rows) => (asked.push(...rows), []), ruledOut: () => [known] },
      new Set([early.tag]),
    );
    expect([asked, found.ruledOut]).toEqual([[], []]);
  });
});

describe("a whole diagnosis", () => {
  test("findings of one driver become one, attributed anew over all their tags", () => {
    const both = sources({ zzA1: [match("acme.sys")], zzB1: [match("acme.sys")], zzC1: [match("other.sys")] });
    const done = attributeDiagnosis(makeDiagnosis(["zzA1", "zzC1", "zzB1"].map((name) => makeVerdict({ name }))), both);
    expect(done.verdicts.map(({ tag }) => tag)).toEqual([tagOf("zzA1"), tagOf("zzC1")]);
    expect(done.verdicts[0]?.attribution?.members.map(({ tag }) => tag)).toEqual([tagOf("zzA1"), tagOf("zzB1")]);
    expect(done.verdicts[0]?.attribution?.chain.map(({ kind }) => kind)).toContain("group");
  });

  test("has figures beside the counters only where a record was kept", () => {
    const even = makeVerdict({ name: "Even", since: 5 * HOUR, blocksPerHour: 100 });
    const moments = Array.from({ length: 11 }, (_, hour) => ({
      hour,
      objects: [{ type: "Event", objects: 100 * hour, handles: 100 * hour }],
      programs: [{ pid: 1, name: "a.exe", handles: 100 * hour }],
    }));
    const done = attributeDiagnosis(makeDiagnosis([even]), sources(), undefined, recordOf(moments));
    expect(done.beside?.programs).toEqual([{ pid: 1, name: "a.exe", handles: 1000, gainedHandles: 1000 }]);
    expect(done.verdicts[0]?.attribution?.beside).toMatchObject([{ kind: "handle-leak", holder: { name: "a.exe" } }]);
    const without = attributeDiagnosis(makeDiagnosis([even]), sources());
    expect(without).not.toHaveProperty("beside");
    expect(without).not.toHaveProperty("triage");
    expect(without.verdicts[0]?.attribution).not.toHaveProperty("beside");
  });

  test("a verdict that somebody has attributed already stays as it is", () => {
    const attribution = attribute(makeVerdict({ name: "Proc" }), sources());
    const done = attributeDiagnosis(makeDiagnosis([makeVerdict({ name: "zQ7x", attribution })]), sources());
    expect(done.verdicts[0]?.attribution).toBe(attribution);
  });
});
