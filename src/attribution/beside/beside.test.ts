import { expect, test } from "vitest";
import type { MemberFacts, Suspect } from "../../model/attribution.ts";
import { makeVerdict, tagNamed } from "../../model/verdict.test-support.ts";
import { besideFindings } from "./beside.ts";
import { HOUR, ramp, recordOf } from "./beside.test-support.ts";

const verdict = makeVerdict({ name: "Even", blocksPerHour: 100, since: 20 * HOUR });
const objects = (count: number) => [{ type: "Event", objects: count, handles: count }];
const leaking = recordOf(ramp(11, 20, 1).map((hour) => ({ hour, objects: objects(100 * hour) })));
leaking.changes.push({ time: 19 * HOUR, after: 17 * HOUR, now: { file: "Acme.sys" } });
leaking.changes.push({ time: 19.5 * HOUR, after: 17 * HOUR, now: { file: "other.sys" } });

const member = (given: Partial<MemberFacts> = {}): MemberFacts => ({
  tag: tagNamed("Even"),
  kind: "nonpaged",
  nature: "unknown",
  bytesPerHour: 1,
  drivers: [],
  ...given,
});
const suspect: Suspect = {
  names: ["ACME.sys"],
  tag: tagNamed("Even"),
  certainty: "likely",
  nature: "third-party",
  basis: "list",
  scope: "unknown",
};

test("nothing was measured: not known, which is not the same as nothing found", () => {
  expect(besideFindings(verdict, recordOf([]), 0, [member()], undefined)).toBeUndefined();
  const changed = recordOf([]);
  changed.changes.push({ time: 0, after: 0, now: { file: "a.sys" } });
  expect(besideFindings(verdict, changed, 0, [member()], undefined)).toEqual([]);
  expect(besideFindings(verdict, recordOf([{ hour: 1, objects: [] }]), 0, [member()], undefined)).toEqual([]);
  expect(besideFindings(verdict, recordOf([{ hour: 1, programs: [] }]), 0, [member()], undefined)).toEqual([]);
});

test("growth that is not proven gets no statement", () => {
  expect(besideFindings({ ...verdict, state: "too-early" }, leaking, 0, [member()], suspect)).toEqual([]);
});

test.each([
  ["the suspect", [member()], suspect],
  ["the owner in a list", [member({ owner: { component: "acme.sys", description: "", from: "a list" } })], undefined],
  ["a driver with a proof", [member({ drivers: [{ file: "C:\\d\\acme.sys", tier: "proven", uses: [] }] })], undefined],
])("a change is tied to the tag by %s", (_, members, who) => {
  const found = besideFindings(verdict, leaking, 0, members, who);
  expect(found?.map(({ kind }) => kind)).toEqual(["handle-leak", "driver-change"]);
  expect(found?.[1]).toMatchObject({ file: "Acme.sys", ownsTag: true });
});

test("of two strangers that changed none is told; an owner without a name ties nothing", () => {
  const nameless = member({ owner: { component: "", description: "", from: "a list" } });
  expect(besideFindings(verdict, leaking, 0, [nameless], undefined)?.map(({ kind }) => kind)).toEqual(["handle-leak"]);
});
