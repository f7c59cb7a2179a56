import { expect, test } from "vitest";
import { makeChance } from "../bench/recordings/chance.ts";
import { curveTape } from "../bench/recordings/curves.ts";
import { queueTape } from "../bench/recordings/queues.ts";

const makers = [queueTape, curveTape];

test("a seed makes the same recording again, another seed another one", () => {
  for (const make of makers) {
    const a = make("a", 0, makeChance(7));
    expect(make("a", 0, makeChance(7))).toEqual(a);
    expect(make("a", 0, makeChance(8)).times).not.toEqual(a.times);
  }
});

test("counters only rise, what is outstanding was allocated, and leaked blocks are part of it", () => {
  for (const make of makers) {
    for (let i = 0; i < 6; i++) {
      for (const { counts, allocs, leak } of make("a", i, makeChance(100 + i)).tracks) {
        for (let k = 1; k < counts.length; k++) {
          expect(allocs[k]).toBeGreaterThanOrEqual(allocs[k - 1] ?? 0);
          expect(counts[k]).toBeGreaterThanOrEqual((leak?.leaked[k] ?? 0) - 1e-9);
        }
      }
    }
  }
});

test("every third recording is clean", () => {
  for (const make of makers) {
    const leaks = [0, 1, 2, 3, 4, 5].map(
      (i) => make("a", i, makeChance(200 + i)).tracks.filter((t) => t.leak !== undefined).length > 0,
    );
    expect(leaks).toEqual([true, true, false, true, true, false]);
  }
});
