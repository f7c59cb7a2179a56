// Who is behind a finding, for programs.

import type { Attribution } from "../model/attribution.ts";
import type { BesideFinding, DriverChangeAt } from "../model/beside.ts";
import type { LoadedDriver } from "../model/surroundings.ts";
import { formatTag } from "../model/tag.ts";
import { formatIso } from "../model/time.ts";
import { besideWords } from "../words/beside.ts";
import { linkWords } from "../words/chain.ts";
import { stepWords } from "../words/steps.ts";
import { whoSentence } from "../words/suspects.ts";
import { tagJson } from "./snapshot-report.ts";

/** Who, as data: the suspect with its certainty and scope, every tag's facts, the chain with its sentences, the steps. */
export function attributionJson(attribution: Attribution): Record<string, unknown> {
  const { suspect, members, chain, ruledOut, steps, beside } = attribution;
  return {
    who: whoSentence(attribution),
    ...(suspect === undefined ? {} : { suspect: { ...suspect, tag: formatTag(suspect.tag) } }),
    members: members.map(({ tag, kind, drivers, ...facts }) => ({
      ...tagJson(tag),
      pool: kind,
      ...facts,
      drivers: drivers.map(({ file, tier, scope }) => ({ file, tier, scope: scope ?? "unknown" })),
    })),
    chain: chain.map((link) => ({ kind: link.kind, ...linkWords(link) })),
    ...(beside === undefined ? {} : { beside: beside.map(besideJson) }),
    ruledOut,
    steps: steps.map((step) => ({ kind: step.kind, ...stepWords(step) })),
  };
}

function besideJson(finding: BesideFinding): Record<string, unknown> {
  const tag = "tag" in finding ? { tag: formatTag(finding.tag) } : {};
  const time =
    finding.kind === "driver-change" ? { time: formatIso(finding.time), notBefore: formatIso(finding.notBefore) } : {};
  return { ...finding, ...tag, ...time, ...besideWords(finding) };
}

/** A change of a driver: what was loaded before and after, and the lists between which it changed. */
export function driverChangeJson({ time, after, before, now }: DriverChangeAt): Record<string, unknown> {
  return {
    file: now?.file ?? before?.file ?? "",
    notBefore: formatIso(after),
    time: formatIso(time),
    ...(before !== undefined && { before: driverJson(before) }),
    ...(now !== undefined && { after: driverJson(now) }),
  };
}

function driverJson({ fileTime, ...driver }: LoadedDriver): Record<string, unknown> {
  return { ...driver, ...(fileTime !== undefined && { fileTime: formatIso(fileTime) }) };
}
