// A raw answer of NtQuerySystemInformation saved to a file: one snapshot, at the file's modification time.

import { isPoolTagAnswer, parsePoolTagAnswer } from "../formats/class22.ts";
import { FormatError } from "../model/errors.ts";
import type { FileFormat } from "./file-format.ts";
import { HEAD_BYTES, type InputFile } from "./input-file.ts";

/** Sixteen times the table of a busy machine; a longer file is no answer. */
const MAX_BYTES = 64 * 1024 * 1024;

export const class22File: FileFormat = {
  id: "class22",
  readAhead: true,
  title: "raw answer of NtQuerySystemInformation class 22 or 255",
  isFormat: (file) => isPoolTagAnswer(file.head, lengthOf(file)),
  async *read(file, context) {
    const answer = parsePoolTagAnswer(await bytesOf(file, (bytes) => context.progress(bytes)));
    for (const gap of answer.gaps) context.gap({ ...gap, where: `${file.path}: ${gap.where}` });
    yield {
      time: file.modified,
      origin: { source: "class22", file: file.path, timeBasis: "file-modified" },
      totals: {},
      columns: answer.columns,
      counterBits: answer.counterBits,
      gaps: [],
    };
  },
};

/** Length of the content; of a large gzip file it is not known before it is read, and such a file is not recognised. */
function lengthOf(file: InputFile): number {
  if (file.head.length < HEAD_BYTES) return file.head.length;
  return file.isPacked ? Number.NaN : file.size;
}

async function bytesOf(file: InputFile, progress: (bytes: number) => void): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of file.content(progress)) {
    length += part.length;
    if (length > MAX_BYTES) {
      throw new FormatError("class22", "longer than any kernel's answer", {
        file: file.path,
        expected: `at most ${MAX_BYTES} bytes`,
        found: `${length} bytes so far`,
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
