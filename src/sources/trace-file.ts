// An event trace on disk, opened for random access; what is not a trace is told apart by its content.

import { isTraceHead } from "../formats/etl/log-header.ts";
import { isXperfPoolReport, parseXperfPoolReport, type XperfPoolRow } from "../formats/xperf-pool.ts";
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

/** A report is some hundred KB; a longer text is none. */
const MOST_REPORT_BYTES = 64 * 2 ** 20;

/** The rows of a text report of `xperf -a pool`; undefined where the file is something else. Throws AccessError. */
export async function readXperfReport(path: string): Promise<readonly XperfPoolRow[] | undefined> {
  const file = await openInputFile(path);
  const head = Buffer.from(file.head).toString("latin1");
  // UTF-16 of a PowerShell redirection: every second byte is zero.
  const isWide = file.head[0] === 0xff && file.head[1] === 0xfe;
  const text = (bytes: Uint8Array): string =>
    Buffer.from(bytes)
      .toString(isWide ? "utf16le" : "latin1")
      .replace(/^\uFEFF/, "");
  if (!isXperfPoolReport(isWide ? text(file.head) : head)) return undefined;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of file.content()) {
    parts.push(part);
    length += part.length;
    if (length > MOST_REPORT_BYTES) {
      throw new FormatError("xperf-pool", "too long for a report", { file: path, found: `${length} bytes so far` });
    }
  }
  return parseXperfPoolReport(text(Buffer.concat(parts)));
}
