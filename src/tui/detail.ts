// Everything about one tag: what it holds, the chart, the verdict with its evidence, who owns and who uses it, what to do.

import { formatTag, formatTagHex, formatTagFixed } from "../model/tag.ts";
import { formatBytes, formatCount, formatDuration, formatRate, plural } from "../model/units.ts";
import { formatTime } from "../model/time.ts";
import { kindOf, rowKey, NONPAGED, PAGED } from "../model/snapshot.ts";
import { needsAction, type Verdict } from "../model/verdict.ts";
import { chart } from "./graph.ts";
import { bytesPerBlock, rateOf, verdictKey } from "./order.ts";
import type { Detail, Size, State } from "./state.ts";
import { Line, type Role } from "./style.ts";
import { wrap } from "./text.ts";
import { evidenceWords } from "../words/evidence.ts";
import { exhaustionLong } from "../words/exhaustion.ts";
import { findingTitle } from "../words/suspects.ts";
import { poolRates, rateInterval, ratioWords, sureWords } from "../words/findings.ts";
import { STATE_WORDS } from "../words/states.ts";
import { stepGroups, withStop } from "../words/steps.ts";
import { besideWords, objectSentence } from "../words/beside.ts";
import { driverWords, ownerWords, whoSentence } from "../words/suspects.ts";
import { clockTime, stateRole } from "./words.ts";

/** Cells of the pool's name before its figures. */
const LABEL = 9;

/** Below this the chart would push the verdict off the screen. */
const SMALL_ROWS = 18;

/** A verdict older than this is shown with its age: figures above it are newer. */
const FRESH_MS = 5_000;

/** Collects lines; paragraphs are wrapped and their later lines indented. */
class Page {
  readonly lines: string[] = [];
  readonly #state: State;
  readonly #width: number;

  constructor(state: State, width: number) {
    this.#state = state;
    this.#width = width;
  }

  line(...parts: readonly (readonly [string, Role])[]): void {
    const line = new Line(this.#width, this.#state.look);
    for (const [text, role] of parts) line.put(text, role);
    this.lines.push(line.done());
  }

  /** A label and parts with commas between them; parts that do not fit go on below, under the first. */
  list(label: readonly [string, Role], parts: readonly (readonly [string, Role])[]): void {
    let line = new Line(this.#width, this.#state.look).put(...label);
    parts.forEach(([text, role], index) => {
      if (index > 0 && line.room < text.length + 2) {
        this.lines.push(line.put(",").done());
        line = new Line(this.#width, this.#state.look).to(label[0].length);
      } else if (index > 0) line.put(", ");
      line.put(text, role);
    });
    this.lines.push(line.done());
  }

  heading(text: string): void {
    this.lines.push("");
    this.line([text, "head"]);
  }

  text(text: string, role: Role = "plain", mark = ""): void {
    wrap(text, Math.max(10, this.#width - mark.length - 1)).forEach((part, index) => {
      this.line([index === 0 ? mark : " ".repeat(mark.length), "dim"], [part, role]);
    });
  }
}

/** All lines of the detail for a size; the caller shows the part that fits. */
export function detailLines(state: State, size: Size): string[] {
  const { detail } = state;
  if (detail === undefined) return [];
  const page = new Page(state, size.columns);
  const key = rowKey(detail.ref.tag, detail.ref.kind === "paged" ? PAGED : NONPAGED);
  const verdict = state.verdicts.get(key);
  holding(page, state, detail);
  counted(page, state, detail);
  // On a small screen the verdict comes first: a chart would be all there is to see.
  const isSmall = size.rows < SMALL_ROWS;
  if (!isSmall) drawChart(page, state, detail, size);
  const heading = `Verdict${ageWords(state)}`;
  if (verdict !== undefined) describe(page, verdict, key, heading);
  else {
    page.heading(heading);
    const isJudged = state.diagnosis !== undefined && state.diagnosis.notJudged.tooFewSnapshots === 0;
    const words = isJudged ? STATE_WORDS.steady : STATE_WORDS["not-judged"];
    page.text(`${words.label}: ${isJudged ? words.clause : "too few samples so far"}.`);
  }
  if (isSmall) drawChart(page, state, detail, size);
  known(page, state, detail, verdict);
  return page.lines;
}

function holding(page: Page, state: State, detail: Detail): void {
  const { board } = state;
  for (const code of [NONPAGED, PAGED]) {
    const slot = board.slotOf(rowKey(detail.ref.tag, code));
    if (slot === undefined || !board.isPresent(slot)) continue;
    const kind = kindOf(code);
    const rate = rateOf(state, slot);
    const change = board.change(slot, "bytes");
    const parts: (readonly [string, Role])[] = [
      [`${formatBytes(board.value(slot, "bytes"))} in ${plural(board.value(slot, "outstanding"), "block")}`, "plain"],
      [`${formatBytes(bytesPerBlock(board, slot))} each`, "plain"],
    ];
    if (!Number.isNaN(change) && change !== 0) parts.push([`${change > 0 ? "+" : ""}${formatCount(change)} B`, "grow"]);
    if (rate !== undefined) parts.push([formatRate(rate), "plain"]);
    page.list([kind.padEnd(LABEL), kind === detail.ref.kind ? "strong" : "dim"], parts);
    const allocs = board.value(slot, "allocs");
    const frees = board.value(slot, "frees");
    if (!Number.isNaN(allocs)) {
      page.text(`${plural(allocs, "alloc")}, ${plural(frees, "free")} since boot`, "dim", " ".repeat(LABEL));
    }
  }
}

/** What the object manager counts of the objects that the tag stands for. */
function counted(page: Page, state: State, { ref }: Detail): void {
  const objects = state.board.objects;
  const sentence = objects && objectSentence(ref.tag, objects);
  if (sentence !== undefined) page.text(sentence, "plain", "         ");
}

function drawChart(page: Page, state: State, detail: Detail, size: Size): void {
  const slot = state.board.slotOf(rowKey(detail.ref.tag, detail.ref.kind === "paged" ? PAGED : NONPAGED));
  const times = detail.series?.times ?? state.board.trendTimes;
  const bytes = detail.series?.bytes ?? (slot === undefined ? [] : state.board.trend(slot));
  if (times.length < 2) return;
  const axis = 10;
  const width = Math.max(10, size.columns - axis - 1);
  const height = Math.max(3, Math.min(14, Math.floor(size.rows / 3) - 1));
  const drawn = chart(times, bytes, width, height, state.look);
  const from = times[0] ?? 0;
  const to = times[times.length - 1] ?? 0;
  // Which values were left out below would not be seen from the shape.
  const cutAxis = drawn.low > 0 ? `, drawn from ${formatBytes(drawn.low)} and not from 0` : "";
  page.heading(`Bytes held over ${formatDuration(to - from)}${cutAxis}`);
  drawn.rows.forEach((row, index) => {
    const label = index === 0 ? formatBytes(drawn.high) : index === drawn.rows.length - 1 ? formatBytes(drawn.low) : "";
    page.line([`${label.padStart(axis - 1)} `, "dim"], [row, "grow"]);
  });
  const sameDay = formatTime(from).slice(0, 10) === formatTime(to).slice(0, 10);
  const left = sameDay ? clockTime(from) : formatTime(from);
  const right = sameDay ? clockTime(to) : formatTime(to);
  page.line([`${" ".repeat(axis)}${left}${right.padStart(Math.max(1, width - left.length))}`, "dim"]);
}

/** How much older the verdict is than the figures; empty where it is of the same moment. */
function ageWords({ board, diagnosis }: State): string {
  const age = (board.snapshot?.time ?? Number.NaN) - (diagnosis?.span.to ?? Number.NaN);
  return age >= FRESH_MS ? `, as of ${formatDuration(age)} before these figures` : "";
}

function describe(page: Page, verdict: Verdict, key: number, heading: string): void {
  page.heading(heading);
  const words = STATE_WORDS[verdict.state];
  const sure = sureWords(verdict);
  page.line(
    [` ${words.word || words.label} `, stateRole(verdict.state)],
    [` ${words.clause}${sure === undefined ? "" : `, ${sure}`}`, "plain"],
  );
  if (verdictKey(verdict) !== key) {
    page.text(`in lockstep with ${formatTagFixed(verdict.tag)} (${verdict.kind}), which this is said of`, "plain");
  }
  if (needsAction(verdict.state)) {
    page.text(`${findingTitle(verdict)}.`, "strong");
    page.text(whoSentence(verdict.attribution), "plain");
    for (const finding of verdict.attribution?.beside ?? []) page.text(besideWords(finding).sentence, "plain");
  }
  const { total } = verdict;
  const interval = rateInterval(total.bytesPerHour);
  const since = verdict.since === undefined ? "" : ` since ${formatTime(verdict.since)}`;
  const until = verdict.until === undefined ? "" : ` until ${formatTime(verdict.until)}`;
  page.text(
    `${formatRate(total.bytesPerHour.value)}${interval === undefined ? "" : ` (${interval})`}${since}${until}, ${formatBytes(total.grownBytes)} gained`,
    "strong",
  );
  const rates = poolRates(verdict);
  if (rates !== undefined) page.text(rates);
  if (verdict.exhaustion !== undefined) page.text(`Runs out ${exhaustionLong(verdict)}, if nothing changes`, "warn");
  for (const evidence of verdict.evidence) page.text(evidenceWords(evidence), "plain", "- ");
  if (verdict.group.length > 0) {
    page.heading("Grows together with");
    for (const member of verdict.group) {
      page.text(
        `${formatTagFixed(member.tag)} ${member.kind}  ratio ${ratioWords(member, 2)}, ${formatRate(member.bytesPerHour)}`,
        "plain",
        "- ",
      );
    }
  }
}

function known(page: Page, state: State, detail: Detail, verdict: Verdict | undefined): void {
  const facts = detail.facts === "pending" ? undefined : detail.facts;
  const attribution = verdict?.attribution;
  const member = attribution?.members.find(({ tag, kind }) => tag === detail.ref.tag && kind === detail.ref.kind);
  const owner = facts?.owner ?? member?.owner ?? state.ownerOf(detail.ref.tag);
  page.heading("Owner");
  if (owner === undefined) page.text("No list knows this tag.");
  else {
    page.text(ownerWords(owner));
    if (owner.caution !== undefined) page.text(owner.caution, "warn");
  }
  const drivers = facts?.drivers ?? member?.drivers ?? [];
  if (drivers.length > 0) {
    page.heading("Drivers that use it");
    for (const driver of drivers) page.text(driverWords(driver), "plain", "- ");
  }
  if (detail.facts === "pending") page.text("looking it up", "dim");
  const leaks = attribution?.cases ?? facts?.knownLeaks ?? [];
  if (leaks.length > 0) {
    page.heading("Known leaks");
    for (const leak of leaks)
      page.text(`${leak.culprit}: ${withStop(leak.cause)} ${withStop(leak.remedy)} (${leak.source})`, "plain", "- ");
  }
  if (facts?.sizeClasses !== undefined && facts.sizeClasses.length > 0) {
    page.heading("Large blocks by size");
    const text = facts.sizeClasses
      .map(({ bytes, blocks }) => `${formatBytes(bytes)} x ${formatCount(blocks)}`)
      .join(", ");
    page.text(text);
  }
  const next = stepGroups([...(attribution?.steps ?? []), ...(facts?.next ?? [])]);
  if (next.length > 0) page.heading("What to do next");
  for (const { commands, why } of next) {
    for (const command of commands) page.text(command, "strong");
    page.text(why, "plain", commands.length > 0 ? "    " : "- ");
  }
  for (const remark of facts?.remarks ?? []) page.text(remark, "dim");
}

/** The title of the detail screen. */
export function detailTitle(detail: Detail): string {
  return `${formatTag(detail.ref.tag)}  ${formatTagHex(detail.ref.tag)}  ${detail.ref.kind}`;
}
