// What a format of the registry has to offer, and what it may tell while it reads.

import type { AccessError, FormatError } from "../model/errors.ts";
import type { Repair } from "../model/intake.ts";
import type { Gap, Snapshot, SourceId } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import type { TextFormat, TextParserOptions } from "../formats/text-format.ts";
import type { InputFile } from "./input-file.ts";
import type { OpenOptions } from "./timeline.ts";

export interface ReadContext {
  readonly options: OpenOptions;
  gap(gap: Gap): void;
  problem(error: FormatError | AccessError): void;
  /** All of the file is wanted and kept: its snapshots may be put in order before the first is given out. */
  readonly whole: boolean;
  /** What was changed of the text or its order. */
  repaired(repair: Repair): void;
  /** How dates of this input are to be read. */
  readonly dates: TextParserOptions;
  /** A row that was not taken; it is a gap as well. */
  rejected(problem: string): void;
  mappedDriver(tag: Tag, text: string): void;
  /** Bytes of this file read from disk so far. */
  progress(bytes: number): void;
}

/** One kind of file that can be a SOURCE. */
export interface FileFormat {
  readonly id: SourceId;
  /** In words, for the message that lists what is understood. */
  readonly title: string;
  /** Small and cheap to read ahead, as text is. */
  readonly readAhead?: boolean;
  /** The text format behind it, where it is one. */
  readonly text?: TextFormat;
  /** Whether the content is of this format, by its head and never by its name. */
  isFormat(file: InputFile): boolean;
  /** The snapshots in file order. Throws FormatError or AccessError where nothing can be read. */
  read(file: InputFile, context: ReadContext): AsyncIterable<Snapshot>;
}
