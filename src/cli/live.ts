// `poolscope live`: the live monitor, of this machine or played from any source. Joins sampler, sources, detector and
// terminal; what the keys mean is in src/tui.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import { parseDuration } from "../model/units.ts";
import { isKdSource } from "../sources/kd/address.ts";
import type { Look } from "../tui/style.ts";
import type { Finish } from "./command.ts";
import { usesColor, type Io } from "./io.ts";
import type { OpenOptions } from "../sources/timeline.ts";
import { addKdOptions, KD_EVERY_MS, mayStop, type KdOptions } from "./kd-source.ts";
import { duration, tagPattern } from "./options.ts";
import { addSourceOptions, openOptions, type SourceOptions } from "./shared.ts";

interface Options extends Omit<SourceOptions, "interval">, KdOptions {
  readonly replay?: readonly string[];
  readonly speed: string;
  readonly every?: string;
  readonly interval?: string;
  readonly tag?: readonly string[];
  readonly once?: true;
  readonly json?: true;
  readonly sort?: string;
  readonly filter?: string;
  readonly size?: string;
  readonly ascii?: true;
  readonly mouse: boolean;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command("live")
    .description(
      "live monitor with PoolMon's keys; of a recording, or a live kernel over the debugger's wire, the same way",
    )
    .argument(
      "[source...]",
      "recordings, PoolMon logs or any other source to play, or one kd:TARGET; without one: this machine",
    )
    .option("--replay <source...>", "the same as naming the sources")
    .option("--speed <factor>", "of a replay, e.g. 60x, or max", "60x")
    .option("--every <duration>", "between samples of this machine, e.g. 500ms, 5s (2s; of kd: 30s)")
    .option("--once", "print one frame and leave; of a replay, the one at its end")
    .option("--json", "with --once: the rows as JSON, in the order they are shown")
    .option("--sort <key>", "verdict, tag, allocs, frees, diff, bytes, perAlloc or rate")
    .option("--tag <pattern>", "only these tags; * and ? as in PoolMon; may be repeated", tagPattern("--tag"))
    .option("--filter <words>", "as typed after /, e.g. 'Nt* !NtFC'")
    .option("--size <columnsxrows>", "of the frame that --once prints, e.g. 80x24")
    .option("--ascii", "draw with ASCII characters only")
    .option("--no-mouse", "leave the mouse to the terminal");
  addKdOptions(addSourceOptions(command));
  // Its meaning depends on whether a source is played: read in parse().
  command.options.find(({ long }) => long === "--interval")?.argParser((text: string) => text);
  command
    .addHelpText(
      "after",
      `
Keys: h or ? shows all. PoolMon's are the same; Enter explains the selected tag, / filters, q leaves.

Examples:
  poolscope live                             this machine, every 2 seconds (Windows)
  poolscope live --every 5s                  as often as PoolMon
  poolscope live --replay night.csv --speed max
  poolscope live logs/ --from 2026-11-20     a folder of poolmon -n files, from a time on
  poolscope live --replay logs/ --once       the last frame as text
  poolscope live kd:tcp:127.0.0.1:4444 --every 30s --yes-stop-the-machine`,
    )
    .action(async (paths: readonly string[], options: Options) => {
      const target = requireOneTarget([...(options.replay ?? []), ...paths]);
      const request = parse(target, paths, options, io);
      if (target !== undefined && !mayStop(target, options, io)) {
        finish(2);
        return;
      }
      const { runLive } = await import("./live/run.ts");
      await runLive(request, io);
    });
}

/** What was asked for, checked. */
export interface LiveRequest {
  /** A target of the kernel debugger, with how it may be stopped. */
  readonly kd: { readonly target: string; readonly options: KdOptions } | undefined;
  readonly replay: readonly string[] | undefined;
  /** How the sources of a replay are read. */
  readonly opening: OpenOptions;
  readonly speed: number;
  readonly intervalMs: number;
  readonly once: boolean;
  readonly json: boolean;
  readonly sort: string | undefined;
  readonly filter: string;
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  readonly look: Look;
  readonly mouse: boolean;
}

/** The target of the kernel debugger among the sources, if there is one. Throws UsageError where it does not stand alone. */
function requireOneTarget(sources: readonly string[]): string | undefined {
  const target = sources.find((source) => isKdSource(source));
  if (target !== undefined && sources.length > 1)
    throw new UsageError(
      `${target}: a live kernel is shown alone; leave out ${sources.find((each) => each !== target) ?? target}`,
    );
  return target;
}

function parse(target: string | undefined, paths: readonly string[], options: Options, io: Io): LiveRequest {
  const { interval, ...source } = options;
  const sources = target === undefined ? [...(options.replay ?? []), ...paths] : [];
  const isReplay = sources.length > 0;
  const assumed = isReplay && interval !== undefined ? { interval: duration("--interval")(interval) } : {};
  // Of this machine --interval is the older spelling of --every.
  const every = isReplay ? options.every : (interval ?? options.every);
  return {
    kd: target === undefined ? undefined : { target, options },
    replay: isReplay ? sources : undefined,
    opening: openOptions({ ...source, ...assumed }),
    speed: parseSpeed(options.speed),
    intervalMs: every === undefined ? (target === undefined ? EVERY_MS : KD_EVERY_MS) : parseInterval(every),
    once: options.once === true || options.json === true,
    json: options.json === true,
    sort: options.sort,
    filter: [...(options.tag ?? []), ...(options.filter === undefined ? [] : [options.filter])].join(" "),
    size: options.size === undefined ? undefined : parseSize(options.size),
    look: { color: usesColor(io.stdout, io.env), unicode: options.ascii !== true && showsUnicode(io.env) },
    mouse: options.mouse,
  };
}

const EVERY_MS = 2000;

/** A factor of at least 0.1: `60x`, `2.5`, `max`. */
export function parseSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const factor = /^([0-9]+(?:\.[0-9]+)?)x?$/i.exec(text)?.[1];
  if (factor === undefined || Number(factor) < 0.1) {
    throw new UsageError(`--speed ${text}: give a factor such as 60x, or max`);
  }
  return Number(factor);
}

function parseInterval(text: string): number {
  const interval = parseDuration(/^[0-9.]+$/.test(text) ? `${text}s` : text);
  if (interval === undefined || interval < 100 || interval > 86_400_000) {
    throw new UsageError(`--every ${text}: give a time from 100ms to 24h, such as 2s`);
  }
  return interval;
}

function parseSize(text: string): { columns: number; rows: number } {
  const [, columns, rows] = /^([0-9]{1,3})x([0-9]{1,3})$/.exec(text) ?? [];
  if (columns === undefined || rows === undefined || Number(columns) < 20 || Number(rows) < 5) {
    throw new UsageError(`--size ${text}: give columns and rows such as 80x24, at least 20x5`);
  }
  return { columns: Number(columns), rows: Number(rows) };
}

/** Whether the terminal shows UTF-8: Windows' do, elsewhere the locale says so. */
export function showsUnicode(env: Io["env"]): boolean {
  if (env["TERM"] === "linux" || env["TERM"] === "dumb") return false;
  if (env["OS"] === "Windows_NT") return true;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return locale === undefined || /utf-?8/i.test(locale);
}
