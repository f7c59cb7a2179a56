import { expect, test } from "vitest";
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
