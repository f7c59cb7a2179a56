// `poolscope stacks TRACE.etl`: which call chains allocated what is held, out of a trace of pool events, on any system.

import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Command } from "commander";
import { isHandleTag } from "../attribution/objects.ts";
import { inboxRoleOf } from "../knowledge/inbox-drivers.ts";
import { AccessError, FormatError, UsageError } from "../model/errors.ts";
import type { PoolTrace } from "../model/stacks.ts";
import { compileTagPattern } from "../model/tag.ts";
import { renderFlamePage } from "../reports/stacks/flame-page.ts";
import { renderFolded } from "../reports/stacks/folded.ts";
import { encodePprof } from "../reports/stacks/pprof.ts";
import { WEIGHTS, type Weight } from "../reports/stacks/samples.ts";
import { renderSpeedscope } from "../reports/stacks/speedscope.ts";
import { renderStacksJson } from "../reports/stacks/stacks-json.ts";
import { renderStacksText } from "../reports/stacks/stacks-text.ts";
import { visible } from "../reports/terminal-text.ts";
import { readSymbolFiles } from "../sources/symbol-files.ts";
import { openTraceFile, readXperfReport } from "../sources/trace-file.ts";
import { nameFrames } from "../traces/function-names.ts";
import { readPoolTrace } from "../traces/pool-trace.ts";
import { traceOfReport } from "../traces/xperf-report.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { collect, oneOf, tagPattern, wholeNumber } from "./options.ts";
import { startProgress } from "./progress.ts";
import { paintFor } from "./shared.ts";

const FORMATS = ["table", "json", "folded", "speedscope", "pprof", "html"] as const;
type Format = (typeof FORMATS)[number];

interface Options {
  readonly tag?: readonly string[];
  readonly top: number;
  readonly chains: number;
  readonly format: Format;
  readonly weight: Weight;
  readonly json?: true;
  readonly output?: string;
  readonly symbols?: readonly string[];
}

/** Reads a trace file through, with a progress bar on a terminal; or a text report of `xperf -a pool`. */
export async function readTraceFile(path: string, io: Io): Promise<PoolTrace> {
  const isWindowsModule = (module: string): boolean => inboxRoleOf(module) !== undefined;
  const report = await readXperfReport(path);
  if (report !== undefined) return { ...traceOfReport(report, isWindowsModule), file: path };
  const file = await openTraceFile(path);
  const progress = startProgress(io, "reading", "buffers");
  try {
    const trace = readPoolTrace(file.bytes, {
      isWindowsModule,
      onProgress: (done, total) => progress.update(done, total),
    });
    return { ...trace, file: path };
  } catch (error) {
    if (!(error instanceof FormatError) || error.details.file !== undefined) throw error;
    throw new FormatError(error.format, error.problem, { ...error.details, file: path });
  } finally {
    progress.end();
    file.close();
  }
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("stacks")
    .description(
      "who allocates: the call chains behind each tag, out of a trace of pool events (.etl), without symbols",
    )
    .argument("<trace>", "an .etl file recorded with the pool keyword and stacks, or a text report of xperf -a pool")
    .option("--tag <pattern>", "only this tag; * and ? as in PoolMon; may be repeated", tagPattern("--tag"))
    .option("--top <n>", "tags shown with their chains", wholeNumber("--top"), 8)
    .option("--chains <n>", "places shown of each tag", wholeNumber("--chains"), 3)
    .option("--format <format>", `one of ${FORMATS.join(", ")}`, oneOf("--format", FORMATS), "table")
    .option(
      "--weight <what>",
      `one of ${WEIGHTS.join(", ")}: the bytes that flame graphs show`,
      oneOf("--weight", WEIGHTS),
      "held",
    )
    .option("-o, --output <file>", "write to this file instead of the terminal")
    .option("--symbols <path>", "PDB files, or a folder of them, for function names; may be repeated", collect)
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Examples:
  poolscope stacks pool.etl
  poolscope stacks pool.etl --tag Toke --chains 20
  poolscope stacks pool.etl --format html -o pool.html         a flame graph as one file
  poolscope stacks pool.etl --format speedscope -o pool.json   also folded, pprof
  poolscope stacks pool.etl --symbols pdbs/                    function names where the PDBs match
  poolscope leaks week.pool --trace pool.etl                   joined with the counters`,
    )
    .action(async (path: string, options: Options) => {
      const format = options.json === true ? "json" : options.format;
      if (format === "pprof" && options.output === undefined) {
        throw new UsageError("--format pprof is no text; give a file with -o, such as -o pool.pb.gz");
      }
      const whole = await named(await readTraceFile(path, io), options.symbols ?? [], io);
      const trace = onlyTags(whole, options.tag);
      if (format === "pprof") write(options.output, gzipSync(encodePprof(trace, options.weight)), io);
      else write(options.output, textOf(trace, format, options, io), io);
      // A file that is cut, or buffers of it that cannot be read: the result is shown, and the code says that it is not whole.
      finish(isDamaged(trace) ? 2 : 0);
    });
}

function isDamaged({ loss }: PoolTrace): boolean {
  return loss.cut || loss.unreadableBuffers > 0 || loss.brokenBuffers > 0;
}

function textOf(trace: PoolTrace, format: Exclude<Format, "pprof">, options: Options, io: Io): string {
  switch (format) {
    case "json":
      return renderStacksJson(trace);
    case "folded":
      return renderFolded(trace, options.weight);
    case "speedscope":
      return renderSpeedscope(trace, options.weight);
    case "html":
      return renderFlamePage(trace, options.weight);
    case "table": {
      return renderStacksText(trace, {
        width: io.stdout.columns,
        paint: paintFor(io),
        tags: options.top,
        chains: options.chains,
        isShared: ({ tag }) => isHandleTag(tag),
      });
    }
    default:
      return format satisfies never;
  }
}

function onlyTags(trace: PoolTrace, patterns: readonly string[] | undefined): PoolTrace {
  if (patterns === undefined) return trace;
  const matchers = patterns.map((pattern) => compileTagPattern(pattern));
  const tags = trace.tags.filter(({ tag }) => matchers.some((matches) => matches(tag)));
  if (tags.length === 0) {
    throw new UsageError(
      `no allocation under ${patterns.join(", ")} in this trace; without --tag it shows what there is`,
    );
  }
  return { ...trace, tags };
}

async function named(trace: PoolTrace, paths: readonly string[], io: Io): Promise<PoolTrace> {
  if (paths.length === 0) return trace;
  const symbols = await readSymbolFiles(paths, trace.modules);
  for (const problem of symbols.problems) io.stderr.write(`poolscope: ${visible(problem)}\n`);
  if (symbols.named.length === 0) {
    const names = trace.modules.filter((module) => module.pdb !== undefined).length;
    io.stderr.write(
      `poolscope: no PDB there belongs to a module of this trace (${names} of ${trace.modules.length} name theirs)\n`,
    );
  }
  return nameFrames(trace, symbols.functionAt);
}

function write(path: string | undefined, content: string | Uint8Array, io: Io): void {
  if (path === undefined) {
    io.stdout.write(typeof content === "string" ? content : "");
    return;
  }
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new AccessError(`${path}: cannot be written`, "see whether the folder exists and is writable", error);
  }
  io.stderr.write(`poolscope: written to ${visible(path)}\n`);
}
