// `poolscope poolmon FLAGS`, and the whole program where it is named poolmon(.exe): PoolMon's own command line.

import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { AccessError } from "../model/errors.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { parsePoolmonArguments, POOLMON_HELP, type PoolmonRequest } from "./poolmon/arguments.ts";
import { writeProblem } from "./poolmon/write-problem.ts";

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("poolmon")
    .description("PoolMon's own flags and screen (/b /p /g -n ...); also when the program is named poolmon.exe")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument("[flags...]", "see poolscope poolmon /?")
    .addHelpText("after", `\n${POOLMON_HELP}`)
    .action(async (flags: readonly string[]) => {
      const request = parsePoolmonArguments(flags);
      if (request.help) {
        io.stdout.write(POOLMON_HELP);
        return;
      }
      await runPoolmon(request, io);
    });
}

async function runPoolmon(request: PoolmonRequest, io: Io): Promise<void> {
  const [{ createLiveSampler }, { filterOf }, { mappedDriverOf }, { renderPoolmonText }] = await Promise.all([
    import("../sources/windows-live/sampler.ts"),
    import("./poolmon/arguments.ts"),
    import("./poolmon/mapped-driver.ts"),
    import("../reports/poolmon-text.ts"),
  ]);
  const sampler = await createLiveSampler({
    env: io.env,
    now: () => io.now(),
    ...(request.session !== undefined && { session: request.session }),
  });
  try {
    const first = sampler.sample();
    const mappedDriver = await mappedDriverOf(request, [...new Set(first.columns.tag)], io);
    if (request.snapshotFile !== undefined || !io.stdout.isTTY) {
      const text = renderPoolmonText(first, {
        sort: request.sort,
        include: filterOf(request),
        totals: request.totals,
        ...(mappedDriver === undefined ? {} : { mappedDriver }),
      });
      if (request.snapshotFile === undefined) io.stdout.write(text);
      else await writeSnapshot(request.snapshotFile, text);
      return;
    }
    const { processTerminal, runPoolmonScreen } = await import("./poolmon/terminal.ts");
    const source = { sample: () => sampler.sample(), ...(mappedDriver === undefined ? {} : { mappedDriver }) };
    await runPoolmonScreen(request, source, processTerminal());
  } finally {
    sampler.close();
  }
}

/** Replaces the file, with the line ends of Windows as PoolMon writes them. */
async function writeSnapshot(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text.replaceAll("\n", "\r\n"), "latin1");
  } catch (error) {
    throw new AccessError(
      `cannot write the snapshot to ${path}: ${writeProblem(error)}`,
      "name another file after /n",
      error,
    );
  }
}
