// `poolscope demo`: a sample investigation through the same code as `leaks`, on any system.

import type { Command } from "commander";
import { fileURLToPath } from "node:url";
import { formatTag } from "../model/tag.ts";
import { formatDuration } from "../model/units.ts";
import type { Diagnosis, Verdict } from "../model/verdict.ts";
import { renderDiagnosisJson } from "../reports/diagnosis-json.ts";
import { renderDiagnosisText } from "../reports/diagnosis-report.ts";
import { evidenceWords } from "../words/evidence.ts";
import { STATE_WORDS } from "../words/states.ts";
import { wrapText } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { diagnoseOne } from "./leaks.ts";
import { paintFor } from "./shared.ts";

/** The sample recording; scripts/build-sample.ts makes it, and it says itself what it is. */
function samplePath(): string {
  return fileURLToPath(new URL("../../data/samples/event-leak.pool", import.meta.url));
}

/** The sample's leak runs until 10:00:56 and the recording goes on for three minutes; the investigation happens while it runs. */
const WHILE_IT_LEAKS = Date.UTC(2026, 10, 23, 10, 0, 40);

/** What became of the finding by the end of the recording, in one sentence. */
function whatBecameOf(leak: Verdict | undefined, later: Diagnosis): string {
  const same = later.verdicts.find((verdict) => verdict.tag === leak?.tag && verdict.kind === leak.kind);
  if (same === undefined) return "";
  const [reason] = same.evidence;
  const minutes = formatDuration(later.span.to - WHILE_IT_LEAKS);
  return `${minutes} later, at the end of the recording: ${formatTag(same.tag)} is ${STATE_WORDS[same.state].label.toUpperCase()}; ${reason === undefined ? "" : evidenceWords(reason)}`;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("demo")
    .description("a sample investigation, on any system")
    .option("--json", "for programs")
    .option("--serve", "show it as the dashboard in a browser")
    .addHelpText(
      "after",
      `
Shows what \`poolscope leaks\` says of a short recording that comes with the program.

Examples:
  poolscope demo             in the terminal
  poolscope demo --serve     the same as charts in a browser
  poolscope demo --json`,
    )
    .action(async (options: { readonly json?: true; readonly serve?: true }) => {
      if (options.serve === true) {
        const { SERVE_DEFAULTS, serveUntilStopped } = await import("./serve.ts");
        const asked = { ...options, ...SERVE_DEFAULTS, port: 0 };
        finish(await serveUntilStopped([samplePath()], asked, io));
        return;
      }
      const { diagnosis, timeline } = await diagnoseOne([samplePath()], { to: WHILE_IT_LEAKS }, io);
      if (options.json === true) {
        io.stdout.write(renderDiagnosisJson(diagnosis));
      } else {
        const width = io.stdout.columns;
        io.stdout.write(renderDiagnosisText(diagnosis, { width, paint: paintFor(io), all: false }));
        const later = (await diagnoseOne([samplePath()], {}, io)).diagnosis;
        io.stdout.write(`\n${wrapText(whatBecameOf(diagnosis.verdicts[0], later), width).join("\n")}\n`);
        io.stderr.write(
          "\nThe same as charts in a browser:\n   poolscope demo --serve\nIn a checkout:\n   npm run -s poolscope -- demo --serve\n" +
            `${wrapText("On your own data: `poolscope leaks FILE...` takes PoolMon logs, CSV, !poolused output and recordings; `poolscope --help` lists the rest.", width).join("\n")}\n`,
        );
      }
      finish(timeline.finish(0));
    });
}
