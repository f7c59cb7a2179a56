// `npm run bench:recordings -- queues|curves SEED COUNT DIR`: labelled recordings of one of the own generators, laid
// out as `npm run bench:leaks` reads them.

import { makeChance } from "./recordings/chance.ts";
import { curveTape } from "./recordings/curves.ts";
import { queueTape } from "./recordings/queues.ts";
import { writeTapes, type Tape } from "./recordings/tape.ts";

const [kind = "", seedText = "", countText = "", folder = ""] = process.argv.slice(2);
const makers: Readonly<Record<string, typeof queueTape>> = { queues: queueTape, curves: curveTape };
const make = makers[kind];
const seed = Number(seedText);
const count = Number(countText);
if (make === undefined || !Number.isInteger(seed) || !(count > 0) || folder === "") {
  process.stderr.write("usage: bench:recordings -- queues|curves SEED COUNT DIR\n");
  process.exitCode = 2;
} else {
  const makeTape = make;
  function* tapes(): Generator<Tape> {
    for (let i = 0; i < count; i++) {
      yield makeTape(`${kind.slice(0, 1)}${String(i + 1).padStart(2, "0")}`, i, makeChance(seed * 1_000 + i));
    }
  }
  writeTapes(folder, seed, tapes());
}
