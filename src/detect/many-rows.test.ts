// A machine with far more tags than any has. Not part of the mutation run: it takes seconds and kills nothing that others leave.

import { expect, test } from "vitest";
import { parseTag } from "../model/tag.ts";
import { Detector } from "./detector.ts";
import { snapshotAt, use } from "./snapshots.test-support.ts";

test(
  "a hundred thousand tags that stand still cost no model: the leak is found, the rest is steady",
  { timeout: 120_000 },
  () => {
    const leak = parseTag("Leak") ?? 0;
    const detector = new Detector();
    for (let i = 0; i < 14; i++) {
      const uses = Array.from({ length: 100_000 }, (_, k) => use(0x41000000 + k, 100 + (k % 7)));
      detector.push(snapshotAt(i * 5, [...uses, use(leak, 1000 + 50 * i)]));
    }
    const diagnosis = detector.diagnose();
    expect(diagnosis?.verdicts.map((v) => [v.tag, v.state])).toEqual([[leak, "leaking"]]);
    expect(diagnosis).toMatchObject({ steadyCount: 100_000, notJudged: { count: 0 } });
  },
);
