// `poolscope why TAG [SOURCE...]`: the chain from growth to driver for one tag, each link with its proof and with what would
// refute it.

import type { Command } from "commander";
import { attribute } from "../attribution/attribute.ts";
import { UsageError } from "../model/errors.ts";
import type { Origin, Snapshot } from "../model/snapshot.ts";
import { kindCode, rowKey, indexRows } from "../model/snapshot.ts";
import { formatTag, parseTag, type Tag } from "../model/tag.ts";
import type { Attribution } from "../model/attribution.ts";
import type { Verdict } from "../model/verdict.ts";
import { renderWhyJson, renderWhyText, type WhyRow } from "../reports/why-report.ts";
import { attributionSources } from "./attribution-sources.ts";
import { BESIDE_OPTION } from "./beside-option.ts";
import type { Finish } from "./command.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { diagnoseOne, type Diagnosed } from "./leaks.ts";
import { addSourceOptions, paintFor, type SourceOptions } from "./shared.ts";

interface Options extends SourceOptions {
  readonly json?: true;
  readonly pooltag?: string;
  readonly beside?: readonly string[];
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  addSourceOptions(
    program
      .command("why")
      .description("the chain from growth to driver for one tag, each link with what would refute it")
      .argument("<tag>", "a tag as PoolMon shows it; quote padded ones ('Irp ')")
      .argument(
        "[source...]",
        "recordings, logs or dumps of one machine; without one only lists and drivers are asked",
      ),
  )
    .option(...BESIDE_OPTION)
    .option("--json", "for programs")
    .option("--pooltag <file>", "your pooltag.txt")
    .addHelpText(
      "after",
      `
Examples:
  poolscope why WCsc week.pool     what grows, with which other tags, whose tag it is, which driver, where in its code
  poolscope why AcmA               without a record: lists, published cases and the index of drivers only`,
    )
    .action(async (name: string, paths: string[], options: Options) => {
      const tag = parseTag(name);
      if (tag === undefined) {
        throw new UsageError(`${JSON.stringify(name)} is no pool tag; a tag has one to four characters`);
      }
      if (options.beside !== undefined && paths.length === 0)
        throw new UsageError("--beside: the files are joined with a record; name one after the tag");
      const diagnosed = paths.length === 0 ? undefined : await diagnoseOne(paths, options, io);
      const rows = diagnosed === undefined ? [] : rowsOf(tag, diagnosed);
      if (diagnosed !== undefined && rows.length === 0) {
        throw new UsageError(`${formatTag(tag).trimEnd()} is not in ${paths.join(", ")}; tags are case-sensitive`);
      }
      const known = rows.some(({ verdict }) => verdict !== undefined)
        ? undefined
        : await lookUp(tag, diagnosed?.last, options.pooltag, io);
      const report = {
        tag,
        ...(diagnosed === undefined ? {} : { span: diagnosed.diagnosis.span }),
        rows,
        ...(known === undefined ? {} : { known }),
      };
      io.stdout.write(
        options.json === true
          ? renderWhyJson(report)
          : renderWhyText(report, { width: io.stdout.columns, paint: paintFor(io) }),
      );
      if (diagnosed !== undefined && rows.length === 0) {
        io.stderr.write(
          `poolscope: ${formatTag(tag).trimEnd()} is not in ${paths.join(", ")}; tags are case-sensitive\n`,
        );
        finish(2);
        return;
      }
      finish(diagnosed?.timeline.finish(0) ?? 0);
    });
}

/** One row for each pool that lists the tag: its verdict, or whether it was looked at. */
function rowsOf(tag: Tag, { diagnosis, last, wasJudged, smallestVisible }: Diagnosed): readonly WhyRow[] {
  const listed = indexRows(last.columns);
  return (["nonpaged", "paged"] as const).flatMap((kind): WhyRow[] => {
    const verdict = diagnosis.verdicts.find((each) => holds(each, tag, kind));
    const [visible] = smallestVisible([{ tag, kind }]);
    const seen = visible === undefined ? {} : { visible };
    if (verdict !== undefined) return [{ kind, verdict, ...seen }];
    if (!listed.has(rowKey(tag, kindCode(kind)))) return [];
    return [{ kind, state: wasJudged({ tag, kind }) ? "steady" : "not-judged", ...seen }];
  });
}

function holds(verdict: Verdict, tag: Tag, kind: Verdict["kind"]): boolean {
  return [verdict, ...verdict.group].some((each) => each.tag === tag && each.kind === kind);
}

/** What lists and drivers say of a tag that has no verdict. */
async function lookUp(tag: Tag, last: Snapshot | undefined, pooltag: string | undefined, io: Io): Promise<Attribution> {
  const { knowledge } = await loadKnowledge(pooltag, io);
  const origin: Origin | undefined = last?.origin;
  const driversOf = await driversOfIndex(io, [tag], origin);
  const point = { value: 0, low: 0, high: 0 };
  const nothing: Verdict = {
    tag,
    kind: "nonpaged",
    state: "not-judged",
    bytesPerHour: point,
    blocksPerHour: 0,
    grows: "nothing",
    heldBytes: 0,
    outstanding: 0,
    grownBytes: 0,
    confidence: 0,
    evidence: [],
    group: [],
    total: { bytesPerHour: point, heldBytes: 0, grownBytes: 0, outstanding: 0, pools: {} },
  };
  const found = attribute(nothing, attributionSources({ knowledge, mappedDrivers: new Map(), driversOf }));
  return { ...found, chain: found.chain.filter(({ kind }) => kind !== "growth") };
}
