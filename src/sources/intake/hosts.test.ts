import { describe, expect, test } from "vitest";
import { columnsFromUses } from "../../model/columns-builder.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { parseTag } from "../../model/tag.ts";
import { decideHosts, type Sighting } from "./hosts.ts";

const TAGS = ["AcmQ", "MmSt", "File", "Irp ", "Ntfx", "EtwB"].map((name) => parseTag(name) ?? 0);

/** A snapshot of a machine whose counters begin at `level` for the tags, each another way, and grow with `step`. */
function sighting(file: string, index: number, level: readonly number[], ram = 2 ** 34): Sighting {
  const uses = TAGS.map((tag, i) => {
    const allocs = (level[i % level.length] ?? 1) * 1000 + index * 10;
    return { tag, kind: "nonpaged" as const, allocs, frees: 10, bytes: allocs * 16 };
  });
  const snapshot: Snapshot = {
    time: index * 3_600_000,
    origin: { source: "poolmon", timeBasis: "file-name" },
    totals: { physicalBytes: ram },
    columns: columnsFromUses(uses),
    counterBits: 32,
    gaps: [],
  };
  return { file, snapshot };
}

const A = [10, 900, 40, 7000, 5, 300];
const B = [700, 20, 3000, 90, 450, 8];

describe("machines of an input", () => {
  test("one machine is one, whatever its files are called", () => {
    const one = Array.from({ length: 8 }, (_, i) => sighting(`logs/snap${i}.txt`, i, A));
    expect(decideHosts(one)).toBeUndefined();
  });

  test("a restart is no second machine", () => {
    const up = Array.from({ length: 5 }, (_, i) => sighting(`logs/${i}.txt`, i, A));
    const again = Array.from({ length: 5 }, (_, i) => sighting(`logs/${i + 5}.txt`, i + 5, [1, 2, 3, 4, 1, 2]));
    expect(decideHosts([...up, ...again])).toBeUndefined();
  });

  test("names of files that the counters bear out, with equal RAM", () => {
    const two = Array.from({ length: 10 }, (_, i) =>
      sighting(`logs/SRV0${(i % 2) + 1}_pool_2025-03-0${(i >> 1) + 1}.txt`, i, i % 2 === 0 ? A : B),
    );
    const decision = decideHosts(two);
    expect([decision?.known, [...new Set(decision?.names)]]).toEqual(["file-name", ["SRV01", "SRV02"]]);
  });

  test("counters that jump back and forth, without any name", () => {
    const two = Array.from({ length: 10 }, (_, i) => sighting("mail.txt", i, i % 2 === 0 ? A : B));
    const decision = decideHosts(two);
    expect(decision?.known).toBe("counters");
    expect(decision?.names).toEqual(two.map((_, i) => `machine ${(i % 2) + 1}`));
  });

  test("before and after are no hosts", () => {
    expect(decideHosts([sighting("t/before.txt", 0, A), sighting("t/after.txt", 1, A)])).toBeUndefined();
  });
});
