// `poolscope issue SOURCE...`: the evidence as Markdown for a vendor's tracker or a forum. Nothing is sent.

import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { AccessError } from "../model/errors.ts";
import { renderIssue } from "../reports/issue-report.ts";
import { redact } from "../reports/redaction.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { diagnoseSources } from "./leaks.ts";
import { addSourceOptions, type SourceOptions } from "./shared.ts";
import { VERSION } from "./version.ts";

interface Options extends SourceOptions {
  readonly redact?: true;
  readonly output?: string;
  readonly pooltag?: string;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("issue")
      .description("the evidence as Markdown for a vendor's tracker or a forum; nothing is sent")
      .argument("<source...>", "recordings, PoolMon logs, CSV, or folders of them"),
  )
    .option("--redact", "without names of machines, users and folders")
    .option("-o, --output <file>", "where to write it; standard output without it")
    .option("--pooltag <file>", "your pooltag.txt")
    .addHelpText(
      "after",
      `
Says what was measured, the rate with its interval, who is suspected and how that is known, what was ruled out, what the record cannot
tell, and the command that repeats it. Read it before you post it.

Examples:
  poolscope issue week.pool --redact -o report.md
  poolscope issue logs/ --redact | clip`,
    )
    .action(async (paths: string[], options: Options) => {
      const diagnosed = await diagnoseSources(paths, options, io);
      const hosts = diagnosed.flatMap(({ diagnosis }) => [
        ...(diagnosis.origin.host === undefined ? [] : [diagnosis.origin.host]),
        ...(diagnosis.intake?.hosts ?? []).map(({ name }) => name),
      ]);
      const command = `poolscope leaks ${paths.map((path) => (/\s/.test(path) ? `"${path}"` : path)).join(" ")}`;
      const text = diagnosed
        .map(({ diagnosis }) => renderIssue(diagnosis, { program: `poolscope ${VERSION}`, command }))
        .join("\n---\n\n");
      const unique = [...new Set(hosts)].sort((a, b) => b.length - a.length);
      const named = options.redact === true ? redact(text, { hosts: unique }) : text;
      // It is pasted elsewhere and looked at in terminals: no name of a machine or driver drives either.
      const done = named.split("\n").map(visible).join("\n");
      if (options.output === undefined) io.stdout.write(done);
      else await write(options.output, done);
      finish(Math.max(0, ...diagnosed.map(({ timeline }) => timeline.finish(0))) as 0 | 2);
    });
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new AccessError(`cannot write ${path}`, error instanceof Error ? error.message : "", error);
  }
}
