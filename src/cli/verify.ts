// `poolscope verify FILE`: whether a recording is whole and uncut.

import type { Command } from "commander";
import type { Gap } from "../model/snapshot.ts";
import { formatCount, plural } from "../model/units.ts";
import { labelled, visible, type Paint } from "../reports/terminal-text.ts";
import type { Verification } from "../store/verify.ts";
import type { Finish } from "./command.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./shared.ts";

export function addCommand(program: Command, io: Io, finish: Finish): void {
  program
    .command("verify")
    .description("whether a recording is whole and uncut: schema, pages, checksums, order, seals")
    .argument("<file>", "a recording")
    .option("--json", "for programs")
    .addHelpText(
      "after",
      `
Exit code 0 where nothing is damaged, missing or changed as far as can be told, else 2. A recording of schema version 2 or newer is sealed
run by run; the end of its chain is the same for the same recording: have the sender read theirs out.

Examples:
  poolscope verify mailed.pool
  poolscope verify mailed.pool --json`,
    )
    .action(async (file: string, options: { readonly json?: true }) => {
      const { RecordingReader } = await import("../store/reader.ts");
      const { verifyRecording } = await import("../store/verify.ts");
      const reader = RecordingReader.open(file);
      try {
        const found = verifyRecording(reader);
        io.stdout.write(
          options.json === true
            ? `${JSON.stringify({ file, ...found }, null, 1)}\n`
            : verificationText(file, found, io.stdout.columns, paintFor(io)),
        );
        finish(found.isWhole ? 0 : 2);
      } finally {
        reader.close();
      }
    });
}

/** Notes and damaged places listed at most; JSON lists all. */
const MOST = 8;

function verificationText(file: string, found: Verification, width: number, paint: Paint): string {
  const { version, pagesInPlace, whole, listed, boots, timesBack, notes, damage, isWhole } = found;
  const of = listed === undefined ? "how many there were cannot be told" : `${formatCount(listed)} are listed`;
  const back = timesBack === 0 ? "" : `; the clock was set back ${plural(timesBack, "time")}`;
  const rows: readonly (readonly [label: string, text: string])[] = [
    ["schema", `version ${version}, with the tables of that version and nothing else`],
    ["pages", pagesInPlace ? "each in its place, keys in order" : "damaged: cut off, out of place or overwritten"],
    ["counters", `${plural(whole, "snapshot")} read whole, each by its checksum and back to a keyframe; ${of}`],
    ["order", `ids ascend, each once; ${plural(boots, "boot")}${back}`],
    ["seals", sealText(found)],
  ];
  const verdict = isWhole
    ? paint.good("whole, as far as can be told")
    : paint.alarm("not whole: see what is damaged or changed below");
  return [
    `${visible(file)}: ${verdict}`,
    ...rows.map(([label, text]) => labelled(label, text, width)),
    ...listOf("Cannot be read", damage),
    ...listOf("Noted by the recorder as not recorded", notes),
    "",
  ].join("\n");
}

function listOf(title: string, gaps: readonly Gap[]): string[] {
  if (gaps.length === 0) return [];
  const more = gaps.length > MOST ? [`  and ${gaps.length - MOST} more; --json lists all`] : [];
  return [
    "",
    `${title} (${gaps.length}):`,
    ...gaps.slice(0, MOST).map(({ where, problem }) => `  ${visible(where)}: ${visible(problem)}`),
    ...more,
  ];
}

function sealText({ version, pagesInPlace, seals }: Verification): string {
  if (seals === undefined) {
    return pagesInPlace
      ? `none: schema version ${version} has none, so times, totals and tags that were changed are not found`
      : "not checked in a damaged file";
  }
  const { sealed, snapshots, broken, isChainWhole, chain } = seals;
  const open = snapshots - sealed;
  const parts = [
    `${formatCount(sealed)} of ${plural(snapshots, "snapshot")} are as they were sealed`,
    ...(broken.length > 0
      ? [`${plural(broken.length, "run")} changed or gone, from snapshot ${broken.slice(0, MOST).join(", ")} on`]
      : open > 0
        ? [
            `the other ${formatCount(open)} have no seal: still being written, written by a recorder that was killed, or older`,
          ]
        : []),
    isChainWhole ? "no run was taken out or put in" : "the chain is broken: runs were taken out or put in",
    ...(chain === undefined ? [] : [`it ends with ${chain}`]),
  ];
  return parts.join("; ");
}
