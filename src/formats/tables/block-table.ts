// Tables that list blocks one by one: Volatility 3's bigpools, MemProcFS's sys/pool. Summed per tag: blocks listed, not totals.

import { ColumnsBuilder } from "../../model/columns-builder.ts";
import { FormatError } from "../../model/errors.ts";
import { NONPAGED, PAGED } from "../../model/snapshot.ts";
import { parseTag } from "../../model/tag.ts";
import { latin1, quote, type TextFormat, type TextParser, type TextSink } from "../text-format.ts";

const BIGPOOLS = /^\*?0x[0-9a-f]{1,16}\t(.{1,4})\t(\w{1,40})\t(0x[0-9a-f]{1,12}|\d{1,15})(?:\t(\w{1,20}))?/i;
const MEMPROCFS =
  /^\s{0,20}[0-9a-f]{1,8}\s(.{4})\s(A|F|-|\s)\s{1,4}[0-9a-f]{8,16}\s{1,16}([0-9a-f]{1,10})\s{1,4}(\w{1,12})\s{1,8}(\w{1,24})/i;

export const blockTableFormat: TextFormat = {
  id: "blocks",
  isFormat: (head) =>
    /^Allocation\tTag\tPoolType\tNumberOfBytes/m.test(head) ||
    /^\s{0,20}#\s{1,4}Tag\s{1,4}A?\s{0,4}Address\s{1,16}Size\s{1,4}Type\s{1,8}Pool/m.test(head),
  createParser: (sink) => new BlockTableParser(sink),
};

class BlockTableParser implements TextParser {
  readonly #sink: TextSink;
  readonly #builder = new ColumnsBuilder(256);

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  line(bytes: Uint8Array, start: number, end: number, line: number): void {
    const text = latin1(bytes, start, Math.min(end, start + 1000)).trimEnd();
    if (text === "" || /^(?:Volatility|Progress|Allocation\t|\s*#|-{3,})/i.test(text)) return;
    const big = BIGPOOLS.exec(text);
    if (big !== null) this.#add(big[1], big[2], Number(big[3]), !/^free/i.test(big[4] ?? ""), text, line);
    else {
      const row = MEMPROCFS.exec(text);
      if (row === null) this.#sink.gap(line, `not a row of blocks: ${quote(text)}`);
      else this.#add(row[1], row[5], Number.parseInt(row[3] ?? "0", 16), row[2] === "A", text, line);
    }
  }

  end(): void {
    if (this.#builder.length === 0) throw new FormatError("blocks", "holds no allocated block");
    const columns = this.#builder.finish();
    this.#sink.block({ line: 1, counterBits: 64, totals: {}, columns, listing: "blocks" });
  }

  #add(name = "", pool = "", size: number, isAllocated: boolean, text: string, line: number): void {
    const tag = parseTag(name);
    if (!isAllocated) return;
    if (tag === undefined || !/paged/i.test(pool))
      this.#sink.rejected(line, `a block without tag or pool: ${quote(text)}`);
    else this.#builder.add(tag, /non-?paged/i.test(pool) ? NONPAGED : PAGED, Number.NaN, Number.NaN, 1, size);
  }
}
