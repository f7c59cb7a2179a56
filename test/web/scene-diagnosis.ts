// The diagnosis of the scene as it is by construction, so that the page is tested with verdicts of every state whatever
// the detector of the day says. Drivers, companies and known leaks in it are invented.

import type { Diagnosis, Verdict } from "../../src/model/verdict.ts";
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
    limitBasis: "told by Windows in the recording",
  };
  const held = plain.span.to - onset;
  const leak: Verdict = {
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
      { kind: "growth", text: "The outstanding count rose in 100 % of 6-hour blocks since Mar 8 and never fell back." },
      {
        kind: "lockstep",
        text: "AcNm grows by the same number of blocks at the same times: one object, two allocations.",
      },
      { kind: "call-site", text: "acmeflt.sys allocates with this tag at 2 places, proven by following its code." },
    ],
    group: [
      { tag: tagOf("AcFl"), kind: "nonpaged", ratio: 1, bytesPerHour: leakRate, role: "lead" },
      { tag: tagOf("AcNm"), kind: "paged", ratio: 1, bytesPerHour: 5400 * 96, role: "same count" },
    ],
    owner: { component: "acmeflt.sys", description: "Acme file filter contexts", from: "poolscope notes" },
    drivers: [
      {
        file: "C:\\Windows\\System32\\drivers\\acmeflt.sys",
        tier: "proven",
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
    knownLeaks: [
      {
        id: "acme-1",
        tags: ["AcFl"],
        culprit: "Acme Backup Agent before 7.3",
        cause: "stream contexts are not released when a file is renamed during a scan",
        remedy: "update to 7.3 or later",
        source: "https://support.example.com/kb/4711",
      },
    ],
    next: ["Run: poolscope drivers C:\\Windows\\System32\\drivers\\acmeflt.sys", "Update Acme Backup Agent to 7.3"],
  };
  const zombie: Verdict = {
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
    evidence: [
      {
        kind: "lockstep",
        text: "Proc, Toke and PsIm grow 1 : 1 : 1: processes that ended but whose handles are held.",
      },
    ],
    group: [
      { tag: tagOf("Proc"), kind: "nonpaged", ratio: 1, bytesPerHour: 6 * 2560, role: "root" },
      { tag: tagOf("Toke"), kind: "paged", ratio: 1, bytesPerHour: 6 * 1900, role: "same count" },
      { tag: tagOf("PsIm"), kind: "paged", ratio: 0.99, bytesPerHour: 6 * 340, role: "same count" },
    ],
    owner: {
      component: "nt",
      description: "Process objects",
      from: "pooltag.txt",
      caution:
        "The kernel allocates these on behalf of whoever holds a handle: look for the program with most handles.",
    },
    next: ["On the machine, sort Task Manager's details by handles."],
  };
  const verdicts: Verdict[] = [
    leak,
    zombie,
    grown("Pool", "nonpaged", "step", 0, "One jump of 31 MiB on Mar 6, level since."),
    { ...grown("MmSt", "paged", "cache", 0.2 * MIB, "Fills after each boot and levels off."), drivers: [] },
    grown("File", "nonpaged", "load-driven", 0.1 * MIB, "Rises and falls with the hours of the day."),
    grown("Irp ", "nonpaged", "too-early", 0.05 * MIB, "A sawtooth whose floor cannot be judged yet."),
    {
      ...grown("Thre", "nonpaged", "stopped-held", 0, "Grew until Mar 9 and has been level since."),
      since: START + DAY,
      until: START + 7 * DAY,
    },
    {
      ...blank("", "nonpaged"),
      tag: HOSTILE_TAG,
      state: "given-back",
      evidence: [{ kind: "frees", text: "<script>alert(1)</script> was freed on Mar 11." }],
      drivers: [{ file: "C:\\x\\<img src=x onerror=alert(1)>.sys", tier: "text", uses: [] }],
    },
  ];
  return {
    ...plain,
    verdicts,
    steadyCount: plain.span.series - verdicts.length,
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
        limitBasis: "the commit limit: on this Windows paged pool ends there",
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

function blank(name: string, kind: "nonpaged" | "paged"): Verdict {
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
    evidence: [],
    group: [],
    drivers: [],
    knownLeaks: [],
    next: [],
  };
}

function grown(name: string, kind: "nonpaged" | "paged", state: Verdict["state"], rate: number, why: string): Verdict {
  return {
    ...blank(name, kind),
    state,
    bytesPerHour: exact(rate),
    grows: "count",
    since: START + 2 * DAY,
    evidence: [{ kind: "shape", text: why }],
  };
}
