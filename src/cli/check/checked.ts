// What a gate compares, however it was read.

import type { Snapshot } from "../../model/snapshot.ts";
import type { Diagnosis, TagRef } from "../../model/verdict.ts";
import type { ExitCode } from "../command.ts";

export interface Checked {
  readonly first: Snapshot;
  readonly last: Snapshot;
  readonly diagnosis: Diagnosis;
  readonly timed: boolean;
  /** How the times are known, where they are not the sources' own. */
  readonly timesNote: string | undefined;
  readonly wasJudged: (ref: TagRef) => boolean;
  /** Says what went wrong while reading; answers the exit code. */
  readonly finish: (code: ExitCode) => ExitCode;
}
