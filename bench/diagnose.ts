// `npm run bench:diagnose [SNAPSHOTS]`: time and memory of diagnosing a week of 3,000 tags, a tenth of which move all the
// time; by default the 2,000 evenly spaced snapshots that `leaks` reads out of a recording, with 60480 all of a week at 10 s.

import { Detector } from "../src/detect/detector.ts";
import type { Snapshot } from "../src/model/snapshot.ts";

const TAGS = 3_000;
const MOVING = 300;
const WEEK = 7 * 86_400_000;
const count = Number(process.argv[2] ?? 2_000);

function makeSnapshots(): (i: number) => Snapshot {
  const tag = Uint32Array.from({ length: TAGS }, (_, k) => 0x30303030 + k * 7);
  const kind = Uint8Array.from({ length: TAGS }, (_, k) => k % 2);
  const allocs = Float64Array.from({ length: TAGS }, (_, k) => 1_000 + k);
  const level = Float64Array.from({ length: TAGS }, (_, k) => 100 + k);
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32 - 0.5;
  };
  return (i) => {
    const time = Date.UTC(2026, 0, 1) + (i * WEEK) / count;
    const load = 1 + 0.5 * Math.sin((2 * Math.PI * time) / 86_400_000);
    for (let k = 0; k < MOVING; k++) {
      allocs[k] = (allocs[k] ?? 0) + Math.round(40 * load * (k + 1));
      level[k] = (level[k] ?? 0) + (k % 3 === 0 ? random() * 20 : 0) + (k % 50 === 7 ? 1 : 0);
    }
    const outstanding = level.map((v, k) =>
      k < MOVING ? Math.max(1, Math.round(v * (k % 3 === 1 ? load : 1) + random() * 20)) : v,
    );
    return {
      time,
      origin: { source: "recording", timeBasis: "measured" },
      columns: {
        length: TAGS,
        tag,
        kind,
        allocs: allocs.slice(),
        frees: allocs.map((a, k) => a - (outstanding[k] ?? 0)),
        outstanding,
        bytes: outstanding.map((v) => v * 112),
      },
      totals: {},
      counterBits: 64,
      gaps: [],
    };
  };
}

const make = makeSnapshots();
const detector = new Detector();
let pushing = 0;
for (let i = 0; i < count; i++) {
  const snapshot = make(i);
  const start = performance.now();
  detector.push(snapshot);
  pushing += performance.now() - start;
}
const start = performance.now();
const diagnosis = detector.diagnose();
const looking = performance.now() - start;
const again = performance.now();
detector.diagnose();
const second = performance.now() - again;
const { user, system } = process.cpuUsage();
console.log(
  [
    `${count} snapshots of ${TAGS} tags, ${MOVING} moving`,
    `push      ${(pushing / 1000).toFixed(2)} s, ${((pushing / count) * 1000).toFixed(1)} us each`,
    `diagnose  ${(looking / 1000).toFixed(2)} s, a second time ${(second / 1000).toFixed(2)} s`,
    `memory    ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`,
    `CPU       ${((user + system) / 1e6).toFixed(2)} s with making the data`,
    `findings  ${diagnosis?.verdicts.filter((v) => v.state === "leaking").length ?? 0} leaking`,
  ].join("\n"),
);
