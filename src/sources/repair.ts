// Text that no reader of well-formed text takes: repaired in memory, tried again, and taken where it reads more.

import { repairText } from "../formats/paste/repair.ts";
import { decodeLatin1, textEncodingOf } from "../formats/text-encoding.ts";
import { latin1 } from "../formats/text-format.ts";
import { unicodeOf } from "../formats/unicode-text.ts";
import { FormatError } from "../model/errors.ts";
import type { Repair } from "../model/intake.ts";
import type { FileFormat } from "./file-format.ts";
import { HEAD_BYTES, type InputFile } from "./input-file.ts";
import { isBinary, tryFormat, type HeadTrial } from "./text-file.ts";

/** Pasted text is small; a larger file is a log, and its bad rows are gaps. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The repaired file with its format, or undefined where a repair reads no more than before. Rows in running text are read of a
 * file that was named: a text that lies in a folder may speak of pool tags and be no listing.
 */
export async function repairFile(
  file: InputFile,
  formats: readonly FileFormat[],
  asIs: HeadTrial | undefined,
  isNamed: boolean,
): Promise<{ file: InputFile; format: FileFormat; repairs: readonly Repair[] } | undefined> {
  const bytes = await wholeOf(file);
  if (bytes === undefined) return undefined;
  const decoded = decodeLatin1(bytes, textEncodingOf(file.head));
  // PoolMonX v2 writes a NUL after every cell.
  const withNuls = unicodeOf(latin1(decoded, 0, decoded.length));
  const text = withNuls.replaceAll("\0", "");
  const nuls = withNuls.length - text.length;
  if (isBinary(text)) return undefined;
  const repaired = repairText(text, { prose: isNamed });
  if (repaired.repairs.length === 0 && nuls === 0) return undefined;
  const repairs: readonly Repair[] =
    nuls === 0 ? repaired.repairs : [{ kind: "nul-bytes", lines: nuls }, ...repaired.repairs];
  const content = bytesOf(repaired.text);
  const again: InputFile = {
    ...file,
    isPacked: false,
    head: content.subarray(0, HEAD_BYTES),
    async *content() {
      yield content;
    },
  };
  let best: { readonly format: FileFormat; readonly trial: HeadTrial } | undefined;
  for (const format of formats) {
    if (format.text === undefined || !format.isFormat(again)) continue;
    const isCut = content.length > HEAD_BYTES;
    const trial = tryFormat(format.text, content.subarray(0, HEAD_BYTES), isCut, { dateOrder: "mdy" });
    if (best === undefined || trial.rows > best.trial.rows) best = { format, trial };
  }
  if (best === undefined) return undefined;
  const { rows, rejected } = best.trial;
  const isBetter = rows > (asIs?.rows ?? 0) || (rows === asIs?.rows && rejected < asIs.rejected);
  return isBetter ? { file: again, format: best.format, repairs } : undefined;
}

/** Latin-1 where it can be, UTF-8 above, as the decoders give it. */
function bytesOf(text: string): Uint8Array {
  return Buffer.from(
    text.replace(/[^\0-\xff]/gu, (char) => Buffer.from(char, "utf8").toString("latin1")),
    "latin1",
  );
}

async function wholeOf(file: InputFile): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of file.content()) {
      length += part.length;
      if (length > MOST_BYTES) return undefined;
      parts.push(part);
    }
  } catch (error) {
    // A file that ends early is read as far as it goes by its own format.
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  return Buffer.concat(parts);
}
