// PoolMon's Mapped_Driver column: /g from pooltag.txt (else our own notes), /c from the drivers of this machine by
// localtag.txt, which is made where it does not exist.

import { access, writeFile } from "node:fs/promises";
import type { Knowledge } from "../../knowledge/knowledge.ts";
import { AccessError } from "../../model/errors.ts";
import { baseName } from "../../model/file-path.ts";
import { formatTagFixed, type Tag } from "../../model/tag.ts";
import type { Io } from "../io.ts";
import type { PoolmonRequest } from "./arguments.ts";
import { writeProblem } from "./write-problem.ts";

/** The text of the column, or undefined where neither /g nor /c asks for it. `tags` are those to look up for a new localtag.txt. */
export async function mappedDriverOf(
  request: PoolmonRequest,
  tags: readonly Tag[],
  io: Io,
): Promise<((tag: Tag) => string) | undefined> {
  const { localTagFile, poolTagFile } = request;
  if (localTagFile === undefined && poolTagFile === undefined) return undefined;
  const { loadKnowledge } = await import("../knowledge.ts");
  const knowledge =
    poolTagFile === undefined
      ? undefined
      : (await loadKnowledge(poolTagFile === true ? undefined : poolTagFile, io)).knowledge;
  const local = localTagFile === undefined ? undefined : await localDrivers(localTagFile, tags, io);
  return (tag) => {
    const parts = [...(local?.(tag) ?? []).map((driver) => `[${driver}]`), ...ownerText(knowledge, tag)];
    return parts.length === 0 ? "Unknown Driver" : parts.join("");
  };
}

function ownerText(knowledge: Knowledge | undefined, tag: Tag): string[] {
  const owner = knowledge?.ownerOf(tag);
  if (owner === undefined) return [];
  const text = owner.from === "pooltag.txt" ? owner.description : shortClause(owner.description);
  return [`[${[owner.component, text].filter((part) => part !== "").join(" - ")}]`];
}

/** As long as the texts of PoolMon's own list mostly are: its screen has room for no more. */
const SHORT_TEXT = 40;

/** The first clause of a note, cut at a word: `Event objects`. */
function shortClause(text: string): string {
  const clause = text.split(/[.;:,(]/, 1)[0]?.trim() ?? "";
  if (clause.length <= SHORT_TEXT) return clause;
  return clause.slice(0, clause.lastIndexOf(" ", SHORT_TEXT));
}

/** Base names of the drivers that use a tag, without `.sys`, as PoolMon shows them. */
async function localDrivers(file: string, tags: readonly Tag[], io: Io): Promise<(tag: Tag) => readonly string[]> {
  if (!(await exists(file))) await makeLocalTagFile(file, tags, io);
  const { readPoolTagFile } = await import("../../sources/pooltag-search.ts");
  const byTag = new Map<string, string[]>();
  for (const entry of (await readPoolTagFile(file)).entries) {
    const drivers = entry.binary.split(/,\s*/).filter((name) => name !== "");
    byTag.set(entry.tag, [...(byTag.get(entry.tag) ?? []), ...drivers]);
  }
  return (tag) => (byTag.get(formatTagFixed(tag)) ?? []).map((name) => name.replace(/\.sys$/i, ""));
}

/** Writes one line per tag that a driver of this machine uses, in the form of pooltag.txt. */
async function makeLocalTagFile(file: string, tags: readonly Tag[], io: Io): Promise<void> {
  if (io.platform === "win32") await scanMachine(io);
  const { driversOfIndex } = await import("../driver-look-up.ts");
  const drivers = await driversOfIndex(io, tags, undefined);
  const lines = tags.flatMap((tag) => {
    const names = [...new Set(drivers(tag).map((match) => baseName(match.file)))];
    return names.length === 0 ? [] : [`${formatTagFixed(tag)} - ${names.join(", ")}`];
  });
  if (lines.length === 0) {
    throw new AccessError(
      `cannot make ${file}: no driver in the index uses a tag of this machine`,
      "run `poolscope drivers` on the folders where its drivers are, or leave /c out",
    );
  }
  const text = [`rem made by poolscope from the drivers of this machine; the form is that of pooltag.txt`, ...lines];
  try {
    await writeFile(file, `${text.join("\r\n")}\r\n`, "latin1");
  } catch (error) {
    throw new AccessError(`cannot write ${file}: ${writeProblem(error)}`, "name another file after /c", error);
  }
}

/** Brings the index of this machine's drivers up to date, as PoolMon scans them where localtag.txt is missing. */
async function scanMachine(io: Io): Promise<void> {
  const [{ indexPath }, { machineDriverPaths }, { updateDrivers }, { startProgress }] = await Promise.all([
    import("../../driver-index/index-file.ts"),
    import("../../driver-index/machine.ts"),
    import("../../driver-index/update.ts"),
    import("../progress.ts"),
  ]);
  const progress = startProgress(io, "scanning drivers");
  await updateDrivers(await machineDriverPaths(io.env), {
    index: indexPath(io.env, process.platform),
    fresh: false,
    now: io.now(),
    onProgress: (done, total) => progress.update(done, total),
  });
  progress.end();
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
