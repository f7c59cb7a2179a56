// What keeps a file's code from being read although its headers are whole: it was cut short, is packed, or holds zeroes.

import type { PeImage, Section } from "./image.ts";

const PAGE = 4096;
/** Sections of fewer bytes say nothing by their entropy or their zeroes. */
const MIN_BYTES = 8192;
/** Bits per byte. Compiled code has 5 to 6.7; compressed or encrypted bytes have more than 7.4, from a few pages on. */
const PACKED_ENTROPY = 7.4;
/** A share of empty pages in code that no linker leaves. */
const EMPTY_SHARE = 0.5;
const PACKER_SECTIONS = /^(?:UPX\d|\.?vmp\d|\.?themida|\.?winlice|\.enigma\d?|\.aspack|\.mpress\d|\.petite)/i;

/** Sentences without a full stop, each with the figures that it rests on; empty for a file that can be read as it is. */
export function fileProblems(image: PeImage): string[] {
  const problems: string[] = [];
  const { length } = image.bytes;
  if (image.declaredLength > length) {
    problems.push(`truncated: ${thousands(length)} of ${thousands(image.declaredLength)} bytes`);
  }
  const ordered = [...image.sections].sort((a, b) => a.rva - b.rva);
  for (const [i, section] of ordered.entries()) {
    const next = ordered[i + 1];
    if (next !== undefined && section.rva + section.size > next.rva) {
      problems.push(`sections ${section.name} and ${next.name} overlap: what lies in both was read as the first`);
    }
  }
  for (const section of image.sections) {
    if (!section.executable) continue;
    const packer = PACKER_SECTIONS.test(section.name);
    if (section.rawSize < MIN_BYTES) {
      if (packer) problems.push(`packed: section ${section.name}; what it unpacks was not read`);
      continue;
    }
    const { entropy, emptyPages, pages } = look(image, section);
    if (packer || entropy > PACKED_ENTROPY) {
      const bits = `${entropy.toFixed(1)} bits per byte`;
      problems.push(`packed or encrypted code: section ${section.name}, ${bits}; what it unpacks was not read`);
    } else if (emptyPages > EMPTY_SHARE * pages) {
      problems.push(`${thousands(emptyPages)} of ${thousands(pages)} pages of section ${section.name} are zeroes`);
    }
  }
  return problems;
}

function look(image: PeImage, section: Section): { entropy: number; emptyPages: number; pages: number } {
  const counts = new Uint32Array(256);
  const { data } = image.bytes;
  let emptyPages = 0;
  let pages = 0;
  for (let start = section.offset; start < section.offset + section.rawSize; start += PAGE) {
    const end = Math.min(start + PAGE, section.offset + section.rawSize);
    const zeroes = counts[0] ?? 0;
    for (let at = start; at < end; at++) counts[data[at] ?? 0] = (counts[data[at] ?? 0] ?? 0) + 1;
    pages += 1;
    if ((counts[0] ?? 0) - zeroes === end - start) emptyPages += 1;
  }
  let entropy = 0;
  for (const count of counts) {
    const share = count / section.rawSize;
    if (count > 0) entropy -= share * Math.log2(share);
  }
  return { entropy, emptyPages, pages };
}

function thousands(count: number): string {
  return count.toLocaleString("en-US");
}
