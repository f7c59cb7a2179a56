// First generator: every tag is a store of blocks that are made, live and die one by one, or in whole groups; a leak is
// blocks that skip their death. Nothing is drawn as a curve: caches fill by misses, rings by writes, queues by arrivals.

import type { Chance } from "./chance.ts";
import type { Tape, Track } from "./tape.ts";

interface Host {
  readonly chance: Chance;
  readonly n: number;
  /** Hours between snapshots. */
  readonly step: number;
  /** Load at each snapshot, 1 = usual. */
  readonly load: Float64Array;
  /** Hours since the first snapshot. */
  readonly hours: Float64Array;
  name(): string;
}

type Maker = (host: Host) => Track[];

const SIZES = [32, 48, 64, 96, 128, 160, 208, 272, 320, 512, 640, 1024, 2048, 4096];

/** Blocks that live for `lifetime` hours on average and arrive with the load; `leak(i)` of those that arrive at i stay. */
function store(
  { chance, n, step, load }: Host,
  perHour: number,
  lifetime: number,
  leak: (i: number, arrivals: number) => number = () => 0,
): { counts: Float64Array; allocs: Float64Array; leaked: Float64Array } {
  const counts = new Float64Array(n);
  const allocs = new Float64Array(n);
  const leaked = new Float64Array(n);
  let alive = chance.poisson(perHour * lifetime * (load[0] ?? 1));
  let total = chance.whole(alive, alive * 50 + 1000);
  let kept = 0;
  const survive = Math.exp(-step / lifetime);
  const newborn = (lifetime / step) * (1 - survive);
  for (let i = 0; i < n; i++) {
    if (i > 0) {
      const arrivals = chance.poisson(perHour * step * (load[i] ?? 1));
      const lost = leak(i, arrivals);
      alive = chance.binomial(alive, survive) + chance.binomial(arrivals, newborn);
      kept += lost;
      total += arrivals + lost;
    }
    counts[i] = alive + kept;
    allocs[i] = total;
    leaked[i] = kept;
  }
  return { counts, allocs, leaked };
}

function dress(host: Host, made: { counts: Float64Array; allocs: Float64Array }, more: Partial<Track> = {}): Track {
  const { chance } = host;
  return {
    tag: host.name(),
    type: chance.unit() < 0.6 ? "Nonp" : "Paged",
    bytesPerBlock: chance.pick(SIZES),
    counts: made.counts,
    allocs: made.allocs,
    ...more,
  };
}

const traffic: Maker = (host) => {
  const { chance } = host;
  const lifetime = chance.scale(host.step / 5, host.step * host.n * 0.3);
  return [dress(host, store(host, chance.scale(1, 3000) / lifetime, lifetime))];
};

/** Few long sessions that bring many blocks each, gone when the session ends. */
const sessions: Maker = (host) => {
  const { chance, n, step } = host;
  const counts = new Float64Array(n);
  const allocs = new Float64Array(n);
  const span = n * step;
  for (let k = chance.whole(20, 80); k > 0; k--) {
    const from = chance.between(-0.5 * span, span);
    const until = from + chance.pareto(span / 60, 1.4);
    const blocks = chance.whole(5, 80);
    for (let i = 0; i < n; i++) {
      if (i * step >= from && i * step < until) counts[i] = (counts[i] ?? 0) + blocks;
      if (i * step >= from) allocs[i] = (allocs[i] ?? 0) + blocks;
    }
  }
  return [dress(host, { counts, allocs }, { negative: { family: "sessions" } })];
};

/** Keys asked for by rank, the rarer the seldomer; a miss makes an entry, beyond the capacity the oldest goes. */
const keyCache: Maker = (host) => {
  const { chance, n, step, load } = host;
  const items = chance.whole(2_000, 30_000);
  const capacity = chance.unit() < 0.5 ? items : chance.whole(500, 3_000);
  const perHour = chance.scale(0.3, 6) * (items / (n * step));
  const entries = new Set<number>();
  const counts = new Float64Array(n);
  const allocs = new Float64Array(n);
  let made = chance.whole(0, 5_000);
  for (let i = 0; i < n; i++) {
    for (let k = chance.poisson(perHour * step * (load[i] ?? 1)); k > 0; k--) {
      const key = Math.floor(items ** chance.unit());
      if (entries.delete(key)) {
        entries.add(key);
        continue;
      }
      entries.add(key);
      made += 1;
      if (entries.size > capacity) for (const oldest of entries) if (entries.delete(oldest)) break;
    }
    counts[i] = 200 + entries.size;
    allocs[i] = made;
  }
  return [dress(host, { counts, allocs }, { negative: { family: "key_cache" } })];
};

/** A ring that is written at a constant rate: grows in a straight line until it is full, then each write frees the oldest. */
const ring: Maker = (host) => {
  const { chance, n, step } = host;
  const from = chance.whole(0, Math.floor(n * 0.3));
  const full = chance.whole(from + Math.floor(n / 3), Math.floor(n * 0.85));
  const capacity = chance.whole(300, 8_000);
  const perHour = capacity / ((full - from) * step);
  const counts = new Float64Array(n);
  const allocs = new Float64Array(n);
  let made = 0;
  for (let i = 0; i < n; i++) {
    if (i > from) made += chance.poisson(perHour * step);
    counts[i] = 40 + Math.min(capacity, made);
    allocs[i] = 1_000 + made;
  }
  return [dress(host, { counts, allocs }, { negative: { family: "ring_fills" } })];
};

/** Makes blocks all day, frees all of them when a collector runs. */
const collected: Maker = (host) => {
  const { chance, n, step } = host;
  const period = chance.between(n / 12, n / 2.2);
  let next = chance.between(0.2, 1) * period;
  const perHour = chance.scale(200, 20_000) / (n * step);
  const counts = new Float64Array(n);
  const allocs = new Float64Array(n);
  let made = 500;
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const born = chance.poisson(perHour * step);
    made += born;
    kept += born;
    if (i > next) {
      kept = 0;
      next += period * chance.between(0.9, 1.1);
    }
    counts[i] = 100 + kept;
    allocs[i] = made;
  }
  return [dress(host, { counts, allocs }, { negative: { family: "collected" } })];
};

/** One burst of work (a backup, an update) fills several caches between two times; what it filled is reused afterwards. */
const workBurst: Maker = (host) => {
  const { chance, n } = host;
  const from = chance.whole(Math.floor(n * 0.1), Math.floor(n * 0.5));
  const until = from + chance.whole(Math.floor(n * 0.1), Math.floor(n * 0.35));
  return Array.from({ length: chance.whole(3, 6) }, () => {
    const base = store(host, chance.scale(20, 400), host.step * chance.between(0.5, 4));
    const rise = chance.whole(200, 6_000);
    const wobble = chance.between(0.05, 0.4);
    let held = 0;
    let reuse = 0;
    for (let i = 0; i < n; i++) {
      if (i > from && i <= until) {
        const fresh = chance.poisson((rise / (until - from)) * Math.max(0, 1 + wobble * chance.normal()));
        held += fresh;
        reuse += fresh;
      } else if (i > until) reuse += chance.poisson((0.3 * rise) / (until - from));
      base.counts[i] = (base.counts[i] ?? 0) + held;
      base.allocs[i] = (base.allocs[i] ?? 0) + reuse;
    }
    return dress(host, base, { negative: { family: "work_burst" } });
  });
};

/** A new version takes over: what one tag gives back another holds from then on. */
const moved: Maker = (host) => {
  const { chance, n } = host;
  const from = chance.whole(Math.floor(n * 0.2), Math.floor(n * 0.4));
  const until = from + chance.whole(Math.floor(n * 0.3), Math.floor(n * 0.5));
  const blocks = chance.whole(800, 6_000);
  const size = chance.pick(SIZES);
  const old = store(host, 100, host.step);
  const fresh = store(host, 100, host.step);
  for (let i = 0; i < n; i++) {
    const share = Math.min(1, Math.max(0, (i - from) / (until - from)));
    old.counts[i] = (old.counts[i] ?? 0) + Math.round(blocks * (1 - share));
    fresh.counts[i] = (fresh.counts[i] ?? 0) + Math.round(blocks * share);
    old.allocs[i] = (old.allocs[i] ?? 0) + blocks;
    fresh.allocs[i] = (fresh.allocs[i] ?? 0) + Math.round(blocks * share);
  }
  return [
    dress(host, old, { bytesPerBlock: size, type: "Nonp" }),
    dress(host, fresh, { bytesPerBlock: size, type: "Nonp", negative: { family: "moved" } }),
  ];
};

/** Users log on during the record and stay: each brings blocks, none is lost. */
const population: Maker = (host) => {
  const { chance, n } = host;
  const users = chance.whole(30, 300);
  const each = chance.whole(3, 30);
  const centre = chance.between(0.2, 0.6) * n;
  const width = chance.between(0.04, 0.12) * n;
  const base = store(host, 50, host.step);
  for (let u = 0; u < users; u++) {
    const from = centre + width * chance.normal();
    for (let i = Math.max(0, Math.ceil(from)); i < n; i++) {
      base.counts[i] = (base.counts[i] ?? 0) + each;
      base.allocs[i] = (base.allocs[i] ?? 0) + each;
    }
  }
  return [dress(host, base, { negative: { family: "population" } })];
};

const BENIGN: readonly Maker[] = [sessions, keyCache, ring, collected, workBurst, moved, population];

interface LeakPlan {
  readonly family: string;
  readonly from: number;
  readonly until?: number;
  readonly lost: (host: Host, i: number, arrivals: number, perHour: number) => number;
  /** Snapshots at which the driver is loaded anew and all it held is gone. */
  readonly reloads?: readonly number[];
}

function plan(host: Host, family: string): LeakPlan {
  const { chance, n, step } = host;
  const early = chance.whole(0, Math.floor(n * 0.5));
  const even = (h: Host, _i: number, _a: number, rate: number): number => h.chance.poisson(rate * step);
  switch (family) {
    case "per_operation": {
      const share = chance.scale(0.002, 0.2);
      return { family, from: 0, lost: (h, _i, arrivals) => h.chance.binomial(arrivals, share) };
    }
    case "timer":
      return { family, from: early, lost: even };
    case "lumps": {
      const lump = chance.whole(20, 200);
      return { family, from: 0, lost: (h, _i, _a, rate) => lump * h.chance.poisson((rate * step) / lump) };
    }
    case "at_night":
      return {
        family,
        from: 0,
        lost: (h, i, _a, rate) => ((h.hours[i] ?? 0) % 24 < 8 ? h.chance.poisson(3 * rate * step) : 0),
      };
    case "fresh":
      return {
        family,
        from: Math.floor(n * chance.between(0.86, 0.95)),
        lost: (h, _i, _a, rate) => h.chance.poisson(8 * rate * step),
      };
    case "stopped": {
      const until = chance.whole(Math.floor(n * 0.55), Math.floor(n * 0.85));
      return {
        family,
        from: chance.whole(0, Math.floor(n * 0.2)),
        until,
        lost: (h, i, _a, rate) => (i <= until ? h.chance.poisson(2 * rate * step) : 0),
      };
    }
    case "reloaded": {
      const reloads = Array.from({ length: chance.whole(1, 3) }, () =>
        chance.whole(Math.floor(n * 0.2), Math.floor(n * 0.75)),
      ).sort((a, b) => a - b);
      return { family, from: 0, reloads, lost: (h, _i, _a, rate) => h.chance.poisson(3 * rate * step) };
    }
    case "two_speeds": {
      const turn = chance.whole(Math.floor(n * 0.3), Math.floor(n * 0.6));
      return { family, from: 0, lost: (h, i, _a, rate) => h.chance.poisson((i < turn ? 1 : 2.5) * rate * step) };
    }
    default:
      return { family, from: early, lost: even };
  }
}

export const LEAK_FAMILIES = [
  "per_operation",
  "timer",
  "lumps",
  "at_night",
  "fresh",
  "stopped",
  "reloaded",
  "two_speeds",
];

const leaky =
  (family: string): Maker =>
  (host) => {
    const { chance, n, step } = host;
    const { from, until, lost, reloads } = plan(host, family);
    const lifetime = chance.scale(step / 4, step * n * 0.05);
    const usual = chance.scale(2, 1500);
    const rate = (Math.sqrt(usual) * chance.scale(4, 60) + 40) / (n * step);
    const made = store(host, usual / lifetime, lifetime, (i, arrivals) =>
      i > from ? lost(host, i, arrivals, rate) : 0,
    );
    for (const at of reloads ?? []) {
      const gone = made.leaked[at] ?? 0;
      for (let i = at; i < n; i++) {
        made.leaked[i] = (made.leaked[i] ?? 0) - gone;
        made.counts[i] = (made.counts[i] ?? 0) - gone;
      }
    }
    return [
      dress(host, made, { leak: { family, leaked: made.leaked, from, ...(until === undefined ? {} : { until }) } }),
    ];
  };

/** One forgotten release that keeps blocks of several tags, in whole or broken numbers of each. */
const leakyGroup: Maker = (host) => {
  const { chance, n, step } = host;
  const from = chance.whole(0, Math.floor(n * 0.4));
  const perHour = chance.scale(100, 4_000) / ((n - from) * step);
  const events = Float64Array.from({ length: n }, (_, i) => (i > from ? chance.poisson(perHour * step) : 0));
  const group = `g${host.name()}`;
  return Array.from({ length: chance.whole(2, 6) }, (_, k) => {
    const ratio = k === 0 ? 1 : chance.pick([1, 1, 2, 3, 0.5, 0.25]);
    const usual = k === 0 ? chance.scale(2, 30) : chance.scale(2, 600);
    const lifetime = chance.scale(step / 4, step * 10);
    let carry = 0;
    const made = store(host, usual / lifetime, lifetime, (i) => {
      carry += ratio * (events[i] ?? 0);
      const whole = Math.floor(carry);
      carry -= whole;
      return whole;
    });
    return dress(host, made, { leak: { family: "group", leaked: made.leaked, from, group } });
  });
};

function loadOf(chance: Chance, hours: Float64Array): Float64Array {
  const day = chance.between(0, 0.7);
  const drift = chance.between(0, 0.25);
  let slow = 0;
  return hours.map((h, i) => {
    const dt = i === 0 ? 0 : h - (hours[i - 1] ?? 0);
    const keep = Math.exp(-dt / 2);
    slow = keep * slow + Math.sqrt(1 - keep * keep) * chance.normal();
    return Math.max(0.05, (1 - day * Math.cos((2 * Math.PI * h) / 24)) * Math.exp(drift * slow));
  });
}

/** Every third recording has no leak. */
export function queueTape(id: string, index: number, chance: Chance): Tape {
  const n = chance.whole(120, 420);
  const step = chance.pick([1 / 60, 5 / 60, 0.25, 0.5, 1]);
  const hours = Float64Array.from({ length: n }, (_, i) => i * step);
  const names = new Set<string>();
  const host: Host = {
    chance,
    n,
    step,
    hours,
    load: loadOf(chance, hours),
    name() {
      for (;;) {
        const name = Array.from({ length: 4 }, () => String.fromCharCode(chance.whole(97, 122))).join("");
        if (!names.has(name)) {
          names.add(name);
          return name;
        }
      }
    },
  };
  const tracks: Track[] = [];
  for (let k = chance.whole(50, 90); k > 0; k--) tracks.push(...traffic(host));
  for (const maker of BENIGN) if (chance.unit() < 0.7) tracks.push(...maker(host));
  if (index % 3 !== 2) {
    for (let k = chance.whole(1, 3); k > 0; k--) tracks.push(...leaky(chance.pick(LEAK_FAMILIES))(host));
    if (chance.unit() < 0.4) tracks.push(...leakyGroup(host));
  }
  const start = 1_780_000_000 + chance.whole(0, 8_000_000);
  return {
    id,
    times: hours.map((h) => Math.round(start + h * 3600)),
    tracks,
    ramBytes: chance.pick([4, 8, 16, 32]) * 2 ** 30,
  };
}
