// `poolscope demo`: a sample investigation through the same code as `leaks`, on any system.

import type { Command } from "commander";
import { fileURLToPath } from "node:url";
import type { Snapshot } from "../model/snapshot.ts";
import { renderDiagnosisJson } from "../reports/diagnosis-json.ts";
import { renderDiagnosisText } from "../reports/diagnosis-report.ts";
import { wrapText } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { diagnoseSources } from "./leaks.ts";
import { paintFor } from "./shared.ts";

/** What the sample is; shown with every output made from it. */
const SAMPLE_NOTICE =
  "Sample data: counters of ReactOS 0.4.15, an open-source kernel compatible with Windows Server 2003, in an emulated PC with " +
  "256 MB; this is not Windows. A test program leaks 50 event handles every few seconds for five minutes and then stops.";

/** What is known of the emulated PC and a file of counters does not tell. */
function withSampleFacts(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    origin: { ...snapshot.origin, file: "sample recording", notice: SAMPLE_NOTICE },
    totals: { ...snapshot.totals, physicalBytes: 256 * 1024 * 1024 },
  };
}

/** Where the sample lies in a checkout. */
function samplePath(): string {
  return fileURLToPath(new URL("../../data/samples/event-leak.csv.gz", import.meta.url));
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
        const asked = { ...options, ...SERVE_DEFAULTS, port: 0, complete: withSampleFacts };
        finish(await serveUntilStopped([samplePath()], asked, io));
        return;
      }
      const { diagnosis, timeline } = await diagnoseSources([samplePath()], { complete: withSampleFacts }, io);
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
