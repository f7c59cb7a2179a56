// `poolscope processes [SOURCE...]`: programs by handles, by the pool charged to them, by other I/O.

import type { Command } from "commander";
import {
  PROCESS_SORT_KEYS,
  renderProcessesJson,
  renderProcessesTable,
  type ProcessSortKey,
} from "../reports/processes-report.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { durationOption, oneOf, wholeNumber } from "./options.ts";
import { addSourceOptions, paintFor, type SourceOptions } from "./shared.ts";
import { readSurroundingsSpan } from "./surroundings-span.ts";

interface Options extends SourceOptions {
  readonly sort: ProcessSortKey;
  readonly top?: number;
  readonly apart: number;
  readonly json?: true;
}

/** Rows of a table on a terminal, unless told. */
const USUAL_TOP = 40;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("processes")
      .description("programs by handles, by the pool charged to them, and by other I/O")
      .argument("[source...]", "a recording or other source that measured them; without one: this machine"),
  )
    .option("--sort <key>", `one of ${PROCESS_SORT_KEYS.join(", ")}`, oneOf("--sort", PROCESS_SORT_KEYS), "handles")
    .option("--top <n>", `at most this many rows (a table shows ${USUAL_TOP} unless told)`, wholeNumber("--top"))
    .addOption(durationOption("--apart <duration>", "of this machine: time between the two looks", 1000))
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Other I/O is neither read nor write: opens, queries, control. A program with tens of thousands a second can make a
driver leak that allocates for each of them. Process 4, System, is the kernel's own handle table.

Examples:
  poolscope processes                          this machine (Windows)
  poolscope processes --sort io --apart 5s     who opens and queries most
  poolscope processes week.pool --sort gained  whose handles grew since the last restart`,
    )
    .action(async (paths: string[], options: Options) => {
      const { sort } = options;
      const span = await readSurroundingsSpan(paths, "programs", options, options.apart, io);
      const top = options.top ?? (options.json === true || !io.stdout.isTTY ? undefined : USUAL_TOP);
      const render = options.json === true ? renderProcessesJson : renderProcessesTable;
      io.stdout.write(
        render(span, { sort, width: io.stdout.columns, paint: paintFor(io), ...(top !== undefined && { top }) }),
      );
      finish(span.finish(0));
    });
}
