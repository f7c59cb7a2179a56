// `poolscope demo`: a sample investigation through the same code as `leaks`, on any system.

import type { Command } from "commander";
import { fileURLToPath } from "node:url";
import { renderDiagnosisJson } from "../reports/diagnosis-json.ts";
import { renderDiagnosisText } from "../reports/diagnosis-report.ts";
import { wrapText } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { diagnoseSources } from "./leaks.ts";
import { paintFor } from "./shared.ts";

/** The sample recording; scripts/build-sample.ts makes it, and it says itself what it is. */
function samplePath(): string {
  return fileURLToPath(new URL("../../data/samples/event-leak.pool", import.meta.url));
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("demo")
    .description("a sample investigation, on any system")
    .option("--json", "for programs")
    .option("--serve", "show it as the dashboard in a browser")
    .addHelpText("after", "\nShows what `poolscope leaks` says of a short recording that comes with the program.")
    .action(async (options: { readonly json?: true; readonly serve?: true }) => {
      if (options.serve === true) {
        const { SERVE_DEFAULTS, serveUntilStopped } = await import("./serve.ts");
        const asked = { ...options, ...SERVE_DEFAULTS, port: 0 };
        finish(await serveUntilStopped([samplePath()], asked, io));
        return;
      }
      const { diagnosis, timeline } = await diagnoseSources([samplePath()], {}, io);
      if (options.json === true) {
        io.stdout.write(renderDiagnosisJson(diagnosis));
      } else {
        const width = io.stdout.columns;
        io.stdout.write(renderDiagnosisText(diagnosis, { width, paint: paintFor(io), all: false }));
        io.stderr.write(
          `\n${wrapText("The same as charts in a browser: `poolscope demo --serve`, in a checkout `npm run -s poolscope -- demo --serve`.", width).join("\n")}\n` +
            `${wrapText("On your own data: `poolscope leaks FILE...` takes PoolMon logs, CSV, !poolused output and recordings; `poolscope --help` lists the rest.", width).join("\n")}\n`,
        );
      }
      finish(timeline.finish(0));
    });
}
