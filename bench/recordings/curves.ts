// Second generator: hosts as an administrator meets them. Laptops that sleep, logs taken by hand, clocks that are set,
// sources without cumulative counters, test rigs that repeat one run; benign pools as regimes, tides and slabs.

import type { Chance } from "./chance.ts";
import type { Tape, Track } from "./tape.ts";

interface Scene {
  readonly chance: Chance;
  readonly n: number;
  /** Hours of work behind each snapshot: time that the machine was awake. */
  readonly awake: Float64Array;
  readonly total: number;
  name(): string;
}

interface Curve {
  readonly family: string;
  readonly values: Float64Array;
  readonly ambiguous?: boolean;
}

/** Sits at one of a few levels and moves between them at random. */
function regimes({ chance, n }: Scene): Curve {
  const levels = Array.from({ length: chance.whole(2, 4) }, () => chance.scale(20, 2_000));
  const stay = chance.between(0.9, 0.99);
  let level = chance.pick(levels);
  let value = level;
  return {
    family: "regimes",
    values: Float64Array.from({ length: n }, () => {
      if (chance.unit() > stay) level = chance.pick(levels);
      value += 0.4 * (level - value) + 0.03 * level * chance.normal();
      return Math.max(1, value);
    }),
  };
}

/** Drifts between two walls. */
function pent({ chance, n }: Scene): Curve {
  const low = chance.scale(50, 1_000);
  const high = low * chance.between(1.3, 3);
  const stride = (high - low) * chance.between(0.02, 0.12);
  let value = chance.between(low, high);
  return {
    family: "pent_walk",
    values: Float64Array.from({ length: n }, () => {
      value += stride * chance.normal();
      if (value > high) value = 2 * high - value;
      if (value < low) value = 2 * low - value;
      return value;
    }),
  };
}

/** Up and down with no fixed period. */
function tide({ chance, n, awake, total }: Scene): Curve {
  const level = chance.scale(100, 3_000);
  const swing = chance.between(0.2, 0.9);
  let phase = chance.between(0, 2 * Math.PI);
  const cycles = chance.between(1.3, 9);
  return {
    family: "tide",
    values: Float64Array.from({ length: n }, (_, i) => {
      const dt = i === 0 ? 0 : (awake[i] ?? 0) - (awake[i - 1] ?? 0);
      phase += ((2 * Math.PI * cycles * dt) / total) * Math.max(0, 1 + 0.3 * chance.normal());
      return level * (1 + swing * Math.sin(phase)) + 0.02 * level * chance.normal();
    }),
  };
}

/** Fills quickly at first, then by the square root of what is left. */
function slowFill({ chance, n, awake, total }: Scene): Curve {
  const room = chance.scale(300, 6_000);
  const pace = chance.between(2, 8);
  const from = chance.between(0, 0.4) * total;
  let value = 0;
  return {
    family: "slow_fill",
    values: Float64Array.from({ length: n }, (_, i) => {
      const dt = i === 0 ? 0 : (awake[i] ?? 0) - (awake[i - 1] ?? 0);
      if ((awake[i] ?? 0) > from)
        value += ((pace * dt) / total) * (room - value) * Math.max(0, 1 + 0.5 * chance.normal());
      return 50 + value;
    }),
  };
}

/** Comes with memory pressure: held until it is asked for, then gives some back, fills again. */
function pressed({ chance, n, awake, total }: Scene): Curve {
  const room = chance.scale(500, 5_000);
  const each = total / chance.between(2.5, 7);
  let next = each * chance.between(0.4, 1);
  let value = room * chance.between(0.3, 0.8);
  return {
    family: "pressed",
    values: Float64Array.from({ length: n }, (_, i) => {
      const dt = i === 0 ? 0 : (awake[i] ?? 0) - (awake[i - 1] ?? 0);
      value += ((1.6 * dt * room) / each) * chance.between(0.2, 1);
      if ((awake[i] ?? 0) > next) {
        value *= chance.between(0.2, 0.7);
        next += each * chance.between(0.6, 1.4);
      }
      return Math.max(10, value);
    }),
  };
}

/** A batch that holds its blocks for a while and frees all; one that has not ended is beyond telling. */
function batch({ chance, n }: Scene): Curve {
  const from = chance.whole(Math.floor(n * 0.1), Math.floor(n * 0.8));
  const width = chance.whole(Math.floor(n * 0.08), Math.floor(n * 0.3));
  const rise = chance.scale(300, 8_000);
  return {
    family: "batch",
    ambiguous: from + width >= n,
    values: Float64Array.from({ length: n }, (_, i) => {
      const inside = i > from && i < from + width;
      return 80 + 3 * chance.normal() + (inside ? (rise * (i - from)) / width : 0);
    }),
  };
}

/** A few steps of a service that takes memory once for each part it starts. */
function parts({ chance, n }: Scene): Curve {
  const at = Array.from({ length: chance.whole(2, 4) }, () => ({
    when: chance.between(0.05, 0.6) * n,
    height: chance.scale(40, 900),
  }));
  return {
    family: "parts",
    values: Float64Array.from(
      { length: n },
      (_, i) => 60 + 2 * chance.normal() + at.reduce((sum, s) => sum + (i > s.when ? s.height : 0), 0),
    ),
  };
}

/** The same run again and again; the first ones warm things up. */
function rig({ chance, n }: Scene): Curve {
  const run = chance.whole(8, Math.max(9, Math.floor(n / 8)));
  const height = chance.scale(100, 2_000);
  const warm = chance.scale(30, 800);
  return {
    family: "rig",
    values: Float64Array.from({ length: n }, (_, i) => {
      const inRun = (i % run) / run;
      const settled = 1 - Math.exp(-Math.floor(i / run) / 1.5);
      return 50 + warm * settled + height * Math.min(1, 4 * inRun, 4 * (1 - inRun)) + 4 * chance.normal();
    }),
  };
}

const BENIGN = [regimes, pent, tide, slowFill, pressed, batch, parts, rig];

function quiet({ chance, n }: Scene): Float64Array {
  const level = chance.scale(3, 2_000);
  const noise = chance.unit() < 0.5 ? 0 : chance.scale(0.003, 0.1) * level;
  const memory = chance.between(0, 0.95);
  let value = 0;
  return Float64Array.from({ length: n }, () => {
    value = memory * value + Math.sqrt(1 - memory * memory) * noise * chance.normal();
    return Math.max(0, level + value);
  });
}

/** What a leak has gained at each snapshot, with where it began and ended. */
interface Gain {
  readonly family: string;
  readonly leaked: Float64Array;
  readonly from: number;
  readonly until?: number;
}

function gainOf({ chance, n, awake, total }: Scene, family: string, height: number): Gain {
  const along = (at: (share: number) => number): Float64Array => awake.map((h) => Math.floor(height * at(h / total)));
  const late = chance.between(0.3, 0.8);
  switch (family) {
    case "awake":
      return { family, leaked: along((s) => s), from: 0 };
    case "late":
      return { family, leaked: along((s) => Math.max(0, s - late) / (1 - late)), from: Math.floor(late * n) };
    case "last_hours": {
      const from = chance.between(0.87, 0.96);
      return {
        family,
        leaked: along((s) => Math.max(0, s - from) / (1 - from)),
        from: Math.max(0, awake.findIndex((h) => h / total >= from) - 1),
      };
    }
    case "worsening":
      return { family, leaked: along((s) => 0.3 * s + 0.7 * s ** 3), from: 0 };
    case "rare_lumps": {
      const lumps = chance.whole(7, 14);
      const at = Array.from({ length: lumps }, () => chance.unit());
      return {
        family,
        leaked: awake.map((h) => Math.floor((height / lumps) * at.filter((s) => s <= h / total).length)),
        from: 0,
      };
    }
    case "ended": {
      const end = chance.between(0.5, 0.8);
      return {
        family,
        leaked: along((s) => Math.min(1, s / end)),
        from: 0,
        until: awake.findIndex((h) => h / total >= end),
      };
    }
    default: {
      // Cleared by a restart of the service, and back.
      const at = chance.between(0.35, 0.7);
      return { family: "service_restart", leaked: along((s) => (s < at ? s : s - at)), from: 0 };
    }
  }
}

const LEAKS = ["awake", "late", "last_hours", "worsening", "rare_lumps", "ended", "service_restart"];
const SIZES = [64, 80, 112, 144, 192, 256, 384, 768, 1_536, 3_072];

/** Snapshots as they come: regular, jittered, by hand, or of a machine that sleeps; `clock` is what the source writes. */
function axis(chance: Chance, n: number): { clock: Float64Array; awake: Float64Array } {
  const step = chance.pick([1 / 30, 1 / 12, 1 / 4, 1]);
  const habit = chance.pick(["regular", "regular", "jittered", "by hand", "sleeps", "clock set"] as const);
  const clock = new Float64Array(n);
  const awake = new Float64Array(n);
  const set = chance.whole(Math.floor(n / 4), Math.floor((3 * n) / 4));
  for (let i = 1; i < n; i++) {
    const dt =
      habit === "jittered"
        ? step * chance.between(0.6, 1.4)
        : habit === "by hand"
          ? step * chance.pareto(0.3, 1.5)
          : step;
    const asleep = habit === "sleeps" && i % Math.floor(n / 5) === 0 ? step * chance.whole(20, 60) : 0;
    const jump = habit === "clock set" && i === set ? 1 : 0;
    awake[i] = (awake[i - 1] ?? 0) + dt;
    clock[i] = (clock[i - 1] ?? 0) + dt + asleep + jump;
  }
  return { clock, awake };
}

/** Every third recording has no leak, every second no cumulative counters. */
export function curveTape(id: string, index: number, chance: Chance): Tape {
  const n = chance.whole(60, 360);
  const { clock, awake } = axis(chance, n);
  const names = new Set<string>();
  const scene: Scene = {
    chance,
    n,
    awake,
    total: awake[n - 1] ?? 1,
    name() {
      for (;;) {
        const name = Array.from({ length: 4 }, () => String.fromCharCode(chance.whole(65, 90))).join("");
        if (!names.has(name)) {
          names.add(name);
          return name;
        }
      }
    },
  };
  const levelsOnly = index % 2 === 1;
  /** Slabs hand out whole pages of blocks. */
  const quantum = levelsOnly && chance.unit() < 0.6 ? chance.whole(8, 64) : 1;
  const tracks: Track[] = [];
  const add = (level: Float64Array, more: Partial<Track>, gain?: Gain): void => {
    const counts = level.map((v, i) => {
      const blocks = Math.max(0, Math.round(v)) + (gain?.leaked[i] ?? 0);
      return quantum > 1 ? Math.ceil(blocks / quantum) * quantum : blocks;
    });
    const churn = chance.scale(0.05, 20);
    let made = chance.whole(0, 100_000);
    const allocs = counts.map((count, i) => {
      const before = i === 0 ? count : (counts[i - 1] ?? 0);
      const hours = i === 0 ? 0 : (awake[i] ?? 0) - (awake[i - 1] ?? 0);
      const benign = (level[i] ?? 0) + 5;
      made += Math.max(0, count - before) + chance.poisson((churn * benign * hours * 20) / scene.total);
      return made;
    });
    const type = chance.unit() < 0.6 ? "Nonp" : "Paged";
    tracks.push({ tag: scene.name(), type, bytesPerBlock: chance.pick(SIZES), counts, allocs, ...more });
  };
  for (let k = chance.whole(50, 90); k > 0; k--) add(quiet(scene), {});
  for (const make of BENIGN) {
    if (chance.unit() > 0.7) continue;
    const { values, family, ambiguous } = make(scene);
    add(values, { negative: { family, ambiguous: ambiguous === true } });
  }
  if (index % 3 !== 2) {
    for (let k = chance.whole(1, 3); k > 0; k--) {
      const height = chance.scale(60, 6_000);
      const gain = gainOf(scene, chance.pick(LEAKS), height);
      const { family, leaked, from, until } = gain;
      const host = chance.unit() < 0.6 ? quiet(scene) : chance.pick([regimes, pent, tide])(scene).values;
      add(host, { leak: { family, leaked, from, ...(until === undefined ? {} : { until }) } }, gain);
    }
    if (chance.unit() < 0.4) {
      const group = scene.name();
      const height = chance.scale(100, 3_000);
      const gain = gainOf(scene, chance.pick(["awake", "late", "ended"]), height);
      for (let k = chance.whole(2, 5); k > 0; k--) {
        const ratio = chance.pick([1, 1, 2, 0.5, 0.3]);
        const own: Gain = { ...gain, leaked: gain.leaked.map((v) => Math.floor(ratio * v)) };
        const { leaked, from, until } = own;
        add(
          quiet(scene),
          { leak: { family: "group", leaked, from, group, ...(until === undefined ? {} : { until }) } },
          own,
        );
      }
    }
  }
  const start = 1_780_000_000 + chance.whole(0, 8_000_000);
  return {
    id,
    times: clock.map((h) => Math.round(start + h * 3600)),
    tracks,
    levelsOnly,
    ramBytes: chance.pick([4, 8, 16, 64]) * 2 ** 30,
  };
}
