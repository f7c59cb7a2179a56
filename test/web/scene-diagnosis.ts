// The diagnosis of the scene as it is by construction, so that the page is tested with verdicts of every state whatever
// the detector of the day says. Drivers, companies and known leaks in it are invented.

import type { Evidence } from "../../src/model/evidence.ts";
import { makeAttribution, makeVerdict } from "../../src/model/verdict.test-support.ts";
import type { Diagnosis, GroupMember, Verdict } from "../../src/model/verdict.ts";
import { DAY, HOSTILE_TAG, HOUR, START, tagOf } from "./two-weeks.ts";

const MIB = 1024 ** 2;
const exact = (value: number, share = 0.04): { value: number; low: number; high: number } => ({
  value,
  low: value * (1 - share),
  high: value * (1 + share),
});

/** Puts the scene's true verdicts into a diagnosis of it; the company is one that tries to be markup unless told. */
export function trueDiagnosis(plain: Diagnosis, days = 14, company = "Acme <b>Storage</b> GmbH"): Diagnosis {
  const onset = START + 0.44 * days * DAY + 9 * HOUR;
  const leakRate = 5400 * 2048;
  const nonpaged = plain.pools.find(({ kind }) => kind === "nonpaged")?.bytes ?? 0;
  const hoursLeft = (12 * 1024 * MIB - nonpaged) / (leakRate * 1.002);
  const exhaustion = {
    hours: { value: hoursLeft, low: hoursLeft * 0.95, high: hoursLeft * 1.06 },
    at: plain.span.to + hoursLeft * HOUR,
    against: "nonpaged-limit" as const,
    limitBytes: 12 * 1024 * MIB,
    limitBasis: { kind: "stated", text: "told by Windows in the recording" } as const,
  };
  const held = plain.span.to - onset;
  const leak: Verdict = makeVerdict({
    ...blank("AcFl", "nonpaged"),
    state: "leaking",
    bytesPerHour: exact(leakRate, 0.01),
    blocksPerHour: 5400,
    grows: "count",
    bytesPerAllocation: 116,
    since: onset,
    heldBytes: (held / HOUR) * leakRate,
    outstanding: Math.round((held / HOUR) * 5400),
    grownBytes: (held / HOUR) * leakRate,
    exhaustion,
    confidence: 0.99,
    evidence: [
      { kind: "growth", factor: "count", blocks: (held / HOUR) * 5400, bytes: (held / HOUR) * leakRate, overMs: held },
      { kind: "lockstep", tags: [tagOf("AcNm")] },
      { kind: "work", bytesPerAllocation: 116 },
    ],
    group: [member("AcNm", "paged", 1, 5400 * 96)],
    attribution: {
      members: [
        {
          tag: tagOf("AcFl"),
          kind: "nonpaged",
          nature: "third-party",
          bytesPerHour: leakRate,
          keptShare: 1,
          owner: { component: "acmeflt.sys", description: "Acme file filter contexts", from: "poolscope notes" },
          drivers: [
            {
              file: "C:\\Windows\\System32\\drivers\\acmeflt.sys",
              tier: "proven",
              scope: "this-machine",
              company,
              product: "Acme Backup Agent",
              version: "7.2.1104.0",
              signer: "Acme Storage GmbH",
              fileTime: START - 40 * DAY,
              uses: [
                { api: "ExAllocatePool2", rva: 0x12a40, function: 0x12980, pool: "nonpaged" },
                { api: "ExAllocatePoolWithTag", rva: 0x13f10, function: 0x13ee0, pool: "nonpaged" },
              ],
            },
            { file: "C:\\Windows\\System32\\drivers\\acmelog.sys", tier: "text", version: "7.2.1104.0", uses: [] },
          ],
        },
        { tag: tagOf("AcNm"), kind: "paged", nature: "unknown", bytesPerHour: 5400 * 96, drivers: [] },
      ],
      suspect: {
        names: ["acmeflt.sys"],
        tag: tagOf("AcFl"),
        certainty: "proven",
        nature: "third-party",
        basis: "call-site",
        scope: "this-machine",
        company,
        product: "Acme Backup Agent",
        version: "7.2.1104.0",
      },
      chain: [],
      cases: [
        {
          id: "acme-1",
          class: "case",
          ownTags: ["AcFl"],
          sharedTags: [],
          sign: "",
          culprit: "Acme Backup Agent before 7.3",
          cause: "stream contexts are not released when a file is renamed during a scan",
          remedy: "update to 7.3 or later",
          versions: "",
          source: "https://support.example.com/kb/4711",
          seen: "",
        },
      ],
      patterns: [],
      ruledOut: [],
      steps: [
        { kind: "case-remedy", culprit: "Acme Backup Agent before 7.3", remedy: "update to 7.3 or later" },
        { kind: "look-up-tag", tag: tagOf("AcFl") },
      ],
    },
  });
  const zombie: Verdict = makeVerdict({
    ...blank("Proc", "nonpaged"),
    state: "leaking",
    bytesPerHour: exact(6 * 2560, 0.05),
    blocksPerHour: 6,
    grows: "count",
    since: START + 0.44 * days * DAY,
    heldBytes: 6 * MIB,
    outstanding: 1300,
    grownBytes: 3 * MIB,
    confidence: 0.93,
    evidence: [{ kind: "lockstep", tags: [tagOf("Toke"), tagOf("PsIm")], root: "process" }],
    group: [member("Toke", "paged", 1, 6 * 1900), member("PsIm", "paged", 0.99, 6 * 340)],
    attribution: {
      members: [
        {
          tag: tagOf("Proc"),
          kind: "nonpaged",
          nature: "kernel",
          bytesPerHour: 6 * 2560,
          owner: {
            component: "nt",
            description: "Process objects",
            from: "pooltag.txt",
            caution:
              "The kernel allocates these on behalf of whoever holds a handle: look for the program with most handles.",
          },
          drivers: [],
        },
      ],
      chain: [],
      cases: [],
      patterns: [],
      ruledOut: [],
      steps: [{ kind: "count-handles", tag: tagOf("Proc"), stopped: false }],
    },
  });
  const verdicts: Verdict[] = [
    leak,
    zombie,
    grown("Pool", "nonpaged", "step", 0, { kind: "stepped", bytes: 31 * MIB, steps: 1 }),
    grown("MmSt", "paged", "cache", 0.2 * MIB, { kind: "saturating", bytes: 20 * MIB }),
    grown("File", "nonpaged", "load-driven", 0.1 * MIB, { kind: "follows-load", share: 0.8 }),
    grown("Irp ", "nonpaged", "too-early", 0.05 * MIB, {
      kind: "within-noise",
      bytesPerHour: 0.05 * MIB,
      spanMs: DAY,
      fewSnapshots: false,
    }),
    {
      ...grown("Thre", "nonpaged", "stopped-held", 0, { kind: "rising-floor", trims: 3 }),
      since: START + DAY,
      until: START + 7 * DAY,
    },
    hostile(),
  ];
  return {
    ...plain,
    verdicts,
    steadyCount: plain.span.series - verdicts.length,
    notJudged: { count: 0, tooFewSnapshots: 0, tooNew: 0, tooMany: 0 },
    pools: [
      {
        kind: "nonpaged",
        bytes: nonpaged,
        limitBytes: exhaustion.limitBytes,
        limitBasis: exhaustion.limitBasis,
        bytesPerHour: exact(leakRate * 1.002),
        exhaustion,
      },
      {
        kind: "paged",
        bytes: plain.pools.find(({ kind }) => kind === "paged")?.bytes ?? 0,
        limitBytes: 20 * 1024 * MIB,
        limitBasis: { kind: "stated", text: "the commit limit: on this Windows paged pool ends there" },
        bytesPerHour: exact(5400 * 96 + 6 * 2240, 0.2),
      },
    ],
    gaps: [
      ...plain.gaps,
      { where: "acmelog.sys", problem: "could not be read: <access denied>" },
      { where: "recording", problem: "3 snapshots failed their checksum and were left out" },
    ],
  };
}

/** A tag of markup, with a driver whose name is markup too. */
function hostile(): Verdict {
  const verdict = makeVerdict({ ...blank("", "nonpaged"), tag: HOSTILE_TAG, state: "given-back" });
  const file = "C:\\x\\<img src=x onerror=alert(1)>.sys";
  return {
    ...verdict,
    evidence: [{ kind: "fell-back", roseBytes: 3 * MIB, fellBytes: 3 * MIB }],
    attribution: makeAttribution(verdict, {
      members: [
        {
          tag: HOSTILE_TAG,
          kind: "nonpaged",
          nature: "unknown",
          bytesPerHour: 0,
          owner: { component: "<script>alert(1)</script>", description: "<b>bold</b>", from: "a list" },
          drivers: [{ file, tier: "text", uses: [] }],
        },
      ],
    }),
  };
}

function member(name: string, kind: "nonpaged" | "paged", ratio: number, bytesPerHour: number): GroupMember {
  const held = { heldBytes: 4 * MIB, outstanding: 1300, grownBytes: 2 * MIB };
  return { tag: tagOf(name), kind, ratio, bytesPerHour, ...held, keptShare: 1 };
}

function blank(name: string, kind: "nonpaged" | "paged"): Partial<Verdict> & { readonly tag: number } {
  return {
    tag: tagOf(name),
    kind,
    state: "steady",
    bytesPerHour: { value: 0, low: 0, high: 0 },
    blocksPerHour: 0,
    grows: "nothing",
    heldBytes: 8 * MIB,
    outstanding: 3000,
    grownBytes: 2 * MIB,
    confidence: 0.8,
  };
}

function grown(
  name: string,
  kind: "nonpaged" | "paged",
  state: Verdict["state"],
  rate: number,
  why: Evidence,
): Verdict {
  return makeVerdict({
    ...blank(name, kind),
    state,
    bytesPerHour: exact(rate),
    grows: "count",
    since: START + 2 * DAY,
    evidence: [why],
  });
}
