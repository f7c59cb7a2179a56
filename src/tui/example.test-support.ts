// A machine for tests of the view: 300 tags, one leak with a companion, one cache, one that came and went, and what a
// detector would say of them. Everything follows from the sample's number, so frames are the same every time.

import type { Detector } from "../detect/detector.ts";
import { columnsFromUses } from "../model/columns-builder.ts";
import type { BesideTables } from "../model/beside.ts";
import type { PoolKind, Snapshot } from "../model/snapshot.ts";
import { makeVerdict } from "../model/verdict.test-support.ts";
import { parseTag } from "../model/tag.ts";
import type { Owner } from "../model/attribution.ts";
import type { Exhaustion, Diagnosis, TagRef, Verdict } from "../model/verdict.ts";
import { Monitor, type Offers } from "./monitor.ts";
import { settle } from "./settle.ts";
import type { DetailSeries, Size, State, TagFacts } from "./state.ts";
import type { Look } from "./style.ts";

export const START = Date.UTC(2026, 10, 26, 9, 30);
export const STEP = 10_000;
export const PLAIN: Look = { color: false, unicode: true };

export function tagOf(text: string): number {
  const tag = parseTag(text);
  if (tag === undefined) throw new Error(`no tag: ${text}`);
  return tag;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function steadyTag(index: number): string {
  return `${LETTERS[index % 26] ?? "A"}${LETTERS[(index * 7) % 26]?.toLowerCase() ?? "a"}${String(index).padStart(2, "0").slice(-2)}`;
}

/** The sample with a number from 0, ten seconds apart. */
export function exampleSnapshot(at: number): Snapshot {
  const uses: { tag: number; kind: PoolKind; allocs: number; frees: number; bytes: number }[] = [];
  const add = (text: string, kind: PoolKind, allocs: number, frees: number, bytes: number): void => {
    uses.push({ tag: tagOf(text), kind, allocs, frees, bytes });
  };
  add("Leak", "nonpaged", 1_000 + 50 * at, 400, (600 + 50 * at) * 128);
  add("LkCx", "paged", 500 + 50 * at, 100, (400 + 50 * at) * 64);
  add(
    "MmSt",
    "paged",
    4_294_960_000 + 90 * at,
    4_294_950_000 + 80 * at,
    180_000_000 - Math.round(60_000_000 / (at + 1)),
  );
  add("NtFC", "paged", 9_000 + 300 * at, 2_000 + 300 * at - (at % 7), (7_000 + (at % 7)) * 832);
  add("EtwB", "nonpaged", 412, 300, 6_291_456);
  add("Irp", "nonpaged", 83_000_000 + 5_000 * at, 82_990_000 + 5_000 * at, 3_400_000 + (at % 3) * 4_096);
  add("\\x01\\xFFx", "nonpaged", 12, 2, 4_960);
  for (let index = 0; index < 300; index++) {
    const text = steadyTag(index);
    const blocks = 3 + ((index * 37) % 211);
    const moving = index % 5 === 0 ? at * (index + 1) : 0;
    add(
      text,
      index % 2 === 0 ? "nonpaged" : "paged",
      blocks * 4 + moving,
      blocks * 3 + moving,
      blocks * (32 + ((index * 13) % 97) * 16),
    );
  }
  return {
    time: START + at * STEP,
    origin: {
      source: "windows-live",
      host: "BUILD-07",
      windowsBuild: 19_045,
      architecture: "x64",
      bootTime: START - 5 * 86_400_000 - 3 * 3_600_000,
      timeBasis: "measured",
    },
    totals: {
      nonpagedBytes: 420_000_000 + at * 50 * 128,
      pagedBytes: 610_000_000 + at * 50 * 64,
      nonpagedLimitBytes: 12 * 2 ** 30,
      physicalBytes: 16 * 2 ** 30,
      availableBytes: 7.5 * 2 ** 30,
      commitBytes: 9.2 * 2 ** 30,
      commitLimitBytes: 18.4 * 2 ** 30,
      commitPeakBytes: 11 * 2 ** 30,
    },
    columns: columnsFromUses(uses),
    counterBits: 32,
    gaps: [],
  };
}

const OWNERS: Readonly<Record<string, Owner>> = {
  MmSt: { component: "nt!mm", description: "section object prototype PTEs", from: "poolscope notes" },
  NtFC: { component: "ntfs.sys", description: "file creation contexts", from: "pooltag.txt" },
  EtwB: { component: "nt!etw", description: "event tracing buffers", from: "pooltag.txt" },
  "Irp ": {
    component: "nt!io",
    description: "I/O request packets",
    from: "poolscope notes",
    caution: "Every driver allocates these: look for the driver that does not complete them.",
  },
};

export function exampleOwner(tag: number): Owner | undefined {
  return Object.entries(OWNERS).find(([text]) => tagOf(text) === tag)?.[1];
}

const LEAK_RATE = 50 * 128 * 360;

const EXAMPLE_EXHAUSTION: Exhaustion = {
  hours: { value: 5_400, low: 5_200, high: 5_600 },
  at: START + 5_400 * 3_600_000,
  against: "nonpaged-limit",
  limitBytes: 12 * 2 ** 30,
  limitBasis: { kind: "stated", text: "told by Windows" },
};

export function exampleVerdicts(at: number): Verdict[] {
  const rate = (value: number) => ({ value, low: value * 0.98, high: value * 1.02 });
  return [
    makeVerdict({
      tag: tagOf("Leak"),
      kind: "nonpaged",
      state: "leaking",
      bytesPerHour: rate(LEAK_RATE),
      blocksPerHour: 18_000,
      grows: "count",
      since: START,
      heldBytes: (600 + 50 * at) * 128,
      outstanding: 600 + 50 * at,
      grownBytes: 50 * at * 128,
      exhaustion: EXAMPLE_EXHAUSTION,
      confidence: 0.97,
      evidence: [
        { kind: "growth", factor: "count", blocks: 50 * at, bytes: 50 * at * 128, overMs: at * STEP },
        { kind: "frees", made: 50 * at, keptShare: 1 },
      ],
      group: [
        {
          tag: tagOf("LkCx"),
          kind: "paged",
          ratio: 1,
          bytesPerHour: LEAK_RATE / 2,
          heldBytes: (400 + 50 * at) * 64,
          outstanding: 400 + 50 * at,
          grownBytes: 50 * at * 64,
          keptShare: 1,
        },
      ],
    }),
    makeVerdict({
      tag: tagOf("MmSt"),
      kind: "paged",
      state: "cache",
      bytesPerHour: rate(2_000_000),
      blocksPerHour: 3_600,
      grows: "both",
      heldBytes: 180_000_000,
      outstanding: 10_000,
      grownBytes: 60_000_000,
      confidence: 0.8,
      evidence: [{ kind: "saturating", bytes: 60_000_000 }],
    }),
  ];
}

/** What stands beside the counters of the example machine. */
export const EXAMPLE_BESIDE: BesideTables = {
  drivers: {
    time: START + 590_000,
    rows: Array.from({ length: 40 }, (_, i) => ({
      file: i === 7 ? "leaky.sys" : `drv${String(i).padStart(2, "0")}.sys`,
      version: i === 7 ? "2.1.0" : `10.0.19041.${i}`,
      company: i === 7 ? "Contoso" : "Microsoft Corporation",
      imageBytes: 4096 * (i + 9),
      fileTime: START - i * 86_400_000,
    })),
  },
  driverChanges: [
    {
      time: START + 120_000,
      after: START + 60_000,
      before: { file: "leaky.sys", version: "2.0.9" },
      now: { file: "leaky.sys", version: "2.1.0" },
    },
  ],
  programs: {
    time: START + 590_000,
    since: START,
    isWhole: true,
    listed: 93,
    rows: Array.from({ length: 30 }, (_, i) => ({
      pid: 400 + 4 * i,
      name: i === 5 ? "leaky.exe" : `service${i}.exe`,
      handles: 2000 - 60 * i,
      ...(i === 5 ? { gainedHandles: 640 } : { gainedHandles: -(i % 3) }),
      threads: i + 2,
      nonpagedQuota: 20_000 + i,
      pagedQuota: 300_000 + i,
      otherPerSecond: i === 9 ? 9_000 : i / 3,
      privateBytes: 2 ** 20 * (i + 3),
    })),
  },
  live: { processes: 93, threads: 1200, handles: 41_000 },
};

export const EXAMPLE_FACTS: TagFacts = {
  drivers: [
    {
      file: "C:\\Windows\\System32\\drivers\\leaky.sys",
      tier: "proven",
      company: "Contoso",
      product: "Filter",
      version: "2.1.0",
      uses: [{ api: "ExAllocatePool2", rva: 0x1a2c, function: 0x1a00, pool: "nonpaged" }],
    },
  ],
  knownLeaks: [
    {
      id: "leak-demo",
      tags: ["Leak"],
      culprit: "myfault.sys",
      cause: "leaks on purpose",
      remedy: "stop NotMyFault",
      source: "https://example.org/leak",
    },
  ],
  sizeClasses: [
    { bytes: 8_192, blocks: 12 },
    { bytes: 65_536, blocks: 3 },
  ],
  next: [],
  remarks: [],
};

/** Stands in for the detector, so that frames do not depend on its arithmetic. */
export class ExampleDetector {
  #count = 0;
  #times: number[] = [];
  #bytes = new Map<number, number[]>();
  last: Snapshot | undefined;

  push(snapshot: Snapshot): void {
    this.last = snapshot;
    this.#count += 1;
    this.#times.push(snapshot.time);
    for (let row = 0; row < snapshot.columns.length; row++) {
      const key = (snapshot.columns.tag[row] ?? 0) * 2 + (snapshot.columns.kind[row] ?? 0);
      const values = this.#bytes.get(key) ?? [];
      values.push(snapshot.columns.bytes[row] ?? 0);
      this.#bytes.set(key, values);
    }
  }

  series(ref: TagRef): DetailSeries | undefined {
    const bytes = this.#bytes.get(ref.tag * 2 + (ref.kind === "paged" ? 1 : 0));
    return bytes === undefined ? undefined : { times: this.#times, bytes, outstanding: bytes };
  }

  diagnose(): Diagnosis | undefined {
    const { last } = this;
    if (last === undefined) return undefined;
    const at = this.#count - 1;
    return {
      origin: last.origin,
      span: { from: last.time - at * STEP, to: last.time, snapshots: this.#count, series: 307, boots: [] },
      totals: last.totals,
      pools: [
        {
          kind: "nonpaged",
          bytes: last.totals.nonpagedBytes ?? 0,
          limitBytes: 12 * 2 ** 30,
          bytesPerHour: { value: LEAK_RATE, low: LEAK_RATE, high: LEAK_RATE },
          exhaustion: EXAMPLE_EXHAUSTION,
        },
        { kind: "paged", bytes: last.totals.pagedBytes ?? 0, bytesPerHour: { value: 0, low: 0, high: 0 } },
      ],
      verdicts: this.#count < 6 ? [] : exampleVerdicts(at),
      steadyCount: 305,
      notJudged: { count: 0, tooFewSnapshots: 0, tooNew: 0, tooMany: 0 },
      abstentions: [],
      gaps: [],
    };
  }
}

/** A monitor of the example machine after a number of samples. */
export function exampleMonitor(samples: number, size: Size, look: Look = PLAIN, offers: Partial<Offers> = {}): Monitor {
  const monitor = new Monitor(
    {
      makeDetector: () => new ExampleDetector() as unknown as Detector,
      ownerOf: exampleOwner,
      factsOf: (tag) =>
        Promise.resolve({ ...EXAMPLE_FACTS, ...(tag === tagOf("Leak") ? {} : { drivers: [], knownLeaks: [] }) }),
      ...offers,
    },
    look,
    size,
    { kind: "live", intervalMs: STEP },
  );
  for (let at = 0; at < samples; at++) monitor.takeSample(exampleSnapshot(at));
  if (samples > 0) monitor.diagnose(() => 0);
  return monitor;
}

/** Its state. */
export function exampleState(samples: number, size: Size, look: Look = PLAIN): State {
  return settle(exampleMonitor(samples, size, look).state);
}
