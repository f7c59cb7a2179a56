import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTag } from "../model/tag.ts";
import { abstentionWords } from "../words/abstentions.ts";
import { evidenceWords } from "../words/evidence.ts";
import { Detector, MAX_FITTED } from "./detector.ts";
import { snapshotAt, use } from "./snapshots.test-support.ts";

test("of more rows that move than the budget of a look those that gained most are judged, the rest is counted", () => {
  const leak = parseTag("Leak") ?? 0;
  const detector = new Detector();
  const breathing = 2 * MAX_FITTED;
  for (let i = 0; i < 14; i++) {
    const uses = Array.from({ length: breathing }, (_, k) => use(0x41000000 + k, 100 + ((i * 3 + k) % 5)));
    detector.push(snapshotAt(i * 5, [...uses, use(leak, 1000 + 50 * i)]));
  }
  const diagnosis = detector.diagnose();
  expect(diagnosis?.verdicts.map((v) => [v.tag, v.state])).toContainEqual([leak, "leaking"]);
  expect(MAX_FITTED).toBe(1500);
  expect(diagnosis?.notJudged).toEqual({ count: 1501, tooFewSnapshots: 0, tooNew: 0, tooMany: 1501 });
  expect(diagnosis?.abstentions.map(abstentionWords).join(" ")).toContain(
    "1,501 rows that gained least were not judged",
  );
});

test("whatever is pushed, a diagnosis comes back and every number in it is one", () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 5000 }),
    fc.constant(Number.NaN),
    fc.constant(0),
    fc.constant(2 ** 52),
  );
  const series = fc.array(value, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      series,
      series,
      fc.array(fc.integer({ min: -3, max: 600 }), { minLength: 40, maxLength: 40 }),
      (a, b, steps) => {
        const detector = new Detector();
        let minutes = 0;
        a.forEach((blocks, i) => {
          minutes += steps[i] ?? 1;
          detector.push(snapshotAt(minutes, [use(1, blocks), use(2, i * 10, b[i] ?? 1)]));
        });
        for (const verdict of detector.diagnose()?.verdicts ?? []) {
          expect(Number.isFinite(verdict.bytesPerHour.value)).toBe(true);
          expect(verdict.confidence).toBeGreaterThanOrEqual(0);
          expect(verdict.confidence).toBeLessThanOrEqual(1);
          for (const each of verdict.evidence)
            expect(evidenceWords(each)).not.toMatch(/NaN|undefined|Infinity|unknown/);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("growth that ends is said to have stopped at once, and is still held", () => {
  const detector = new Detector();
  for (let i = 0; i < 48; i++) {
    detector.push(snapshotAt(i * 5, [use(7, 500 + 20 * Math.min(i, 40))]));
    if (i === 39) expect(detector.diagnose()?.verdicts[0]?.state).toBe("leaking");
  }
  expect(detector.diagnose()?.verdicts[0]?.state).toBe("stopped-held");
});
