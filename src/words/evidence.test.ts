import { expect, test } from "vitest";
import type { Evidence } from "../model/evidence.ts";
import { tagNamed } from "../model/verdict.test-support.ts";
import { abstentionWords, notJudgedWords } from "./abstentions.ts";
import { evidenceWords, listWords, percentWords } from "./evidence.ts";
import { STATE_WORDS } from "./states.ts";
import { shellTag, stepLine, withStop } from "./steps.ts";

const HOUR = 3_600_000;

test.each<[Evidence, string]>([
  [{ kind: "growth", factor: "count", blocks: 1, bytes: 96, overMs: HOUR }, "1 more block (96 B) within 1 h."],
  [
    { kind: "growth", factor: "count", blocks: 1234, bytes: 4096, overMs: HOUR, quietMs: 2 * HOUR },
    "1,234 more blocks (4.00 KiB) within 1 h; nothing more for 2 h since, and nothing given back.",
  ],
  [
    { kind: "growth", factor: "count", blocks: 10, bytes: 4096, overMs: HOUR, nowBytesPerHour: 8192 },
    "10 more blocks (4.00 KiB) within 1 h, and it speeds up: +8.00 KiB/h at the end.",
  ],
  [{ kind: "frees", made: 1000, keptShare: 0.9995 }, "Not one of 1,000 blocks allocated in this time was freed."],
  [{ kind: "frees", made: 1000, keptShare: 0.042 }, "Of 1,000 blocks allocated in this time 4.2 % were not freed."],
  [
    { kind: "work", bytesPerAllocation: 0.5 },
    "It grows with the work the machine does, faster when it is busy: 488 KiB stay behind per million allocations.",
  ],
  [{ kind: "stepped", bytes: 1024, steps: 1 }, "1.00 KiB came in one step; it is level before and after."],
  [
    { kind: "lockstep", tags: [tagNamed("Toke")], root: "process" },
    "It grows in lockstep with Toke: one leak of process objects, not 2 leaks. A tag names who allocates, not who forgets to free.",
  ],
])("%o", (evidence, words) => {
  expect(evidenceWords(evidence)).toBe(words);
});

test("how much better growth fits is a power of ten, capped", () => {
  const shape = { kind: "shape", like: "steady", onRhythm: false, loadTried: false } as const;
  expect(evidenceWords({ ...shape, logOdds: 6 })).toContain("about 10^3 times");
  expect(evidenceWords({ ...shape, logOdds: 90 })).toContain("more than 10^15 times");
});

test("lists and shares", () => {
  expect([listWords([]), listWords(["a"]), listWords(["a", "b"]), listWords(["a", "b", "c"], "or")]).toEqual([
    "",
    "a",
    "a and b",
    "a, b or c",
  ]);
  expect([0, 0.00012, 0.045, 0.5, 1].map(percentWords)).toEqual(["0 %", "0.012 %", "4.5 %", "50 %", "100 %"]);
});

test("what was not judged is counted with its reason", () => {
  expect(notJudgedWords({ count: 0, tooFewSnapshots: 0, tooNew: 0, tooMany: 0 })).toBeUndefined();
  expect(notJudgedWords({ count: 1, tooFewSnapshots: 0, tooNew: 1, tooMany: 0 })).toBe(
    "1 row not judged: listed too briefly",
  );
  expect(notJudgedWords({ count: 5, tooFewSnapshots: 0, tooNew: 2, tooMany: 3 })).toBe(
    "5 rows not judged: 2 listed too briefly, 3 more rows move than are judged in one look",
  );
  expect(abstentionWords({ kind: "few-snapshots", usable: 2, needed: 12 })).toContain(
    "2 usable snapshots: at least 12",
  );
});

test("a step is typed as it stands", () => {
  expect(["Even", "Irp ", 'a"b$'].map((text) => shellTag(tagNamed(text)))).toEqual(["Even", '"Irp "', '"a\\x22b$"']);
  expect(stepLine({ kind: "debugger-table", tag: tagNamed("Irp "), pool: "paged" })).toMatch(/^!poolused 4 Irp {3}\(/);
  expect(stepLine({ kind: "look-again", afterMs: HOUR })).toBe("Look again after 1 h more.");
  expect([withStop("a"), withStop("a."), withStop("a. ")]).toEqual(["a.", "a.", "a."]);
});

test("every state has a word that fits its column, and no two labels are alike", () => {
  const all = Object.values(STATE_WORDS);
  for (const { word } of all) expect(word.length).toBeLessThanOrEqual(6);
  expect(new Set(all.map(({ label }) => label)).size).toBe(all.length);
});
