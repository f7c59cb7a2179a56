// Watches what is recorded and tells once of every leak that opens, for the Windows event log.

import { Detector } from "../../detect/detector.ts";
import { kindCode, rowKey, type Milliseconds, type Snapshot } from "../../model/snapshot.ts";
import type { Verdict } from "../../model/verdict.ts";
import { findingParagraph } from "../../words/findings.ts";
import { limitsOfSnapshot } from "../limits.ts";
import { systemProgram, type Variables } from "./plan.ts";
import type { RunProgram } from "./carry-out.ts";

/** A recorder must stay small on a machine that is short of memory: about 32 bytes a point and series. */
const POINTS = 96;
const DIAGNOSE_EVERY: Milliseconds = 5 * 60_000;
/** A verdict that is less sure than this is no news for an event log. */
const SURE = 0.5;

export class LeakWatch {
  readonly #detector = new Detector({ maxPoints: POINTS, limitsOf: limitsOfSnapshot });
  readonly #told = new Set<number>();
  readonly #tell: (verdict: Verdict) => void;
  readonly #every: Milliseconds;
  #diagnosed: Milliseconds | undefined;

  constructor(tell: (verdict: Verdict) => void, every: Milliseconds = DIAGNOSE_EVERY) {
    this.#tell = tell;
    this.#every = every;
  }

  push(snapshot: Snapshot): void {
    this.#detector.push(snapshot);
    this.#diagnosed ??= snapshot.time;
    if (snapshot.time - this.#diagnosed < this.#every) return;
    this.#diagnosed = snapshot.time;
    for (const verdict of this.#detector.diagnose()?.verdicts ?? []) {
      const key = rowKey(verdict.tag, kindCode(verdict.kind));
      if (verdict.state !== "leaking") {
        // A leak that stopped and opens again later is told again.
        this.#told.delete(key);
      } else if (verdict.confidence >= SURE && !this.#told.has(key)) {
        this.#told.add(key);
        this.#tell(verdict);
      }
    }
  }
}

/** A leak in one paragraph, with what to type next. */
export function leakSentence(verdict: Verdict, file: string): string {
  return `Kernel memory leak: ${findingParagraph(verdict)} Next: poolscope leaks ${file}`;
}

/** Writes a warning of source `poolscope` into the application log. Answers what went wrong, or nothing. */
export function writeEvent(text: string, env: Variables, run: RunProgram): string | undefined {
  const { code, output } = run(systemProgram(env, "eventcreate.exe"), [
    "/t",
    "WARNING",
    "/id",
    "1",
    "/l",
    "APPLICATION",
    "/so",
    "poolscope",
    "/d",
    text.replace(/[^\x20-\x7e]/g, "?").slice(0, 1000),
  ]);
  return code === 0
    ? undefined
    : `no event written: eventcreate ${code === undefined ? output : `ended with ${code}: ${output}`}`;
}
