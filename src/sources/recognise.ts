// Which format a file is of: by its content, and where the readers of well-formed text fail, by what a repair makes of it.

import type { Repair } from "../model/intake.ts";
import type { FileFormat } from "./file-format.ts";
import type { InputFile } from "./input-file.ts";
import { fileFormats } from "./registry.ts";
import { refusalOf } from "./refusal.ts";
import { repairFile } from "./repair.ts";
import { tryHead } from "./text-file.ts";

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

/** A file with its format, repaired where that reads more of it. Throws FormatError where it is of none. */
export async function recognise(file: InputFile): Promise<Recognised> {
  const format = fileFormats.find((each) => each.isFormat(file));
  if (format !== undefined && format.text === undefined) return { file, format, repairs: [] };
  const asIs = format?.text === undefined ? undefined : tryHead(format.text, file, { dateOrder: "mdy" });
  if (format !== undefined && asIs !== undefined && asIs.rows > 0 && asIs.rejected === 0)
    return { file, format, repairs: [] };
  const repaired = await repairFile(file, fileFormats, asIs);
  if (repaired !== undefined) return repaired;
  if (format !== undefined) return { file, format, repairs: [] };
  throw refusalOf(file);
}
