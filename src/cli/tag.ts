// `poolscope tag TAG...`: everything known of a tag, and the drivers on this machine that use it.

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { Snapshot, TagUse } from "../model/snapshot.ts";
import {
  compileTagPattern,
  formatTag,
  formatTagHex,
  parseTag,
  paddedAlike,
  reversedTag,
  type Tag,
} from "../model/tag.ts";
import type { DriverMatch, KnownLeak, Owner } from "../model/attribution.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { renderTagJson, renderTagText, type TagReport } from "../reports/tag-report.ts";
import { renderKnownTags, renderKnownTagsJson } from "../reports/known-tags-report.ts";
import { selectRows } from "../reports/rows.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import { openDriverLookUp, type DriverLookUp } from "./driver-look-up.ts";
import { ownerFrom } from "./attribution-sources.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { openLiveMachine } from "./live-machine.ts";
import type { TagBlocks } from "../model/tag-blocks.ts";
import { knownTags } from "./known-tags.ts";
import { collect } from "./options.ts";
import { openWithProgress, paintFor } from "./shared.ts";

interface Options {
  readonly in?: readonly string[];
  readonly json?: true;
  readonly live?: true;
  readonly known?: true;
  readonly pooltag?: string;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("tag")
    .description("everything known of a tag, and the drivers on this machine that use it")
    .argument(
      "[tag...]",
      "tags as PoolMon shows them; quote padded ones ('Irp '), unprintable bytes as \\x0A; * and ? mean the tags of --in, or of the driver index",
    )
    .option("--in <source>", "also what the tag holds in this source; may be repeated", collect)
    .option(
      "--live",
      "also what it holds on this machine now: blocks idle in lookaside lists, blocks larger than a page",
    )
    .option("--known", "list common leaky tags and published cases instead; all, or those that match a tag or a word")
    .option("--json", "for programs")
    .option("--pooltag <file>", "your pooltag.txt")
    .addHelpText(
      "after",
      `
Examples:
  poolscope tag Even
  poolscope tag MmSt Thre            what tutorials say of them, and what is true
  poolscope tag 'Nt??' --in week.pool
  poolscope tag 'WD*'                which drivers use tags of this form
  poolscope tag Irp --live           idle and big blocks of it on this machine (Windows)
  poolscope tag --known              the tutorials' table with what is true, and every published case
  poolscope tag --known wcifs        the cases of one driver, with cause, remedy and source`,
    )
    .action(async (patterns: string[], options: Options) => {
      const loaded = await loadKnowledge(options.pooltag, io);
      if (options.known === true) {
        if (options.in !== undefined)
          throw new UsageError("--known lists what is known, not what a source holds; leave --in out");
        const known = knownTags(loaded.knowledge, patterns);
        const layout = { width: io.stdout.columns, paint: paintFor(io), full: patterns.length > 0 };
        io.stdout.write(options.json === true ? renderKnownTagsJson(known) : renderKnownTags(known, layout));
        finish(0);
        return;
      }
      if (patterns.length === 0) throw new UsageError("name a tag, or list what is known with --known");
      const taken =
        options.in === undefined
          ? undefined
          : await (
              await import("./snapshot.ts")
            ).takeFrom(await openWithProgress(options.in, {}, io, { near: Infinity }), undefined);
      const lookUp = await openDriverLookUp(io, taken?.snapshot.origin);
      const tags = tagsOf(patterns, taken?.snapshot, lookUp);
      const dumped = await driversOfDump(taken?.snapshot, tags, io);
      const driversOf = (tag: Tag): readonly DriverMatch[] => [...dumped(tag), ...(lookUp?.of(tag) ?? [])];
      const ownerOf = ownerFrom({
        knowledge: loaded.knowledge,
        mappedDrivers: taken?.mappedDrivers ?? new Map(),
      });
      const reports = tags.map((tag) =>
        reportOf(tag, ownerOf(tag), loaded.knowledge, driversOf(tag), taken?.snapshot, loaded.pooltag !== undefined),
      );
      const blocks = options.live === true ? await liveBlocks(tags, io) : undefined;
      const withBlocks = reports.map((report) => {
        const own = blocks?.get(report.tag);
        return own === undefined ? report : { ...report, blocks: own };
      });
      if (tags.length === 0) {
        const where = options.in === undefined ? "the driver index" : options.in.join(", ");
        io.stderr.write(`poolscope: no tag of ${visible(where)} matches ${visible(patterns.join(" "))}\n`);
      }
      for (const hint of reversedHint(reports, lookUp)) io.stderr.write(`poolscope: ${hint}\n`);
      io.stdout.write(
        options.json === true
          ? renderTagJson(withBlocks)
          : renderTagText(withBlocks, { width: io.stdout.columns, paint: paintFor(io) }),
      );
      finish(taken?.finish(0) ?? 0);
    });
}

/** What this machine tells of the blocks of tags. Throws AccessError where there are no live counters. */
async function liveBlocks(tags: readonly Tag[], io: Io): Promise<ReadonlyMap<Tag, TagBlocks>> {
  const sampler = await openLiveMachine(io, false);
  try {
    return new Map(tags.map((tag) => [tag, sampler.blocksOf(tag)]));
  } finally {
    sampler.close();
  }
}

/** Drivers in the dump that the snapshot is from, where it is from one. */
async function driversOfDump(
  snapshot: Snapshot | undefined,
  tags: readonly Tag[],
  io: Io,
): Promise<(tag: Tag) => readonly DriverMatch[]> {
  const { source, file } = snapshot?.origin ?? {};
  if (source !== "crash-dump" || file === undefined || !existsSync(file)) return () => [];
  const { driversInDumpFile } = await import("./dump/drivers.ts");
  return await driversInDumpFile(file, tags, io);
}

/**
 * The tags asked for. Patterns mean the tags of the source, or without one those of the driver index. Tags that read alike
 * with other padding come along where a driver uses them: `WIL` may be padded with a space or a NUL.
 */
function tagsOf(patterns: readonly string[], snapshot: Snapshot | undefined, lookUp: DriverLookUp | undefined): Tag[] {
  const tags = new Set<Tag>();
  for (const pattern of patterns) {
    if (!/[*?]/.test(pattern)) {
      const tag = parseTag(pattern);
      if (tag === undefined)
        throw new UsageError(`${JSON.stringify(pattern)} is no pool tag; a tag has one to four characters`);
      tags.add(tag);
      for (const alike of paddedAlike(tag)) if (isUsed(lookUp, alike)) tags.add(alike);
      continue;
    }
    const known = snapshot === undefined ? lookUp?.known() : snapshot.columns.tag;
    if (known === undefined) {
      throw new UsageError(
        `${JSON.stringify(pattern)} is a pattern, and there is no driver index to match it in; ` +
          "run `poolscope drivers`, or name a source with --in",
      );
    }
    const matches = compileTagPattern(pattern);
    for (const tag of [...known].sort((a, b) => a - b)) if (matches(tag)) tags.add(tag);
  }
  return [...tags];
}

/** Whether a driver uses a tag, by its code. */
function isUsed(lookUp: DriverLookUp | undefined, tag: Tag): boolean {
  return lookUp?.of(tag).some(({ tier }) => tier !== "text") === true;
}

/** What is typed as it stands in a C source lies the other way round in memory. */
function reversedHint(reports: readonly TagReport[], lookUp: DriverLookUp | undefined): string[] {
  return reports.flatMap(({ tag, owner, drivers }) => {
    const reversed = reversedTag(tag);
    const isElsewhere = reversed !== tag && lookUp?.of(reversed).some(({ tier }) => tier === "proven") === true;
    if (owner !== undefined || drivers.some(({ tier }) => tier !== "text") || !isElsewhere) return [];
    return [
      `no driver uses '${formatTag(tag)}', but one uses '${formatTag(reversed)}': a tag written '${formatTag(tag)}' in a C source reads '${formatTag(reversed)}' in memory`,
    ];
  });
}

function reportOf(
  tag: Tag,
  owner: Owner | undefined,
  knowledge: Knowledge,
  drivers: readonly DriverMatch[],
  snapshot: Snapshot | undefined,
  hasList: boolean,
): TagReport {
  const note = knowledge.tutorialNote(tag);
  const library = knowledge.libraryOf(tag);
  const leaks: readonly KnownLeak[] = knowledge.knownLeaksOf(tag);
  const own = new Set(leaks.map(({ id }) => id));
  const sharedCases = knowledge.casesNaming(tag).filter(({ id }) => !own.has(id));
  const uses: readonly TagUse[] =
    snapshot === undefined ? [] : selectRows(snapshot.columns, { tags: [formatTag(tag)] });
  return {
    tag,
    raw: formatTagHex(tag),
    ...(owner === undefined ? {} : { owner }),
    ...(note === undefined ? {} : { tutorial: { claim: note.claim, truth: note.truth } }),
    ...(library === undefined ? {} : { library }),
    knownLeaks: leaks,
    sharedCases,
    drivers,
    ...(hasList ? { listed: knowledge.isListed(tag) === true } : {}),
    ...(snapshot === undefined ? {} : { time: snapshot.time }),
    uses,
  };
}
