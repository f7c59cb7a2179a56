// Whether a recording is being written now, by what its last session says of itself.

import type { Milliseconds } from "../../model/snapshot.ts";
import { RecordingReader } from "../../store/reader.ts";

export interface RecorderState {
  readonly snapshots: number;
  readonly from: Milliseconds | undefined;
  readonly to: Milliseconds | undefined;
  readonly running: boolean;
  /** Start of the last session. */
  readonly started: Milliseconds | undefined;
  readonly pid: number | undefined;
  readonly every: Milliseconds | undefined;
  /** End of the last session, where it ended by itself. */
  readonly ended: Milliseconds | undefined;
  readonly outcome: string | undefined;
}

/** Without this many intervals and this long without a snapshot, a process with the recorder's number is another one. */
const SILENT_INTERVALS = 5;
const SILENT: Milliseconds = 30_000;

/** Reads the state. Throws AccessError or FormatError where the file cannot be read as a recording. */
export function readRecorderState(file: string, now: Milliseconds, isAlive = processIsAlive): RecorderState {
  const reader = RecordingReader.open(file);
  try {
    const session = reader.db.prepare("SELECT * FROM session ORDER BY id DESC LIMIT 1").get() ?? {};
    const span = reader.span();
    const numberOf = (name: string): number | undefined => {
      const value = session[name];
      return typeof value === "number" ? value : undefined;
    };
    const outcome = session["outcome"];
    const every = numberOf("every");
    const ended = numberOf("ended");
    const pid = numberOf("pid");
    const started = numberOf("started");
    const latest = Math.max(span?.to ?? 0, started ?? 0);
    const silent = now - latest > Math.max(SILENT, (every ?? 0) * SILENT_INTERVALS);
    return {
      snapshots: reader.count(),
      from: span?.from,
      to: span?.to,
      running: started !== undefined && ended === undefined && !silent && pid !== undefined && isAlive(pid),
      started,
      pid,
      every,
      ended,
      outcome: typeof outcome === "string" ? outcome : undefined,
    };
  } finally {
    reader.close();
  }
}

/** Whether a process has this number; one of another user, which we may not signal, counts as well. */
function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
