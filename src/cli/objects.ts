// `poolscope objects [SOURCE...]`: the object types of the kernel with their objects, handles and pool tags.

import type { Command } from "commander";
import {
  OBJECT_SORT_KEYS,
  renderHoldersTable,
  renderObjectsJson,
  renderObjectsTable,
  type ObjectSortKey,
} from "../reports/objects-report.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { durationOption, oneOf, wholeNumber } from "./options.ts";
import { addSourceOptions, paintFor, type SourceOptions } from "./shared.ts";
import { readSurroundingsSpan } from "./surroundings-span.ts";

interface Options extends SourceOptions {
  readonly sort: ObjectSortKey;
  readonly top?: number;
  readonly apart: number;
  readonly holders?: true;
  readonly json?: true;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("objects")
      .description("object types of the kernel: objects, handles, what they gained, and whether their pool tag agrees")
      .argument("[source...]", "a recording or other source that measured them; without one: this machine"),
  )
    .option("--sort <key>", `one of ${OBJECT_SORT_KEYS.join(", ")}`, oneOf("--sort", OBJECT_SORT_KEYS), "objects")
    .option("--top <n>", "at most this many rows", wholeNumber("--top"))
    .addOption(durationOption("--apart <duration>", "of this machine: time between the two looks", 1000))
    .option("--holders", "also which process holds how many handles to which type: reads the whole handle table")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Objects that grow with their handles are a handle leak of a program; objects that grow while handles do not are kept
by references of a driver. More Process objects than live processes are exited ones that something still holds.

Examples:
  poolscope objects                          this machine (Windows)
  poolscope objects week.pool --sort gained  what grew since the last restart
  poolscope objects --holders                who holds them: exited processes, files, events
  poolscope objects --json`,
    )
    .action(async (paths: string[], options: Options) => {
      const { sort, top } = options;
      const span = await readSurroundingsSpan(paths, "objects", options, options.apart, io, options.holders === true);
      const render = options.json === true ? renderObjectsJson : renderObjectsTable;
      io.stdout.write(
        render(span, { sort, width: io.stdout.columns, paint: paintFor(io), ...(top !== undefined && { top }) }),
      );
      const holders = span.last.surroundings?.holders;
      if (options.json !== true && holders !== undefined && options.holders === true)
        io.stdout.write(renderHoldersTable(holders, { width: io.stdout.columns, paint: paintFor(io) }));
      finish(span.finish(0));
    });
}
