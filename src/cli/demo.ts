// `poolscope demo`: placeholder until the first sources exist.

import type { Command } from "commander";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("demo")
    .description("a sample investigation, on any system")
    .action(() => {
      io.stdout.write("no sample yet\n");
    });
}
