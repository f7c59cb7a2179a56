// `poolscope kd TARGET [used|big|find TAG|holders|modules]`: a live kernel over the debugger's serial wire, read-only.

import type { Command } from "commander";
import { blocksOf, holdersOf, modulesOf } from "../formats/crash-dump/answers.ts";
import { hex } from "../formats/crash-dump/bytes.ts";
import { readObjectTypes } from "../formats/crash-dump/object-types.ts";
import { UsageError } from "../model/errors.ts";
import { compileTagPattern, formatTag, parseTag, type Tag } from "../model/tag.ts";
import { formatIso, formatTime } from "../model/time.ts";
import { formatCount, plural } from "../model/units.ts";
import { ownerText } from "../reports/snapshot-report.ts";
import { visible } from "../reports/terminal-text.ts";
import { noticeOf } from "../sources/crash-dump.ts";
import type { OpenKd } from "../sources/kd/open.ts";
import { kdBigPages, kdComparedPoolUse, kdPoolUse, type KdTarget } from "../sources/kd/questions.ts";
import { haltedText, NOT_SCANNED, partsText } from "../words/kd.ts";
import type { Finish } from "./command.ts";
import { holdersAnswer, holdersLines } from "./dump/holders.ts";
import { bigJson, tagUsesJson } from "./dump/json.ts";
import { DUMP_SORT_KEYS, tagRows, type DumpSortKey } from "./dump/rows.ts";
import { print, printJson } from "./dump/run.ts";
import {
  bigLines,
  bigTable,
  moduleTable,
  poolLine,
  problemLines,
  tableLines,
  tagTable,
  unloadedTable,
} from "./dump/text.ts";
import type { Io } from "./io.ts";
import { addKdOptions, mayStop, openKdFor, type KdOptions } from "./kd-source.ts";
import { loadKnowledge } from "./knowledge.ts";
import { oneOf, tagPattern, wholeNumber } from "./options.ts";
import { paintFor } from "./shared.ts";

interface Options extends KdOptions {
  readonly sort: DumpSortKey;
  readonly tag?: readonly string[];
  readonly top?: number;
  readonly json?: true;
  readonly pooltag?: string;
}

const QUESTIONS = ["used", "big", "find", "holders", "modules"] as const;
type Question = (typeof QUESTIONS)[number];

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addKdOptions(
    program
      .command("kd")
      .description(
        "pool use of a live kernel over the debugger's serial wire, read-only, from any system; stops it briefly",
      )
      .argument("<target>", "tcp:HOST:PORT, unix:PATH, \\\\.\\pipe\\NAME, or a serial line such as /dev/ttyS0,115200")
      .argument("[question]", `${QUESTIONS.join(", ")}; used unless told`)
      .argument("[tag]", "for find and holders: a tag such as 'Irp ' or Even"),
  )
    .option("--sort <key>", `for used: one of ${DUMP_SORT_KEYS.join(", ")}`, oneOf("--sort", DUMP_SORT_KEYS), "bytes")
    .option("--tag <pattern>", "for used and big: only these tags; may be repeated", tagPattern("--tag"))
    .option("--top <n>", "at most this many rows", wholeNumber("--top"))
    .option("--json", "for programs")
    .option("--pooltag <file>", "your pooltag.txt; found by itself where the WDK or the Debugging Tools are installed")
    .addHelpText(
      "after",
      `
Questions:
  used           every tag with both pools side by side, as the debugger's !poolused shows it
  big            every allocation of a page and more
  find TAG       how many blocks a tag has, and its large ones; small ones are not searched for over the wire
  holders [TAG]  which processes hold objects open
  modules        loaded and unloaded modules

The target stands while it is read, and is always continued: at the end, on errors, on Ctrl-C, after --max-halt.

Examples:
  poolscope kd tcp:127.0.0.1:4444                              what it would do, and what to set up; stops nothing
  poolscope kd tcp:127.0.0.1:4444 used --yes-stop-the-machine
  poolscope kd /dev/ttyUSB0,115200 find Even --yes-stop-the-machine
  poolscope record kd:unix:/tmp/vm.sock vm.pool --every 30s --yes-stop-the-machine`,
    )
    .action(async (target: string, question: string | undefined, word: string | undefined, options: Options) => {
      const asked = QUESTIONS.find((each) => each === (question ?? "used"));
      if (asked === undefined)
        throw new UsageError(
          `${JSON.stringify(question)} is no question to a target; ask one of ${QUESTIONS.join(", ")}`,
        );
      const tag = word === undefined ? undefined : parseTag(word);
      if (asked === "find" && tag === undefined)
        throw new UsageError("find needs one tag of up to four characters, such as find 'Irp '");
      if (word !== undefined && (tag === undefined || (asked !== "find" && asked !== "holders")))
        throw new UsageError(`${JSON.stringify(word)} is too much: only find and holders take a tag`);
      if (!mayStop(target, options, io)) {
        finish(2);
        return;
      }
      const kd = await openKdFor(target, options, io);
      let answer: Answer;
      try {
        answer = await answerOf(asked, tag, kd, options, io);
      } finally {
        await kd.close();
      }
      show(answer, target, kd, options, io);
    });
}

interface Answer {
  readonly target: KdTarget;
  readonly json: Record<string, unknown>;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

async function answerOf(asked: Question, tag: Tag | undefined, kd: OpenKd, options: Options, io: Io): Promise<Answer> {
  if (asked === "used") return await answerUsed(kd, options, io);
  if (asked === "big") return await answerBig(kd, options, io);
  if (asked === "modules") return await answerModules(kd, options, io);
  if (asked === "find") return await answerFind(kd, tag ?? 0, options, io);
  return await answerHolders(kd, tag, options, io);
}

async function answerUsed({ questions, session }: OpenKd, options: Options, io: Io): Promise<Answer> {
  const { target, uses } = await kdComparedPoolUse(questions);
  await session.continue();
  const { knowledge } = await loadKnowledge(options.pooltag, io);
  const rows = tagRows(uses.columns, options.tag ?? [], options.sort).slice(0, options.top);
  const width = io.stdout.columns;
  const notesOf = (tag: Tag) => ({
    owner: knowledge.ownerOf(tag),
    knownLeaks: knowledge.knownLeaksOf(tag),
    drivers: undefined,
  });
  return {
    target,
    json: { pool: tagUsesJson(uses, rows, notesOf) },
    lines: [
      poolLine(uses, width),
      "",
      tagTable(rows, (row) => ownerText(knowledge.ownerOf(row.tag)), width),
      "",
      ...tableLines(uses, width),
    ],
    problems: uses.problems,
  };
}

async function answerBig({ questions, session }: OpenKd, options: Options, io: Io): Promise<Answer> {
  const { target, big } = await kdBigPages(questions);
  await session.continue();
  const matchers = (options.tag ?? []).map((pattern) => compileTagPattern(pattern));
  const shown = (big?.allocations ?? [])
    .filter((each) => matchers.length === 0 || matchers.some((matches) => matches(each.tag)))
    .sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1))
    .slice(0, options.top);
  const width = io.stdout.columns;
  return {
    target,
    json: { big: big === undefined ? null : bigJson(big, shown) },
    lines: big === undefined ? [] : [...bigLines(big, width), "", bigTable(shown, width)],
    problems: big?.problems ?? ["the table of large allocations was not found"],
  };
}

async function answerModules({ questions, session }: OpenKd, options: Options, io: Io): Promise<Answer> {
  const target = await questions.open(false);
  const answer = await questions.ask(() => modulesOf(target));
  await session.continue();
  const modules = answer.modules.slice(0, options.top);
  const rows = modules.map((each) => ({ ...each, version: "", company: "", stamp: "", coverage: "" }));
  const width = io.stdout.columns;
  return {
    target,
    json: {
      modules: modules.map(({ base, sizeOfImage, ...rest }) => ({ base: hex(base), size: sizeOfImage, ...rest })),
      unloaded: answer.unloaded.map((each) => ({
        name: each.name,
        start: hex(each.start),
        end: hex(each.end),
        time: each.time === undefined ? null : formatTime(each.time),
      })),
    },
    lines: [
      plural(answer.modules.length, "module"),
      ...(rows.length > 0 ? ["", moduleTable(rows, width)] : []),
      ...(answer.unloaded.length > 0 ? ["", unloadedTable(answer.unloaded, width)] : []),
    ],
    problems: answer.problems,
  };
}

async function answerFind({ questions, session }: OpenKd, tag: Tag, options: Options, io: Io): Promise<Answer> {
  const { target, uses } = await kdPoolUse(questions);
  const { big } = await kdBigPages(questions);
  await session.continue();
  const large = (big?.allocations ?? []).filter((each) => each.tag === tag);
  const blocks = blocksOf(uses.columns, tag);
  const shown = large.slice(0, options.top);
  return {
    target,
    json: {
      tag: formatTag(tag),
      table: { blocks },
      large: shown.map((each) => ({ address: hex(each.address), bytes: each.bytes, pool: each.kind ?? null })),
      scan: null,
    },
    lines: [
      `${visible(formatTag(tag))}: ${formatCount(blocks)} blocks by the tag table, ${formatCount(large.length)} of them large`,
      ...(shown.length > 0 ? ["", bigTable(shown, io.stdout.columns)] : []),
    ],
    problems: [
      ...uses.problems,
      ...(big?.problems ?? ["the table of large allocations was not found"]),
      ...(large.length < blocks ? [NOT_SCANNED] : []),
    ],
  };
}

async function answerHolders(kd: OpenKd, tag: Tag | undefined, options: Options, io: Io): Promise<Answer> {
  const { questions, session } = kd;
  const { target, uses } = await kdPoolUse(questions);
  const { bootTime, time } = target.system;
  // The handle tables of processes and the objects that they name do not hang on each other.
  const view = await questions.ask(
    () => ({
      holders: holdersOf(target, undefined, { from: bootTime, to: time }),
      types: readObjectTypes(target)?.types ?? [],
      uses,
    }),
    "independent",
  );
  await session.continue();
  return {
    target,
    json: holdersAnswer(view, tag, options.top),
    lines: holdersLines(view, tag, { top: options.top, width: io.stdout.columns, paint: paintFor(io) }),
    problems: view.holders.problems,
  };
}

function show({ target, json, lines, problems }: Answer, name: string, kd: OpenKd, options: Options, io: Io): void {
  const { halts, bytesRead, stoodBefore } = kd.session;
  const { system, architecture, kernel } = target;
  const notice = noticeOf(target);
  const all = [...problems, ...(halts.length > 1 ? [partsText(halts.length)] : [])];
  if (options.json === true) {
    printJson(io, {
      target: name,
      ...(notice === undefined ? {} : { notice }),
      architecture,
      windowsBuild: system.build ?? null,
      processors: system.cpus ?? null,
      physicalBytes: system.physicalBytes ?? null,
      time: system.time === undefined ? null : formatIso(system.time),
      bootTime: system.bootTime === undefined ? null : formatIso(system.bootTime),
      kernel: { base: hex(kernel.base), method: kernel.method },
      halted: halts.map((each) => ({ milliseconds: Math.round(each.milliseconds), bytes: each.bytes })),
      stoodBefore,
      bytesRead,
      ...json,
      problems: all,
    });
  } else
    print(io, [...(notice === undefined ? [] : [visible(notice)]), ...lines, ...problemLines(all, io.stdout.columns)]);
  io.stderr.write(`${haltedText({ halts, bytesRead, stoodBefore })}\n`);
}
