// The top of the screen: whose pools these are, how full they are against their limits, how they move, and the suspects.

import { kindCode, type PoolKind } from "../model/snapshot.ts";
import { needsAction, type PoolOutlook } from "../model/verdict.ts";
import { formatBytes, formatDuration, formatRate, plural } from "../model/units.ts";
import { cellWidth } from "../reports/cells.ts";
import { slopePerHour } from "./board.ts";
import { bar, sparkline } from "./graph.ts";
import type { Layout } from "./layout.ts";
import { isSuspect } from "./order.ts";
import type { Feed, State } from "./state.ts";
import { Line, type Role } from "./style.ts";
import { clean, shortBytes, shortDuration, shortRate } from "./text.ts";
import { findingLine } from "../words/findings.ts";
import { STATE_WORDS } from "../words/states.ts";
import { clockTime } from "./words.ts";

/** As many lines as the layout gives to the header. */
export function headerLines(state: State, width: number, layout: Layout): string[] {
  const lines = [titleBar(state, width)];
  if (layout.roomy) lines.push(memoryLine(state, width));
  if (layout.header >= 4)
    lines.push(poolLine(state, width, "nonpaged"), poolLine(state, width, "paged"), banner(state, width));
  return lines.slice(0, layout.header);
}

/** Put on the left as far as it fits beside what must stand at the right edge. */
function between(state: State, width: number, left: readonly string[], right: string, role: Role): string {
  const line = new Line(width, state.look);
  const room = width - cellWidth(right) - 1;
  let first = true;
  for (const part of left) {
    const text = clean(first ? part : `  ${part}`, state.look.unicode);
    if (line.cells + cellWidth(text) > room) break;
    line.put(text, first ? "head" : "plain");
    first = false;
  }
  return line
    .to(Math.max(line.cells, width - cellWidth(right)))
    .put(right, role)
    .done();
}

function titleBar(state: State, width: number): string {
  const snapshot = state.board.snapshot;
  const parts = ["poolscope"];
  if (state.feed.kind === "replay") parts.push(state.feed.name);
  if (snapshot !== undefined) {
    const { origin, time } = snapshot;
    if (origin.host !== undefined) parts.push(origin.host);
    if (origin.windowsBuild !== undefined) parts.push(`build ${origin.windowsBuild}`);
    if (origin.architecture !== undefined) parts.push(origin.architecture);
    if (origin.bootTime !== undefined) parts.push(`up ${formatDuration(time - origin.bootTime)}`);
    if (state.session !== "system") {
      parts.push(state.session === "all" ? "all sessions' pool" : `pool of session ${state.session}`);
    }
  }
  const { unicode } = state.look;
  const marks: string[] = [];
  if (state.recording !== undefined) marks.push(unicode ? "● REC" : "* REC");
  if (state.paused) marks.push("PAUSED");
  marks.push(feedWords(state.feed));
  if (snapshot !== undefined) marks.push(clockTime(snapshot.time));
  return between(
    state,
    width,
    parts,
    marks.join("  "),
    state.paused || state.recording !== undefined ? "warn" : "plain",
  );
}

function feedWords(feed: Feed): string {
  if (feed.kind === "live")
    return `every ${feed.intervalMs < 10_000 ? `${feed.intervalMs / 1000} s` : formatDuration(feed.intervalMs)}`;
  const of = feed.of === undefined ? "" : `/${feed.of}`;
  const speed = feed.ended ? "end" : feed.speed === Number.POSITIVE_INFINITY ? "max" : `${feed.speed}x`;
  return `replay ${speed} ${feed.at}${of}`;
}

function memoryLine(state: State, width: number): string {
  const totals = state.board.snapshot?.totals ?? {};
  const parts: string[] = [];
  if (totals.physicalBytes !== undefined) {
    const free = totals.availableBytes === undefined ? "" : `, ${formatBytes(totals.availableBytes)} available`;
    parts.push(`RAM ${formatBytes(totals.physicalBytes)}${free}`);
  }
  if (totals.commitBytes !== undefined) {
    const limit = totals.commitLimitBytes === undefined ? "" : ` of ${formatBytes(totals.commitLimitBytes)}`;
    parts.push(`Commit ${formatBytes(totals.commitBytes)}${limit}`);
  }
  if (totals.commitPeakBytes !== undefined) parts.push(`Peak ${formatBytes(totals.commitPeakBytes)}`);
  const notice = state.board.snapshot?.origin.notice;
  if (notice !== undefined) parts.push(notice);
  const line = new Line(width, state.look);
  const { feed } = state;
  const time = state.board.snapshot?.time;
  if (feed.kind === "replay" && feed.from !== undefined && feed.to !== undefined && time !== undefined) {
    const share = feed.to > feed.from ? (time - feed.from) / (feed.to - feed.from) : 1;
    line.put("Position ", "head").put(bar(share, Math.max(8, Math.min(40, width - 50)), state.look), "fill");
    line.put(` ${clockTime(feed.from)} to ${clockTime(feed.to)}, ${formatDuration(feed.to - feed.from)}   `);
  }
  line.put(parts.join("   "), "dim");
  return line.done();
}

/** What stands at the end of a pool's line: how fast it moves, and when it is full. */
function poolEnd(
  state: State,
  kind: PoolKind,
  wide: boolean,
): { readonly rate: number | undefined; readonly pace: string; readonly forecast: string } {
  const { board } = state;
  const rate = slopePerHour(board.trendTimes, board.poolTrend(kindCode(kind)));
  const hours = outlookOf(state, kind)?.exhaustion?.hours.value;
  return {
    rate,
    pace: rate === undefined ? "" : ` ${wide ? formatRate(rate) : shortRate(rate)}`,
    forecast:
      hours === undefined
        ? ""
        : wide
          ? ` full in ${formatDuration(hours * 3_600_000)}`
          : ` full ${shortDuration(hours * 3_600_000)}`,
  };
}

function outlookOf(state: State, kind: PoolKind): PoolOutlook | undefined {
  return state.diagnosis?.pools.find((pool) => pool.kind === kind);
}

/** `Nonpaged  bar  1.2 GiB of 12 GiB  sparkline  +3.2 MiB/h  full in 5 days`, in as many parts as fit. */
function poolLine(state: State, width: number, kind: PoolKind): string {
  const { board, look } = state;
  const code = kindCode(kind);
  const totals = board.snapshot?.totals;
  const bytes = board.poolBytes(code);
  const limit =
    (kind === "paged" ? totals?.pagedLimitBytes : totals?.nonpagedLimitBytes) ?? outlookOf(state, kind)?.limitBytes;
  const share = limit === undefined || limit <= 0 ? undefined : bytes / limit;
  const wide = width >= 70;
  const line = new Line(width, look);
  line.put(wide ? (kind === "paged" ? "Paged    " : "Nonpaged ") : kind === "paged" ? "Paged " : "Nonp  ", "head");
  if (board.snapshot === undefined) return line.done();
  if (width >= 60) {
    const cells = Math.max(8, Math.min(40, Math.floor((width - 56) / 2)));
    if (share === undefined) line.put(`${(cells < 13 ? "" : "limit unknown").padEnd(cells)} `, "dim");
    else line.put(bar(share, cells, look), share > 0.8 ? "warn" : "fill").put(" ");
  }
  if (wide) {
    line.put(formatBytes(bytes).padStart(8), "strong");
    line.put((limit === undefined ? "" : ` of ${formatBytes(limit)}`).padEnd(13));
  } else {
    line
      .put(shortBytes(bytes).padStart(5), "strong")
      .put((limit === undefined ? "" : `/${shortBytes(limit)}`).padEnd(6));
  }
  if (width >= 50) line.put((share === undefined ? "" : `${percent(share)} `).padStart(6));
  const { rate, pace, forecast } = poolEnd(state, kind, wide);
  // Both pools' sparklines stand under each other: the longer end of the two lines decides.
  const ends = [poolEnd(state, "nonpaged", wide), poolEnd(state, "paged", wide)];
  const room = line.room - 1 - Math.max(...ends.map((end) => end.pace.length + end.forecast.length));
  const spark = Math.min(24, room);
  if (spark >= 6) line.put(` ${sparkline(board.poolTrend(code), spark, look)}`, "fill");
  if (rate !== undefined) line.put(pace, rate > 0 ? "grow" : rate < 0 ? "shrink" : "plain");
  // Half a forecast would be a wrong one.
  if (forecast.length <= line.room) line.put(forecast, "warn");
  return line.done();
}

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)}%`;
}

/** What fails, else the first suspect, else how long has been watched. */
function banner(state: State, width: number): string {
  const line = new Line(width, state.look);
  if (state.failure !== undefined) {
    return line.put(" FAILED ", "alarm").put(` ${state.failure}; trying again`, "warn").done();
  }
  const suspects = (state.diagnosis?.verdicts ?? []).filter(isSuspect);
  const [first] = suspects;
  if (first !== undefined && needsAction(first.state)) {
    const more = suspects.length > 1 ? `  and ${suspects.length - 1} more` : "";
    line
      .put(` ${STATE_WORDS[first.state].word} `, "alarm")
      .put(` ${findingLine(first, line.room - 8, clockTime)}`, "warn");
    const hint = state.screen === "table" ? "  Tab Enter: why" : "";
    if (line.room > more.length) line.put(more);
    if (line.room > hint.length) line.put(hint, "dim");
    return line.done();
  }
  const snapshot = state.board.snapshot;
  if (snapshot === undefined) return line.put("Waiting for the first sample", "dim").done();
  const { span } = state.diagnosis ?? {};
  const watched = span === undefined ? "" : `, watched ${formatDuration(span.to - span.from)}`;
  const early =
    suspects.length > 0 ? `${plural(suspects.length, "tag")} may be growing, too early to tell` : "No suspect so far";
  return line.put(`${early}${watched}`, "dim").done();
}
