// Texts of other tools that were saved beside a record, with the time of each: of its name, else of its last change.

import { basename } from "node:path";
import { readDate } from "../formats/date-text.ts";
import { timeFor } from "../formats/reading-time.ts";
import { createLatin1Decoder, END_OF_TEXT, textEncodingOf } from "../formats/text-encoding.ts";
import { latin1, type TextParserOptions } from "../formats/text-format.ts";
import { parseToolText } from "../formats/tools/tools.ts";
import type { ToolAnswer, ToolId } from "../formats/tools/tool-text.ts";
import { unicodeOf } from "../formats/unicode-text.ts";
import { FormatError } from "../model/errors.ts";
import type { Gap, Milliseconds } from "../model/snapshot.ts";
import { openInputFile } from "./input-file.ts";
import { walk } from "./walk.ts";

export interface BesideFile extends ToolAnswer {
  readonly path: string;
  readonly tool: ToolId;
  readonly time: Milliseconds;
}

/** A list of 65,536 processes with all properties of Get-Process is smaller. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads files, and the files of folders, in the order of their times. Throws AccessError or FormatError, with the file, where one
 * cannot be read.
 */
export async function readBesideFiles(
  paths: readonly string[],
  dates: TextParserOptions,
  gaps: Gap[],
): Promise<readonly BesideFile[]> {
  const files: BesideFile[] = [];
  for (const path of paths) for (const file of await walk(path, gaps)) files.push(await readBesideFile(file, dates));
  return files.sort((a, b) => a.time - b.time);
}

async function readBesideFile(path: string, dates: TextParserOptions): Promise<BesideFile> {
  const file = await openInputFile(path);
  const decode = createLatin1Decoder(textEncodingOf(file.head));
  let text = "";
  for await (const chunk of file.content()) {
    const bytes = decode(chunk);
    text += latin1(bytes, 0, bytes.length);
    if (text.length > MOST_BYTES)
      throw new FormatError("beside", "too long for a list of processes, handles or drivers", {
        file: path,
        expected: `at most ${MOST_BYTES / 1024 / 1024} MiB`,
      });
  }
  const rest = decode(END_OF_TEXT);
  text += latin1(rest, 0, rest.length);
  const reading = readDate(basename(path));
  const named = reading === undefined ? undefined : timeFor(reading, dates);
  const time = named !== undefined && "time" in named ? named.time : Math.round(file.modified);
  try {
    return { path, time, ...parseToolText(unicodeOf(text)) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(error.format, error.problem, { ...error.details, file: path });
  }
}
