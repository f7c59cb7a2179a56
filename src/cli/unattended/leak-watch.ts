// Tells once of every leak that opens while it is recorded, for the Windows event log.

import { kindCode, rowKey } from "../../model/snapshot.ts";
import type { Diagnosis, Verdict } from "../../model/verdict.ts";
import { findingParagraph } from "../../words/findings.ts";
import { systemProgram, type Variables } from "./plan.ts";
import type { RunProgram } from "./carry-out.ts";

/** A verdict that is less sure than this is no news for an event log. */
const SURE = 0.5;

export class LeakWatch {
  readonly #told = new Set<number>();
  readonly #tell: (verdict: Verdict) => void;

  constructor(tell: (verdict: Verdict) => void) {
    this.#tell = tell;
  }

  /** Takes the newest diagnosis and tells of each leak in it that was not told yet. */
  judged({ verdicts }: Pick<Diagnosis, "verdicts">): void {
    for (const verdict of verdicts) {
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
