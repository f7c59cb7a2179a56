import { expect, test } from "vitest";
import type { Evidence } from "../../model/evidence.ts";
import type { Diagnosis } from "../../model/verdict.ts";
import { makeDiagnosis, makeVerdict } from "../../model/verdict.test-support.ts";
import { figureWords } from "../../words/findings.ts";
import { withoutClock } from "./clockless.ts";

test("no date, no duration, no end, and rates per step", () => {
  const end = {
    hours: { value: 1, low: 1, high: 1 },
    at: 5,
    against: "ram",
    limitBytes: 1,
    limitBasis: { kind: "less-pools" },
  } as const;
  const leak = makeVerdict({
    since: 1,
    until: 2,
    exhaustion: end,
    lookAgainAfterMs: 3,
    evidence: [
      { kind: "short-record", spanMs: 1 },
      { kind: "frees", made: 9, keptShare: 1 },
    ],
  });
  const pool = { kind: "nonpaged", bytes: 1, bytesPerHour: { value: 1, low: 1, high: 1 }, exhaustion: end } as const;
  const { verdicts, pools, abstentions } = withoutClock(
    makeDiagnosis([leak], { pools: [pool], abstentions: [{ kind: "under-a-day", ms: 1 }, { kind: "no-counters" }] }),
  );
  expect(verdicts[0]).toMatchObject({ perStep: true, evidence: [{ kind: "frees" }] });
  for (const field of ["since", "until", "exhaustion", "lookAgainAfterMs"])
    expect(verdicts[0]).not.toHaveProperty(field);
  expect(pools[0]).not.toHaveProperty("exhaustion");
  expect(abstentions).toEqual([{ kind: "no-counters" }]);
  expect(verdicts[0] && figureWords(verdicts[0])).toBe("+1.00 MiB/step");
});

test.each<readonly [Evidence, boolean]>([
  [{ kind: "returned" }, true],
  [{ kind: "frees", made: 9, keptShare: 1 }, true],
  [{ kind: "rising-floor", trims: 3 }, true],
  [{ kind: "shape", like: "steady", onRhythm: false, logOdds: 5, loadTried: false }, true],
  [{ kind: "lockstep", tags: [] }, true],
  [{ kind: "fell-back", roseBytes: 9, fellBytes: 8 }, true],
  [{ kind: "stepped", bytes: 9, steps: 1 }, true],
  [{ kind: "short-rise", bytes: 9 }, true],
  [{ kind: "saturating", bytes: 9 }, true],
  [{ kind: "follows-load", share: 1 }, true],
  [{ kind: "growth", factor: "count", blocks: 1, bytes: 1, overMs: 1 }, false],
  [{ kind: "lumps", lumps: 3, bytesEach: 1 }, false],
  [{ kind: "work" }, false],
  [{ kind: "few-periods", periods: 2 }, false],
])("of the reasons %o stays: %s", (evidence, stays) => {
  const { verdicts } = withoutClock(makeDiagnosis([makeVerdict({ evidence: [evidence] })]));
  expect(verdicts[0]?.evidence).toEqual(stays ? [evidence] : []);
});

test("holes and settling are matters of time; pools keep their figures, per step", () => {
  const kept = { kind: "paged", bytes: 9, bytesPerHour: { value: 4, low: 3, high: 5 } } as const;
  const { pools, abstentions, origin } = withoutClock(
    makeDiagnosis([], {
      pools: [kept],
      abstentions: [
        { kind: "hole", spanMs: 5, withoutMs: 4 },
        { kind: "settling", ms: 5 },
        { kind: "under-a-day", ms: 1 },
      ] as Diagnosis["abstentions"],
    }),
  );
  expect(pools).toEqual([{ ...kept, perStep: true }]);
  expect(abstentions).toEqual([]);
  expect(origin).toEqual(makeDiagnosis([]).origin);
});
