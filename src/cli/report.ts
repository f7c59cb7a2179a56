// `poolscope report SOURCE...`: the dashboard as one HTML file that opens from disk and mails well.

import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { AccessError } from "../model/errors.ts";
import { formatBytes } from "../model/units.ts";
import { pageAssets } from "../web/server/assets.ts";
import { renderReport } from "../web/server/report.ts";
import { headlineOf } from "../words/findings.ts";
import { visible } from "../reports/terminal-text.ts";
import { BESIDE_OPTION, withBeside } from "./beside-option.ts";
import type { Finish } from "./command.ts";
import { createDashboard, MAX_SNAPSHOTS, nameOf } from "./dashboard-input.ts";
import type { Io } from "./io.ts";
import { addSourceOptions, intakeHead, noSnapshot, openWithProgress, type SourceOptions } from "./shared.ts";

interface Options extends SourceOptions {
  readonly output: string;
  readonly pooltag?: string;
  readonly beside?: readonly string[];
  readonly json?: true;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("report")
      .description("the dashboard as one HTML file: charts, verdicts and every tag, to keep or to mail")
      .argument("<source...>", "recordings, PoolMon logs, CSV, or folders of them, all of one machine"),
  )
    .option("-o, --output <file>", "where to write it, - for stdout", "poolscope-report.html")
    .option(...BESIDE_OPTION)
    .option("--pooltag <file>", "your pooltag.txt")
    .option("--json", "for programs: name, size and finding of what was written")
    .addHelpText(
      "after",
      `
The file holds everything it shows, loads nothing from anywhere, and stays under 1.5 MB.

Examples:
  poolscope report week.pool -o server2.html
  poolscope report logs/ --beside tools/   with handles, processes and drivers as other tools told them
  poolscope report logs/ --from 2026-11-20 -o -  > report.html`,
    )
    .action(async (paths: string[], options: Options) => {
      const opened = await openWithProgress(paths, options, io, { maxSnapshots: MAX_SNAPSHOTS });
      const timeline = options.beside === undefined ? opened : await withBeside([opened], options.beside, options);
      const { pooltag, timezone } = options;
      const given = { ...(pooltag && { pooltag }), ...(timezone && { machineZone: timezone }) };
      const { dashboard, take } = await createDashboard(nameOf(paths), given, io);
      await take(timeline);
      dashboard.setPhase("complete");
      const diagnosis = await dashboard.diagnosis();
      if (diagnosis === null) throw noSnapshot(paths.join(", "), timeline);
      const { title } = headlineOf(diagnosis);
      const host = diagnosis.origin.host ?? nameOf(paths);
      const html = await renderReport(dashboard, await pageAssets(), `${host} – poolscope`);
      const bytes = Buffer.byteLength(html);
      if (options.output === "-") io.stdout.write(html);
      else await save(options.output, html);
      if (options.json === true && options.output !== "-") {
        io.stdout.write(
          `${JSON.stringify({ intake: timeline.intake(), file: options.output, bytes, finding: title })}\n`,
        );
      } else
        io.stderr.write(
          `${intakeHead(timeline, io.stderr.columns)}${visible(title)}.\n${options.output === "-" ? "" : `${visible(options.output)}, ${formatBytes(bytes)}\n`}`,
        );
      finish(timeline.finish(0));
    });
}

async function save(path: string, html: string): Promise<void> {
  try {
    await writeFile(path, html);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new AccessError(`${path} cannot be written (${reason})`, "name another file with -o", error);
  }
}
