// `poolscope dump FILE [used|big|find TAG|holders|irps|lookasides|verifier|modules]`: what a kernel dump tells of the pool, without symbols.

import type { Command } from "commander";
import { answerPoolUse, memoryOf, recountPoolUse } from "../formats/crash-dump/answers.ts";
import { openDump, type Dump } from "../formats/crash-dump/dump.ts";
import type { TagUses } from "../formats/crash-dump/read-tag-table.ts";
import { FormatError, UsageError } from "../model/errors.ts";
import { parseTag } from "../model/tag.ts";
import { openDumpFile } from "../sources/dump-file.ts";
import type { Finish } from "./command.ts";
import { toDumpQuestion } from "./dump/debugger-words.ts";
import { runFind } from "./dump/find.ts";
import { runHolders } from "./dump/holders.ts";
import { runIrps } from "./dump/irps.ts";
import { runLookasides } from "./dump/lookasides.ts";
import { runModules } from "./dump/modules.ts";
import { runBig, runSummary, runUsed } from "./dump/questions.ts";
import { DUMP_SORT_KEYS, type DumpSortKey } from "./dump/rows.ts";
import type { DumpRun } from "./dump/run.ts";
import { runVerifier } from "./dump/verifier.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { oneOf, tagPattern, wholeNumber } from "./options.ts";
import { startProgress } from "./progress.ts";
import { paintFor } from "./shared.ts";

interface Options {
  readonly sort: DumpSortKey;
  readonly tag?: readonly string[];
  readonly top?: number;
  readonly drivers?: boolean;
  readonly recount?: true;
  readonly structureReport?: true;
  readonly json?: true;
  readonly pooltag?: string;
}

const QUESTIONS = ["used", "big", "find", "holders", "irps", "lookasides", "verifier", "modules"] as const;

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("dump")
    .description("pool use by tag out of a kernel dump or memory image, without symbols, on any system")
    .argument(
      "<file>",
      "MEMORY.DMP, a small dump, a live dump, an ELF core, LiME, AVML, a raw image, hiberfil.sys, a .vmem; .gz, .zip and .zst are unpacked",
    )
    .argument("[question]", `${QUESTIONS.join(", ")}; without one: what the dump is and its biggest consumers`)
    .argument("[tag...]", "for find and holders: a tag such as 'Irp ' or Even")
    .option("--sort <key>", `for used: one of ${DUMP_SORT_KEYS.join(", ")}`, oneOf("--sort", DUMP_SORT_KEYS), "bytes")
    .option(
      "--tag <pattern>",
      "for used, big and lookasides: only these tags; * and ? as in PoolMon; may be repeated",
      tagPattern("--tag"),
    )
    .option("--top <n>", "at most this many rows", wholeNumber("--top"))
    .option(
      "--drivers",
      "for used: also which drivers in the dump use the tags shown (the summary and find always say)",
    )
    .option("--no-drivers", "for the summary: do not look for the drivers that use the tags shown")
    .option(
      "--recount",
      "for used and the summary: hold every row against the blocks that stand in memory, which is read whole (until Windows 10 1809)",
    )
    .option("--json", "for programs")
    .option("--pooltag <file>", "your pooltag.txt; found by itself where the WDK or the Debugging Tools are installed")
    .option(
      "--structure-report",
      "what the dump is made of, without names, tags, contents and addresses, for a bug report",
    )
    .addHelpText(
      "after",
      `
Questions:
  used       every tag with both pools side by side, as the debugger's !poolused shows it
  big        every allocation of a page and more
  find TAG   blocks of one tag: the large ones by the kernel's list, the others by a scan of memory
  holders    which processes hold objects, by the tag of the object's block; with a tag: only those (Even, File, Proc ...)
  irps       requests by the driver that has them, and those that no driver has
  lookasides freed blocks that drivers keep for their next allocation: the tag table counts them as in use
  verifier   Driver Verifier's options, and what its drivers hold by the code that asked for it
  modules    loaded and unloaded modules
  '!poolused 2 Even', '!poolfind', '!vm', '!handle', '!lookaside', '!irpfind', '!verifier 3' and lm are taken as the questions that they mean

Examples:
  poolscope dump MEMORY.DMP
  poolscope dump MEMORY.DMP used --sort nonpaged --top 20
  poolscope dump MEMORY.DMP used --recount --top 20
  poolscope dump MEMORY.DMP used --tag 'Nt*' --json
  poolscope dump MEMORY.DMP find Even
  poolscope dump MEMORY.DMP holders Even
  poolscope dump MEMORY.DMP lookasides --tag 'Nt*'
  poolscope diff before.dmp after.dmp            a dump is a SOURCE for the other commands too
`,
    )
    .action(async (path: string, question: string | undefined, words: readonly string[], given: Options) => {
      const { asked, tag, at, options } = toQuestion(question, words, given);
      const wanted = tag === undefined ? undefined : parseTag(tag);
      if (asked === "find" && wanted === undefined) {
        throw new UsageError(`find needs one tag of up to four characters, such as find 'Irp '`);
      }
      if (tag !== undefined && wanted === undefined) {
        throw new UsageError(`${JSON.stringify(tag)} is no tag: a tag has up to four characters, such as Even`);
      }
      const file = await openDumpFile(path);
      try {
        if (options.structureReport === true) {
          const { structureReport } = await import("../formats/crash-dump/structure-report.ts");
          io.stdout.write(`${JSON.stringify(structureReport(file.bytes), null, 1)}\n`);
          return;
        }
        const dump = await named(path, async () => openDump(file.bytes));
        const run: DumpRun = {
          path,
          dump,
          io,
          json: options.json === true,
          paint: paintFor(io),
          width: io.stdout.columns,
          knowledge: (await loadKnowledge(options.pooltag, io)).knowledge,
          sort: options.sort,
          tags: options.tag ?? [],
          top: options.top,
          drivers: options.drivers,
        };
        await named(path, async () => {
          if (asked === "modules") runModules(run);
          else if (asked === "irps") runIrps(run);
          else if (asked === "lookasides") runLookasides(run, at);
          else if (asked === "verifier") runVerifier(run);
          else if (asked === "holders") runHolders(run, wanted);
          else if (asked === "used") await runUsed(run, poolUse(dump, options, io));
          else if (asked === "big") runBig(run);
          else if (asked === "find") await runFind(run, wanted ?? 0);
          else finish(await runSummary(run, poolUseOrReason(dump, options, io)));
        });
        if (asked !== undefined) finish(0);
      } finally {
        file.close();
      }
    });
}

interface Asked {
  readonly asked: (typeof QUESTIONS)[number] | undefined;
  readonly tag: string | undefined;
  readonly at: bigint | undefined;
  readonly options: Options;
}

/** The question and its tag; a command of the debugger is taken as the question that it means. */
function toQuestion(question: string | undefined, words: readonly string[], options: Options): Asked {
  const command = question === undefined ? undefined : toDumpQuestion([question, ...words].join(" "));
  if (command !== undefined) {
    return {
      asked: command.question === "summary" ? undefined : command.question,
      tag: command.tag,
      at: command.at,
      options: {
        ...options,
        sort: command.sort ?? options.sort,
        ...(command.pattern === undefined ? {} : { tag: [command.pattern] }),
      },
    };
  }
  const asked = QUESTIONS.find((each) => each === question);
  if (question !== undefined && asked === undefined) {
    throw new UsageError(`${JSON.stringify(question)} is no question to a dump; ask one of ${QUESTIONS.join(", ")}`);
  }
  const [tag, ...more] = words;
  if (more.length > 0) throw new UsageError(`one tag, please: ${JSON.stringify(more.join(" "))} is too much`);
  if (tag !== undefined && asked !== "find" && asked !== "holders") {
    throw new UsageError(`${question ?? ""} takes no tag here; use --tag ${JSON.stringify(tag)}`);
  }
  return { asked, tag, at: undefined, options };
}

/** The file's name in errors of the parser, which knows only bytes. */
async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FormatError) || error.details.file !== undefined) throw error;
    throw new FormatError(error.format, error.problem, { ...error.details, file: path });
  }
}

/** Pool use, with every row held against memory where that is asked for. */
function poolUse(dump: Dump, { recount }: Options, io: Io): TagUses {
  const uses = answerPoolUse(dump);
  if (recount !== true) return uses;
  const bar = startProgress(io, "recounting", "pages");
  const total = memoryOf(dump).space.memory.map.pages;
  const onPage = (pages: number): void => bar.update(pages, total);
  const progress = { pages: 0, notInDump: 0, exhausted: false, onPage };
  const recounted = recountPoolUse(dump, uses, progress);
  bar.end();
  return recounted;
}

/** Pool use, or why there is none: the summary says so and goes on. */
function poolUseOrReason(dump: Dump, options: Options, io: Io): TagUses | string {
  if (dump.memory === undefined) return dump.cannotAnswer ?? "it holds no memory";
  try {
    return poolUse(dump, options, io);
  } catch (error) {
    if (error instanceof FormatError) return error.problem;
    throw error;
  }
}
