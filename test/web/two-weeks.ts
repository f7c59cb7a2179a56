// A synthetic machine for tests and benchmarks of the dashboard: two weeks with leaks, a reboot, a night off, groups,
// caches and hostile tag bytes. Deterministic; the numbers are invented, the tag names are those of a usual Windows.

import { ColumnsBuilder } from "../../src/model/columns-builder.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { parseTag, tagFromBytes, type Tag } from "../../src/model/tag.ts";

export interface SceneOptions {
  /** (tag, kind) rows in all. */
  readonly rows?: number;
  readonly days?: number;
  readonly everyMs?: number;
  /** Share of the filler rows that change at a snapshot. */
  readonly changing?: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** 2026-03-02 06:00 UTC, a Monday. */
export const START = Date.UTC(2026, 2, 2, 6);
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** `mulberry32`, public domain: the same sequence everywhere. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const tagOf = (text: string): Tag => parseTag(text) ?? 0;

/** A tag whose bytes try to be HTML. */
export const HOSTILE_TAG = tagFromBytes(0x3c, 0x62, 0x3e, 0x22);

interface Moment {
  /** Hours since the record began, and since the newest boot. */
  readonly hours: number;
  readonly up: number;
  readonly boot: number;
  readonly noise: () => number;
}

interface Actor {
  readonly tag: Tag;
  readonly kind: 0 | 1;
  readonly blockBytes: number;
  readonly blocks: (moment: Moment) => number;
  /** Allocations an hour that are freed again at once. */
  readonly churn: number;
}

const day = (hours: number): number => Math.sin(((hours + 6 - 14) / 24) * 2 * Math.PI);

/** Blocks leaked by the driver of the scene: from the second boot on, 9 hours after it started. */
const leaked = ({ boot, up }: Moment): number => (boot === 0 ? 0 : Math.max(0, up - 9) * 5400);

const ACTORS: readonly Actor[] = [
  actor("AcFl", 0, 2048, (m) => 400 + leaked(m) + 30 * m.noise(), 90_000),
  actor("AcNm", 1, 96, (m) => 420 + leaked(m) + 30 * m.noise(), 90_000),
  actor("Proc", 0, 2560, (m) => 190 + 6 * m.up + 5 * m.noise(), 400),
  actor("Toke", 1, 1900, (m) => 1200 + 6 * m.up + 12 * m.noise(), 9000),
  actor("PsIm", 1, 340, (m) => 180 + 6 * m.up + 4 * m.noise(), 400),
  actor("MmSt", 1, 3200, (m) => 42_000 * (1 - Math.exp(-m.up / 14)) + 900 * m.noise(), 60_000),
  actor("CM31", 1, 4096, (m) => 9000 + 4 * m.noise(), 100),
  actor("EtwB", 0, 65_536, () => 1800, 0),
  actor("File", 0, 336, (m) => 88_000 + 14_000 * day(m.hours) + 2500 * m.noise(), 4_000_000),
  actor("Ntff", 1, 1264, (m) => 30_000 * (1 - Math.exp(-m.up / 30)) + 700 * m.noise(), 200_000),
  actor("FMfn", 1, 620, (m) => 52_000 + 4000 * day(m.hours) + 900 * m.noise(), 500_000),
  actor("Irp ", 0, 720, (m) => 2400 + (m.up % 8) * 260 + 120 * m.noise(), 3_000_000),
  actor("Thre", 0, 2304, (m) => 2900 + 260 * day(m.hours) + 40 * m.noise(), 20_000),
  actor("Pool", 0, 4096, (m) => (m.hours > 100 ? 14_000 : 6000), 10),
  actor("NDnd", 0, 1500, (m) => 12_000 + 200 * m.noise(), 1_000_000),
  actor("Vad ", 0, 144, (m) => 62_000 + 5000 * day(m.hours) + 800 * m.noise(), 900_000),
  { ...actor("xxxx", 0, 128, (m) => 900 + 40 * m.noise(), 1000), tag: HOSTILE_TAG },
];

function actor(name: string, kind: 0 | 1, blockBytes: number, blocks: Actor["blocks"], churn: number): Actor {
  return { tag: tagOf(name), kind, blockBytes, blocks, churn };
}

const LETTERS = "ABCDEFGHIKLMNOPRSTVWabcdefghiklmnoprstvwy0123";

interface Filler {
  readonly tag: Tag;
  readonly kind: 0 | 1;
  readonly blockBytes: number;
  blocks: number;
  readonly isLively: boolean;
}

function fillers(count: number, next: () => number, changing: number): Filler[] {
  const letter = (): number => LETTERS.charCodeAt(Math.floor(next() * LETTERS.length));
  return Array.from({ length: Math.max(0, count) }, () => ({
    tag: tagFromBytes(letter(), letter(), letter(), letter()),
    kind: next() < 0.55 ? 0 : 1,
    blockBytes: 16 * (2 + Math.floor(next() ** 3 * 200)),
    blocks: Math.floor(Math.exp(next() * 7.5)),
    isLively: next() < changing,
  }));
}

/** Yields the scene: reboot after 44 % of it, nothing measured for 14 hours from 68 % on. */
export function* scene(options: SceneOptions = {}): Generator<Snapshot> {
  const { rows = 400, days = 14, everyMs = 10 * 60_000, changing = 0.3 } = options;
  const next = random(7);
  const noise = (): number => next() + next() + next() - 1.5;
  const others = fillers(rows - ACTORS.length, next, changing);
  const rebootAt = START + 0.44 * days * DAY;
  const offFrom = START + 0.68 * days * DAY;
  for (let time = START; time <= START + days * DAY; time += everyMs) {
    if (time > offFrom && time < offFrom + Math.min(14 * HOUR, 0.1 * days * DAY)) continue;
    const boot = time >= rebootAt ? 1 : 0;
    const bootTime = boot === 0 ? START - 2 * HOUR : rebootAt - 90_000;
    const moment: Moment = { hours: (time - START) / HOUR, up: (time - bootTime) / HOUR, boot, noise };
    const columns = new ColumnsBuilder(rows);
    for (const { tag, kind, blockBytes, blocks, churn } of ACTORS) {
      const held = Math.max(0, Math.round(blocks(moment)));
      const frees = Math.round(churn * moment.up);
      columns.add(tag, kind, (frees + held) % 2 ** 32, frees % 2 ** 32, held, held * blockBytes);
    }
    for (const filler of others) {
      if (filler.isLively) filler.blocks = Math.max(1, filler.blocks + Math.round(noise() * Math.sqrt(filler.blocks)));
      const frees = filler.isLively ? Math.round(moment.up * 50) : 3;
      columns.add(
        filler.tag,
        filler.kind,
        frees + filler.blocks,
        frees,
        filler.blocks,
        filler.blocks * filler.blockBytes,
      );
    }
    const finished = columns.finish();
    let nonpaged = 60 * MIB;
    let paged = 90 * MIB;
    for (let row = 0; row < finished.length; row++) {
      if (finished.kind[row] === 0) nonpaged += finished.bytes[row] ?? 0;
      else paged += finished.bytes[row] ?? 0;
    }
    yield {
      time,
      origin: {
        source: "recording",
        file: "two-weeks.pool",
        host: "SRV-FILE-02",
        windowsBuild: 20348,
        architecture: "x64",
        bootTime,
        timeBasis: "measured",
      },
      totals: {
        nonpagedBytes: nonpaged,
        pagedBytes: paged,
        nonpagedLimitBytes: 12 * GIB,
        physicalBytes: 16 * GIB,
        availableBytes: 9 * GIB - nonpaged,
        commitBytes: 7 * GIB + nonpaged + paged,
        commitLimitBytes: 20 * GIB,
      },
      columns: finished,
      counterBits: 32,
      gaps: [],
    };
  }
}
