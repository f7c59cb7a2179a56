// `poolscope export SOURCE...`: a time line as CSV, JSON lines, PoolMon text or Parquet.

import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { Command } from "commander";
import { AccessError, UsageError } from "../model/errors.ts";
import { renderSnapshotLine } from "../formats/snapshot-lines.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { formatTime } from "../model/time.ts";
import { plural } from "../model/units.ts";
import { renderPoolmonText } from "../reports/poolmon-text.ts";
import { renderSnapshotCsv } from "../reports/snapshot-report.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { oneOf, wholeNumber } from "./options.ts";
import { addSourceOptions, noSnapshot, openWithProgress, type OpenedSources, type SourceOptions } from "./shared.ts";

const FORMATS = ["csv", "jsonl", "poolmon", "parquet"] as const;
type Format = (typeof FORMATS)[number];

interface Options extends SourceOptions {
  readonly format?: Format;
  readonly output?: string;
  readonly maxSnapshots?: number;
  readonly json?: true;
  readonly excel?: true;
}

/** Text of one snapshot, the `index`-th of the file, which follows another. */
type Render = (snapshot: Snapshot, index: number, before: Snapshot | undefined) => string;

function csvRender(forSpreadsheet: boolean): Render {
  return (snapshot, index) => {
    const text = renderSnapshotCsv(snapshot, {}, forSpreadsheet);
    return index === 0 ? text : text.slice(text.indexOf("\n") + 1);
  };
}

const RENDER: Readonly<Record<Exclude<Format, "parquet">, Render>> = {
  csv: csvRender(false),
  jsonl: (snapshot, _, before) => `${renderSnapshotLine(snapshot, before?.surroundings?.drivers)}\n`,
  poolmon: (snapshot) => `===== ${formatTime(snapshot.time, true)} =====\n${renderPoolmonText(snapshot)}`,
};

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("export")
      .description("a recording, or any other source, as CSV, JSON lines, PoolMon text or Parquet")
      .argument("<source...>", "recordings, logs, CSV, or folders of them, all of one machine"),
  )
    .option(
      "--format <format>",
      `one of ${FORMATS.join(", ")}; else by the name of --output, else csv`,
      oneOf("--format", FORMATS),
    )
    .option("-o, --output <file>", "write here instead of to stdout; must be given for parquet")
    .option("--max-snapshots <n>", "about this many, evenly spaced, of a recording", wholeNumber("--max-snapshots"))
    .option("--excel", "CSV for a spreadsheet: tags that it would run as formulas (=1+2) have an apostrophe in front")
    .option("--json", "the same as --format jsonl")
    .addHelpText(
      "after",
      `
jsonl keeps everything and can be read back without loss; csv and parquet hold time, tag, pool and counters of every row;
poolmon is the text of \`poolmon -n\`, a marker with the time before each snapshot. Parquet needs the optional package
@duckdb/node-api.

Examples:
  poolscope export week.pool > week.csv
  poolscope export week.pool -o week.parquet
  poolscope export week.pool --format jsonl --from 2026-11-26 | gzip > day.jsonl.gz
  poolscope export week.pool --max-snapshots 200 --format poolmon`,
    )
    .action(async (sources: string[], options: Options) => {
      const format = formatFor(options);
      const { output } = options;
      const more = options.maxSnapshots === undefined ? {} : { maxSnapshots: options.maxSnapshots };
      const timeline = await openWithProgress(sources, options, io, more);
      if (options.excel === true && format !== "csv") throw new UsageError(`--excel goes with CSV, not with ${format}`);
      const render = options.excel === true ? csvRender(true) : undefined;
      let count: number;
      if (output === undefined) {
        if (format === "parquet") throw new UsageError("parquet is not text: name a file with --output");
        count = await writeText(timeline, render ?? RENDER[format], async (text) => {
          io.stdout.write(text);
          return await isStillRead(process.stdout);
        });
      } else {
        count = await writeFile(output, timeline, format, render);
        io.stderr.write(`${visible(output)}: ${plural(count, "snapshot")}\n`);
      }
      if (count === 0) throw noSnapshot(sources.join(", "), timeline);
      for (const gap of timeline.gaps) io.stderr.write(`not read: ${visible(gap.where)}: ${visible(gap.problem)}\n`);
      finish(timeline.finish(0));
    });
}

function formatFor({ format, json, output }: Options): Format {
  if (json === true) return "jsonl";
  const ending = /\.([a-z]+)$/i.exec(output ?? "")?.[1]?.toLowerCase();
  return format ?? FORMATS.find((known) => known === ending) ?? "csv";
}

async function writeText(
  timeline: OpenedSources,
  render: Render,
  write: (text: string) => boolean | Promise<boolean>,
): Promise<number> {
  let count = 0;
  let before: Snapshot | undefined;
  for await (const snapshot of timeline.snapshots()) {
    if (!(await write(render(snapshot, count++, before)))) break;
    before = snapshot;
  }
  return count;
}

/** Waits until a stream takes more; false where nobody reads it any more (`| head`). */
async function isStillRead(stream: NodeJS.WriteStream): Promise<boolean> {
  try {
    if (stream.writableNeedDrain) await once(stream, "drain");
    return !stream.destroyed;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return false;
    throw error;
  }
}

/** The file appears under its name only when it is whole. */
async function writeFile(
  output: string,
  timeline: OpenedSources,
  format: Format,
  render: Render | undefined,
): Promise<number> {
  const partial = `${output}.partial`;
  try {
    const count =
      format === "parquet"
        ? await writeParquetFile(partial, timeline)
        : await writeTextFile(partial, timeline, render ?? RENDER[format]);
    renameSync(partial, output);
    return count;
  } catch (error) {
    rmSync(partial, { force: true });
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    throw new AccessError(
      `${output} cannot be written: ${error.message}`,
      "check its folder and the room on the disk",
      error,
    );
  }
}

async function writeTextFile(path: string, timeline: OpenedSources, render: Render): Promise<number> {
  const file = openSync(path, "w");
  try {
    return await writeText(timeline, render, (text) => {
      // Given a descriptor it goes on where it is, and writes all.
      writeFileSync(file, text);
      return true;
    });
  } finally {
    closeSync(file);
  }
}

async function writeParquetFile(path: string, timeline: OpenedSources): Promise<number> {
  const { writeParquet } = await import("./export-parquet.ts");
  return await writeParquet(path, timeline.snapshots());
}
