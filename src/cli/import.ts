// `poolscope import RECORDING SOURCE...`: any source, or many of them, into one recording.

import type { Command } from "commander";
import { isNewBoot } from "../detect/series/boots.ts";
import { UsageError } from "../model/errors.ts";
import type { Gap, Snapshot } from "../model/snapshot.ts";
import { formatBytes, plural } from "../model/units.ts";
import { visible } from "../reports/terminal-text.ts";
import type { RecordingWriter } from "../store/writer.ts";
import { BESIDE_OPTION, withBeside } from "./beside-option.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { addSourceOptions, intakeHead, openWithProgress, type OpenedSources, type SourceOptions } from "./shared.ts";
import { VERSION } from "./version.ts";

interface Options extends SourceOptions {
  readonly beside?: readonly string[];
  readonly json?: true;
}

/** Snapshots of one transaction. */
const BATCH = 256;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("import")
      .description("put PoolMon logs, CSV, other recordings or any other source into a recording, many files into one")
      .argument("<recording>", "made where there is none, else appended to")
      .argument("<source...>", "files or folders, all of one machine"),
  )
    .option(...BESIDE_OPTION)
    .option("--json", "what was imported, for programs")
    .addHelpText(
      "after",
      `
Snapshots that are not later than the end of the recording are left out, so the same folder can be imported again and again.

Examples:
  poolscope import all.pool logs/                 a folder of poolmon -n files, in the order of their dates
  poolscope import both.pool january.pool february.pool
  poolscope import all.pool logs/ --beside tools/  what handle -s, Get-Process, driverquery, fltmc and tasklist told
  poolscope import saved.pool damaged.pool        what can still be read of a damaged recording`,
    )
    .action(async (file: string, sources: string[], options: Options) => {
      const { RecordingWriter } = await import("../store/writer.ts");
      // Sources first: where one cannot be read no recording is made.
      const opened = await openWithProgress(sources, options, io);
      const timeline = options.beside === undefined ? opened : await withBeside([opened], options.beside, options);
      const writer = RecordingWriter.open(file, { isNewBoot, now: io.now(), program: `poolscope ${VERSION} import` });
      let outcome = "failed";
      try {
        const result = await importAll(writer, timeline, file);
        outcome = "ended";
        const { count } = writer;
        if (options.json === true)
          io.stdout.write(`${JSON.stringify({ file, ...result, snapshots: count, intake: timeline.intake() })}\n`);
        else io.stderr.write(intakeHead(timeline, io.stderr.columns) + summary(file, result, count, writer.bytes()));
      } finally {
        writer.close(io.now(), outcome);
      }
      finish(timeline.finish(0));
    });
}

interface Imported {
  readonly imported: number;
  /** Not later than the end of the recording. */
  readonly leftOut: number;
}

async function importAll(writer: RecordingWriter, timeline: OpenedSources, file: string): Promise<Imported> {
  const host = writer.last?.origin.host;
  const end = writer.last?.time ?? Number.NEGATIVE_INFINITY;
  const batch: Snapshot[] = [];
  let leftOut = 0;
  const before = writer.count;
  for await (const snapshot of timeline.snapshots()) {
    const is = snapshot.origin.host;
    if (host !== undefined && is !== undefined && host.toLowerCase() !== is.toLowerCase())
      throw new UsageError(
        `${file} is the history of ${visible(host)}, this is of ${visible(is)}; import it into another`,
      );
    if (snapshot.time <= end) {
      leftOut += 1;
      continue;
    }
    batch.push(snapshot);
    // The last one waits for what is known only at the end.
    if (batch.length > BATCH) writer.append(...batch.splice(0, BATCH));
  }
  const last = batch.pop();
  if (last !== undefined) batch.push({ ...last, gaps: [...last.gaps, ...timeline.gaps, ...problemsAsGaps(timeline)] });
  if (batch.length > 0) writer.append(...batch);
  writer.addMappedDrivers(timeline.mappedDrivers);
  return { imported: writer.count - before, leftOut };
}

function problemsAsGaps(timeline: OpenedSources): Gap[] {
  return timeline.problems.map((problem) => ({ where: "import", problem: problem.message }));
}

function summary(file: string, { imported, leftOut }: Imported, count: number, bytes: number): string {
  if (imported === 0 && leftOut > 0)
    return `nothing new: ${plural(leftOut, "snapshot")}, none later than the end of ${visible(file)}; to join older ones import both into a new file\n`;
  const old = leftOut === 0 ? "" : ` (${plural(leftOut, "snapshot")} not later than its end left out)`;
  return `imported ${plural(imported, "snapshot")}${old}; ${visible(file)} holds ${plural(count, "snapshot")} in ${formatBytes(bytes)}\n`;
}
