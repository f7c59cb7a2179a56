// An event trace on disk, opened for random access; what is not a trace is told apart by its content.

import { isTraceHead } from "../formats/etl/log-header.ts";
import { FormatError } from "../model/errors.ts";
import { openDumpInput, type OpenDumpFile } from "./dump-file.ts";
import { openInputFile, type InputFile } from "./input-file.ts";

const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const CAB_MAGIC = [0x4d, 0x53, 0x43, 0x46];

/** Opens a trace. Throws AccessError, or FormatError where the file is something else. */
export async function openTraceFile(path: string): Promise<OpenDumpFile> {
  return await openTraceInput(await openInputFile(path));
}

/** The same for a file that is open already. */
export async function openTraceInput(file: InputFile): Promise<OpenDumpFile> {
  if (!isTraceHead(file.head)) throw notATrace(file);
  return await openDumpInput(file);
}

function notATrace(file: InputFile): FormatError {
  const starts = (magic: readonly number[]): boolean => magic.every((byte, index) => file.head[index] === byte);
  const archive = starts(ZIP_MAGIC) ? "a zip archive" : starts(CAB_MAGIC) ? "a cabinet" : undefined;
  return new FormatError(
    "etl",
    archive === undefined ? "no event trace" : `${archive}, not a trace: unpack it and name the .etl file in it`,
    {
      file: file.path,
      expected: "an .etl file of wpr, xperf or tracelog",
      found: [...file.head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
    },
  );
}
