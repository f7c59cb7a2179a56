// Every named kind of damage, several times each: what is answered with --recount is exact, or uncertain with a gap that is named.

import { expect, test } from "vitest";
import { answerPoolUse, recountPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { certaintyOf } from "../../src/formats/crash-dump/table-checks.ts";
import { FormatError } from "../../src/model/errors.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { DAMAGE } from "../build/dump/damage.ts";
import { damaged, machineForDamage } from "../build/dump/damaged.ts";
import { bitmapDump } from "../build/dump/files.ts";

interface Answer {
  readonly rows: ReadonlyMap<string, string>;
  readonly certainty: number;
  readonly problems: readonly string[];
}

function answer(bytes: Uint8Array): Answer | undefined {
  try {
    const dump = openDump(bytesSource(bytes));
    const uses = recountPoolUse(dump, answerPoolUse(dump), { pages: 0, notInDump: 0, exhausted: false });
    const rows = usesOf(uses.columns).map(
      (use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes].join()] as const,
    );
    return {
      rows: new Map(rows),
      certainty: certaintyOf(uses.checks),
      problems: [...dump.problems, ...uses.problems],
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

const truth = answer(bitmapDump(machineForDamage()));
const EACH = 3;

test("there are more than 50 kinds, each with a name of its own", () => {
  expect(new Set(DAMAGE.map(({ name }) => name)).size).toBe(DAMAGE.length);
  expect(DAMAGE.length).toBeGreaterThan(50);
  expect(truth?.problems).toEqual([]);
});

test.each(DAMAGE.map((each) => [each.name, each] as const))(
  "%s",
  (_, damage) => {
    if (truth === undefined) throw new Error("the undamaged dump is not answered");
    for (let seed = 1; seed <= EACH; seed++) {
      const found = answer(damaged(damage, seed));
      if (found === undefined) continue;
      const keys = [...new Set([...truth.rows.keys(), ...found.rows.keys()])];
      const different = keys.filter((key) => truth.rows.get(key) !== found.rows.get(key));
      if (different.length === 0) continue;
      const [key = ""] = different;
      const where = `seed ${seed}: ${key} ${truth.rows.get(key)} -> ${found.rows.get(key)}`;
      expect(found.certainty, where).toBeLessThan(truth.certainty);
      expect(
        found.problems.filter((problem) => !truth.problems.includes(problem)),
        where,
      ).not.toEqual([]);
    }
  },
  60_000,
);
