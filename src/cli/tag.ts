// `poolscope tag TAG...`: everything known of a tag, and the drivers on this machine that use it.

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { UsageError } from "../model/errors.ts";
import type { Snapshot, TagUse } from "../model/snapshot.ts";
import { compileTagPattern, formatTag, formatTagHex, parseTag, type Tag } from "../model/tag.ts";
import type { DriverMatch, KnownLeak, Owner } from "../model/attribution.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import { renderTagJson, renderTagText, type TagReport } from "../reports/tag-report.ts";
import { selectRows } from "../reports/rows.ts";
import { visible } from "../reports/terminal-text.ts";
import type { Finish } from "./command.ts";
import { driversOfIndex } from "./driver-look-up.ts";
import { ownerFrom } from "./attribution-sources.ts";
import type { Io } from "./io.ts";
import { loadKnowledge } from "./knowledge.ts";
import { collect } from "./options.ts";
import { openWithProgress, paintFor } from "./shared.ts";

interface Options {
  readonly in?: readonly string[];
  readonly json?: true;
  readonly pooltag?: string;
}

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("tag")
    .description("everything known of a tag, and the drivers on this machine that use it")
    .argument(
      "<tag...>",
      "tags as PoolMon shows them; quote padded ones ('Irp '), unprintable bytes as \\x0A; * and ? with --in",
    )
    .option("--in <source>", "also what the tag holds in this source; may be repeated", collect)
    .option("--json", "for programs")
    .option("--pooltag <file>", "your pooltag.txt")
    .addHelpText(
      "after",
      `
Examples:
  poolscope tag Even
  poolscope tag MmSt Thre            what tutorials say of them, and what is true
  poolscope tag 'Nt??' --in week.pool`,
    )
    .action(async (patterns: string[], options: Options) => {
      const loaded = await loadKnowledge(options.pooltag, io);
      const taken =
        options.in === undefined
          ? undefined
          : await (
              await import("./snapshot.ts")
            ).takeFrom(await openWithProgress(options.in, {}, io, { near: Infinity }), undefined);
      const tags = tagsOf(patterns, taken?.snapshot);
      const indexed = await driversOfIndex(io, tags, taken?.snapshot.origin);
      const dumped = await driversOfDump(taken?.snapshot, tags, io);
      const driversOf = (tag: Tag): readonly DriverMatch[] => [...dumped(tag), ...indexed(tag)];
      const ownerOf = ownerFrom({
        knowledge: loaded.knowledge,
        mappedDrivers: taken?.mappedDrivers ?? new Map(),
      });
      const reports = tags.map((tag) =>
        reportOf(tag, ownerOf(tag), loaded.knowledge, driversOf(tag), taken?.snapshot, loaded.pooltag !== undefined),
      );
      if (tags.length === 0)
        io.stderr.write(
          `poolscope: no tag of ${visible(options.in?.join(", ") ?? "")} matches ${visible(patterns.join(" "))}\n`,
        );
      io.stdout.write(
        options.json === true
          ? renderTagJson(reports)
          : renderTagText(reports, { width: io.stdout.columns, paint: paintFor(io) }),
      );
      finish(taken?.finish(0) ?? 0);
    });
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

/** The tags asked for; patterns mean the tags of the source. */
function tagsOf(patterns: readonly string[], snapshot: Snapshot | undefined): Tag[] {
  const tags = new Set<Tag>();
  for (const pattern of patterns) {
    if (!/[*?]/.test(pattern)) {
      const tag = parseTag(pattern);
      if (tag === undefined)
        throw new UsageError(`${JSON.stringify(pattern)} is no pool tag; a tag has one to four characters`);
      tags.add(tag);
      continue;
    }
    if (snapshot === undefined)
      throw new UsageError(`${JSON.stringify(pattern)} is a pattern; name a source to match it in with --in`);
    const matches = compileTagPattern(pattern);
    for (const tag of snapshot.columns.tag) if (matches(tag)) tags.add(tag);
  }
  return [...tags];
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
  const uses: readonly TagUse[] =
    snapshot === undefined ? [] : selectRows(snapshot.columns, { tags: [formatTag(tag)] });
  return {
    tag,
    raw: formatTagHex(tag),
    ...(owner === undefined ? {} : { owner }),
    ...(note === undefined ? {} : { tutorial: { claim: note.claim, truth: note.truth } }),
    ...(library === undefined ? {} : { library }),
    knownLeaks: leaks,
    drivers,
    ...(hasList ? { listed: knowledge.isListed(tag) === true } : {}),
    ...(snapshot === undefined ? {} : { time: snapshot.time }),
    uses,
  };
}
