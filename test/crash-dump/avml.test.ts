// AVML images: the same answers as from the machine's plain dump, in every form of ranges and chunks; damage is told.

import { expect, test } from "vitest";
import fc from "fast-check";
import { answerPoolUse } from "../../src/formats/crash-dump/answers.ts";
import { openDump } from "../../src/formats/crash-dump/dump.ts";
import { bytesSource } from "../../src/formats/crash-dump/source.ts";
import { FormatError } from "../../src/model/errors.ts";
import { usesOf } from "../../src/model/snapshot.ts";
import { formatTag } from "../../src/model/tag.ts";
import { avmlImage } from "../build/dump/avml.ts";
import { buildMachine } from "../build/dump/machine.ts";

const machine = buildMachine({ kind: "x64", tagRecipe: "B64", bigRecipe: "ten-64" });

function rowsOf(bytes: Uint8Array): { rows: Map<string, string>; problems: readonly string[]; kind: string } {
  const dump = openDump(bytesSource(bytes));
  const uses = answerPoolUse(dump);
  const rows = usesOf(uses.columns).map(
    (use) => [`${formatTag(use.tag)} ${use.kind}`, [use.allocs, use.frees, use.bytes].join()] as const,
  );
  return { rows: new Map(rows), problems: [...dump.problems, ...uses.problems], kind: dump.container.kind };
}

test.each([
  ["as AVML writes it", {}],
  ["with ranges that end behind their last byte", { exclusive: true }],
  ["with chunks of other lengths than pages", { chunkBytes: 10_000 }],
])("%s", (_, options) => {
  const { rows, problems, kind } = rowsOf(avmlImage(machine, options));
  expect([kind, problems]).toEqual(["avml", []]);
  const truth = [...machine.truth]
    .filter(([, [allocs]]) => allocs !== 0)
    .map(([key, row]) => [key, row.join()] as const);
  expect(rows).toEqual(new Map(truth));
});

test("cut off or damaged anywhere: exact, a named gap, or a FormatError", () => {
  const file = avmlImage(machine);
  const truth = rowsOf(file);
  const damaged = fc.oneof(
    fc.integer({ min: 1, max: file.length - 1 }).map((length) => file.slice(0, length)),
    fc
      .array(fc.tuple(fc.integer({ min: 0, max: file.length - 1 }), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 6,
      })
      .map((changes) => {
        const bytes = file.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      let found: ReturnType<typeof rowsOf>;
      try {
        found = rowsOf(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        return;
      }
      const isExact = found.rows.size === truth.rows.size && [...truth.rows].every(([k, v]) => found.rows.get(k) === v);
      if (!isExact) expect(found.problems.length).toBeGreaterThan(truth.problems.length);
    }),
    { numRuns: 300, seed: 18 },
  );
}, 60_000);

test("a header alone, a chunk that tells 4 GiB, a kind of chunk that nobody knows", () => {
  const file = avmlImage(machine);
  expect(() => openDump(bytesSource(file.slice(0, 40)))).toThrow(/without a chunk of memory/);
  const huge = file.slice();
  huge.set([0xff, 0xff, 0xff, 0xff, 0x0f], 32 + 10 + 8);
  expect(() => openDump(bytesSource(huge))).toThrow(/without a chunk of memory/);
  const unknown = file.slice();
  unknown[32 + 10] = 0x20;
  expect(() => openDump(bytesSource(unknown))).toThrow(/without a chunk of memory/);
});
