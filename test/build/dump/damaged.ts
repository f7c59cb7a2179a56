// A dump with one named damage: a machine whose every block stands in memory, so that each row has a second count.

import type { Below, Damage } from "./damage.ts";
import { bitmapDump } from "./files.ts";
import { buildMachine, type Machine } from "./machine.ts";
import { addObjects } from "./objects.ts";
import { addPoolPages } from "./pool-pages.ts";

/** Two processors, rows of the form B64, object types whose counts agree with their tags. */
export function machineForDamage(): Machine {
  const machine = buildMachine({
    kind: "x64",
    tagRecipe: "B64",
    bigRecipe: "ten-64",
    build: 17763,
    placement: { distance: 8, firstLarge: 0x800 },
  });
  const blocks = (tag: string): number =>
    ["nonpaged", "paged"].reduce((sum, pool) => {
      const [allocs = 0, frees = 0] = machine.truth.get(`${tag} ${pool}`) ?? [];
      return sum + allocs - frees;
    }, 0);
  const types: [string, string][] = [
    ["Type", "Irp "],
    ["Directory", "MmSt"],
    ["Process", "Proc"],
    ["Thread", "Thre"],
    ["Event", "Even"],
    ["Key", "Ntfx"],
    ["File", "File"],
  ];
  addPoolPages(machine);
  addObjects(machine, {
    build: "19041",
    processes: [],
    types: types.map(([name, tag]) => [name, tag, blocks(tag), 0]),
  });
  return machine;
}

/** The dump of such a machine with a damage; the same seed gives the same file. */
export function damaged(damage: Damage, seed: number): Uint8Array {
  const machine = machineForDamage();
  const below = numbers(seed);
  const pages: Uint8Array[] = [];
  for (let page = 0n; page < 8n; page++) pages.push(machine.memory.map(machine.trackTable + page * 4096n).slice());
  damage.memory?.(machine, below);
  const bytes = bitmapDump(machine);
  if (damage.file === undefined) return bytes;
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return damage.file(
    bytes,
    below,
    pages.map((page) => whole.indexOf(page)).filter((at) => at > 0),
  );
}

/** mulberry32. */
function numbers(seed: number): Below {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
