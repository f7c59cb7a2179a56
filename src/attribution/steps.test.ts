import { describe, expect, test } from "vitest";
import type { MemberFacts, Nature, Suspect } from "../model/attribution.ts";
import type { KnownCase } from "../model/known-case.ts";
import { makeVerdict, tagNamed } from "../model/verdict.test-support.ts";
import { stepsFor } from "./steps.ts";

const member = (name: string, nature: Nature, component?: string): MemberFacts => ({
  tag: tagNamed(name),
  kind: "nonpaged",
  nature,
  bytesPerHour: 1,
  ...(component !== undefined && { owner: { component, description: "", from: "a list" } }),
  drivers: [],
});
const suspect: Suspect = {
  names: ["acme.sys"],
  tag: tagNamed("Acme"),
  certainty: "likely",
  nature: "third-party",
  basis: "list",
  scope: "unknown",
};
const known = (id: string): KnownCase => ({
  id,
  class: "case",
  ownTags: [],
  sharedTags: [],
  sign: "",
  culprit: `${id}.sys`,
  cause: "",
  remedy: `update ${id}`,
  versions: "",
  source: "",
  seen: "",
});
const leak = makeVerdict({ name: "Leak" });
const LEAK = leak.tag;
const closeLook = [
  { kind: "trace-stacks", tag: LEAK },
  { kind: "debugger-table", tag: LEAK, pool: "nonpaged" },
];

describe("growth that is not proven", () => {
  test("is looked at again where time can tell, and nothing else", () => {
    const early = makeVerdict({ state: "too-early", lookAgainAfterMs: 5000 });
    expect(stepsFor(early, [], suspect, [known("a")])).toEqual([{ kind: "look-again", afterMs: 5000 }]);
    expect(stepsFor(makeVerdict({ state: "cache" }), [], suspect, [known("a")])).toEqual([]);
  });
});

describe("with a suspect", () => {
  const steps = (given: Partial<Suspect>) => stepsFor(leak, [], { ...suspect, ...given }, []);

  test("a driver: the tag is looked up, the driver updated, then verified; its own tag is looked at closely", () => {
    expect(steps({})).toEqual([
      { kind: "look-up-tag", tag: suspect.tag },
      { kind: "update-driver", names: ["acme.sys"] },
      { kind: "verifier", names: ["acme.sys"] },
      { kind: "trace-stacks", tag: suspect.tag },
      { kind: "debugger-table", tag: suspect.tag, pool: "nonpaged" },
    ]);
  });

  test("a filter of Windows: what it belongs to, and the list of filters", () => {
    expect(steps({ nature: "inbox-filter", names: ["wcifs.sys", "bindflt.sys"] }).slice(0, 3)).toEqual([
      { kind: "look-up-tag", tag: suspect.tag },
      { kind: "feature-of-filter", component: "wcifs.sys or bindflt.sys" },
      { kind: "list-filters" },
    ]);
  });

  test("a call site on this machine needs no look-up; one of another machine does", () => {
    const looksUp = (given: Partial<Suspect>): boolean => steps(given).some(({ kind }) => kind === "look-up-tag");
    expect(looksUp({ basis: "call-site", scope: "this-machine" })).toBe(false);
    expect(looksUp({ basis: "call-site", scope: "other-machine" })).toBe(true);
    expect(looksUp({ basis: "code", scope: "this-machine" })).toBe(true);
  });

  test("stacks need neither a look-up nor a trace", () => {
    expect(steps({ basis: "stack" }).map(({ kind }) => kind)).toEqual(["update-driver", "verifier", "debugger-table"]);
  });
});

describe("without a suspect", () => {
  const steps = (...members: MemberFacts[]) => stepsFor(leak, members, undefined, []).slice(0, -closeLook.length);

  test("a tag that nobody knows is looked up", () => {
    expect(steps(member("Leak", "unknown"))).toEqual([{ kind: "look-up-tag", tag: LEAK }]);
    expect(steps(member("Irp ", "kernel"), member("zzzz", "unknown"))).toEqual([
      { kind: "look-up-tag", tag: tagNamed("zzzz") },
    ]);
  });

  test("handles are counted under the tag that programs hold", () => {
    expect(steps(member("Irp ", "kernel"), member("Toke", "kernel"))).toEqual([
      { kind: "count-handles", tag: tagNamed("Toke"), stopped: false },
    ]);
    const stopped = makeVerdict({ name: "Toke", state: "stopped-held" });
    expect(stepsFor(stopped, [member("Toke", "kernel")], undefined, [])).toEqual([
      { kind: "count-handles", tag: tagNamed("Toke"), stopped: true },
      { kind: "dump-blocks", tag: tagNamed("Toke") },
    ]);
  });

  test("tags of files ask for filters, owners of the network for callouts, drivers of Windows for its updates", () => {
    expect(steps(member("Irp ", "kernel"), member("NtFC", "kernel"))).toEqual([{ kind: "list-filters" }]);
    expect(steps(member("Irp ", "kernel"), member("Afdx", "kernel", "afd.sys"))).toEqual([{ kind: "list-callouts" }]);
    expect(steps(member("Irp ", "kernel"), member("Usbx", "inbox", "usbport.sys"))).toEqual([
      { kind: "windows-update", component: "usbport.sys" },
    ]);
    expect(steps(member("Usbx", "inbox"))).toEqual([]);
    expect(steps(member("Irp ", "kernel", "ntoskrnl.exe"))).toEqual([]);
  });

  test("nothing of a finding without members", () => {
    expect(steps()).toEqual([]);
  });
});

test("the remedies of two published cases come first", () => {
  expect(stepsFor(leak, [], undefined, [known("a"), known("b"), known("c")])).toEqual([
    { kind: "case-remedy", culprit: "a.sys", remedy: "update a" },
    { kind: "case-remedy", culprit: "b.sys", remedy: "update b" },
    ...closeLook,
  ]);
});

describe("the close look", () => {
  test("is in the pool of the suspect's tag", () => {
    const group = [{ tag: suspect.tag, kind: "paged" as const }];
    expect(stepsFor({ ...leak, group }, [], suspect, []).at(-1)).toEqual({
      kind: "debugger-table",
      tag: suspect.tag,
      pool: "paged",
    });
    expect(stepsFor({ ...leak, group }, [], undefined, []).at(-1)).toEqual(closeLook[1]);
  });

  test("of a tag that nobody can type has no trace", () => {
    const odd = makeVerdict({ name: "\\x01abc" });
    expect(stepsFor(odd, [], undefined, []).map(({ kind }) => kind)).toEqual(["debugger-table"]);
  });

  test("of growth that ended is at the blocks in a dump", () => {
    expect(stepsFor({ ...leak, state: "stopped-held" }, [], suspect, []).at(-1)).toEqual({
      kind: "dump-blocks",
      tag: suspect.tag,
    });
  });
});
