// Which format a file is of: by its content, and where the readers of well-formed text fail, by what a repair makes of it.

import type { Repair } from "../model/intake.ts";
import type { FileFormat } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";
import { fileFormats } from "./registry.ts";
import { refusalOf } from "./refusal.ts";
import { repairFile } from "./repair.ts";
import { tryHead, type HeadTrial } from "./text-file.ts";

export interface Recognised {
  readonly file: InputFile;
  readonly format: FileFormat;
  readonly repairs: readonly Repair[];
}

/** The format of a file's content. Throws FormatError where it is of none. */
export function formatOf(file: InputFile): FileFormat {
  const format = fileFormats.find((each) => each.isFormat(file));
  if (format !== undefined) return format;
  throw refusalOf(file);
}

/** A file with its format, repaired where that reads more of it. `isNamed`: the user named this file. Throws FormatError where it is of none. */
export async function recognise(file: InputFile, isNamed = false): Promise<Recognised> {
  const formats = fileFormats.filter((each) => each.isFormat(file));
  const [first] = formats;
  if (first !== undefined && first.text === undefined) return { file, format: first, repairs: [] };
  let best: { readonly format: FileFormat; readonly trial: HeadTrial } | undefined;
  for (const format of formats) {
    if (format.text === undefined) continue;
    const trial = tryHead(format.text, file, { dateOrder: "mdy" });
    if (best === undefined || trial.rows > best.trial.rows) best = { format, trial };
    // Titles parted by tabs above rows parted by blanks are a table to one reader, rows to another.
    if (best.trial.rows > 0 && best.trial.rejected === 0) break;
  }
  if (best !== undefined && best.trial.rows > 0 && best.trial.rejected === 0)
    return { file, format: best.format, repairs: [] };
  const repaired = await repairFile(file, fileFormats, best?.trial, isNamed);
  if (repaired !== undefined) return repaired;
  if (best !== undefined) return { file, format: best.format, repairs: [] };
  throw refusalOf(file);
}
