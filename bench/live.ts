// Microseconds per live snapshot of 4,000 tags through the stand-in for ntdll: query, decode and totals. Bar: 300 us.

import { buildFakeNt } from "../test/build/fakent.ts";
import { createLiveSampler } from "../src/sources/windows-live/sampler.ts";

const library = buildFakeNt();
if (library === undefined) {
  console.error("bench:live needs gcc to build the stand-in for ntdll");
  process.exit(2);
}
const { default: koffi } = await import("koffi");
const configure = koffi.load(library).func("void fakent_configure(const char *text)");
configure("tags=4000");
const sampler = await createLiveSampler({ library });
const rows = sampler.sample().columns.length;

const ROUNDS = 9;
const PER_ROUND = 200;
const perSnapshot: number[] = [];
for (let round = 0; round <= ROUNDS; round++) {
  const start = performance.now();
  for (let i = 0; i < PER_ROUND; i++) sampler.sample();
  // The first round warms up.
  if (round > 0) perSnapshot.push(((performance.now() - start) / PER_ROUND) * 1000);
}
perSnapshot.sort((a, b) => a - b);
const query = koffi.load(library).func("uint32 NtQuerySystemInformation(uint32, void *, uint32, void *)");
const buffer = new Uint8Array(1 << 20);
const returned = new Uint32Array(1);
const start = performance.now();
for (let i = 0; i < 500; i++) {
  query(22, buffer, buffer.length, returned);
  query(2, buffer, 1024, returned);
}
const stand = ((performance.now() - start) / 500) * 1000;
console.log(
  `${rows} rows of 4,000 tags: median ${perSnapshot[ROUNDS >> 1]?.toFixed(0)} us per snapshot ` +
    `(fastest round ${perSnapshot[0]?.toFixed(0)}, slowest ${perSnapshot.at(-1)?.toFixed(0)}), ` +
    `of which the stand-in itself takes ${stand.toFixed(0)}; bar 300`,
);
