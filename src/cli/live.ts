// `poolscope live`: the live monitor, of this machine or played from any source. Joins sampler, sources, detector and
// terminal; what the keys mean is in src/tui.

import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import { parseDuration } from "../model/units.ts";
import type { Look } from "../tui/style.ts";
import type { Finish } from "./command.ts";
import { usesColor, type Io } from "./io.ts";

interface Options {
  readonly replay?: readonly string[];
  readonly speed: string;
  readonly interval: string;
  readonly once?: true;
  readonly json?: true;
  readonly sort?: string;
  readonly filter?: string;
  readonly size?: string;
  readonly ascii?: true;
  readonly mouse: boolean;
}

export function addCommand(program: Command, io: Io, _finish: Finish): void {
  program
    .command("live")
    .description("live monitor with PoolMon's keys; --replay shows a recording the same way")
    .option("--replay <source...>", "play a recording, PoolMon logs or any other source instead of this machine")
    .option("--speed <factor>", "of a replay, e.g. 60x, or max", "60x")
    .option("--interval <time>", "between samples of this machine, e.g. 500ms, 5s", "2s")
    .option("--once", "print one frame and leave; of a replay, the one at its end")
    .option("--json", "with --once: the rows as JSON, in the order they are shown")
    .option("--sort <key>", "verdict, tag, allocs, frees, diff, bytes, perAlloc or rate")
    .option("--filter <words>", "as typed after /, e.g. 'Nt* !NtFC'")
    .option("--size <columnsxrows>", "of the frame that --once prints, e.g. 80x24")
    .option("--ascii", "draw with ASCII characters only")
    .option("--no-mouse", "leave the mouse to the terminal")
    .addHelpText(
      "after",
      `
Keys: h or ? shows all. PoolMon's are the same; Enter explains the selected tag, / filters, q leaves.

Examples:
  poolscope live                             this machine, every 2 seconds (Windows)
  poolscope live --interval 5s               as PoolMon
  poolscope live --replay night.csv --speed max
  poolscope live --replay logs/ --once       the last frame as text`,
    )
    .action(async (options: Options) => {
      const { runLive } = await import("./live/run.ts");
      await runLive(parse(options, io), io);
    });
}

/** What was asked for, checked. */
export interface LiveRequest {
  readonly replay: readonly string[] | undefined;
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

function parse(options: Options, io: Io): LiveRequest {
  return {
    replay: options.replay,
    speed: parseSpeed(options.speed),
    intervalMs: parseInterval(options.interval),
    once: options.once === true || options.json === true,
    json: options.json === true,
    sort: options.sort,
    filter: options.filter ?? "",
    size: options.size === undefined ? undefined : parseSize(options.size),
    look: { color: usesColor(io.stdout, io.env), unicode: options.ascii !== true && showsUnicode(io.env) },
    mouse: options.mouse,
  };
}

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
    throw new UsageError(`--interval ${text}: give a time from 100ms to 24h, such as 2s`);
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
