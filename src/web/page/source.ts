// Where the page gets its data: a server that goes on measuring, or what a saved report holds.

import { rowKey, type Milliseconds, type PoolKind } from "../../model/snapshot.ts";
import type { Diagnosis, TagRef } from "../../model/verdict.ts";
import type { BesideTables } from "../../model/beside.ts";
import { nearestIndex } from "../server/compare.ts";
import type { Comparison, Overview, ReportData, Status, TagDetail, TagRows } from "../contract.ts";
import { fromDeltas } from "../server/points.ts";

export interface PageSource {
  /** Whether answers may change. */
  readonly isServed: boolean;
  overview(): Promise<Overview>;
  table(): Promise<TagRows>;
  detail(ref: TagRef): Promise<TagDetail>;
  compare(from: Milliseconds, to: Milliseconds): Promise<Comparison>;
  beside(): Promise<BesideTables>;
  /** Calls back with every change of the status; `undefined` while the server cannot be reached. Answers how to stop. */
  listen(onStatus: (status: Status | undefined) => void): () => void;
}

/** The data inside the document where there is one, else the server that sent it. */
export function openPageSource(page: Document): PageSource {
  const packed = page.getElementById("data")?.textContent;
  return packed === undefined || packed === null ? new ServerSource() : new SavedSource(packed);
}

class ServerSource implements PageSource {
  readonly isServed = true;

  async overview(): Promise<Overview> {
    const overview: Overview = await getJson("overview");
    return { ...overview, diagnosis: revived(overview.diagnosis) };
  }

  table(): Promise<TagRows> {
    return getJson("tags");
  }

  detail({ tag, kind }: TagRef): Promise<TagDetail> {
    return getJson(`tags/${kind}/0x${tag.toString(16).padStart(8, "0")}`);
  }

  compare(from: Milliseconds, to: Milliseconds): Promise<Comparison> {
    return getJson(`compare?from=${from}&to=${to}`);
  }

  beside(): Promise<BesideTables> {
    return getJson("beside");
  }

  listen(onStatus: (status: Status | undefined) => void): () => void {
    let events: EventSource | undefined;
    const open = (): void => {
      events = new EventSource("/api/v1/events");
      events.addEventListener("status", (event: MessageEvent<string>) => onStatus(JSON.parse(event.data) as Status));
      events.addEventListener("error", () => onStatus(undefined));
    };
    const close = (): void => events?.close();
    // A page that was left must not hold its stream; one that is come back to from the browser's cache needs it again.
    const back = (event: PageTransitionEvent): void => {
      if (event.persisted) open();
    };
    addEventListener("pagehide", close);
    addEventListener("pageshow", back);
    open();
    return () => {
      removeEventListener("pagehide", close);
      removeEventListener("pageshow", back);
      close();
    };
  }
}

/** The server did not answer at all. */
export class LostConnection extends Error {
  constructor() {
    super("The program that serves this page does not answer. Is it still running? The page tries again by itself.");
    this.name = "LostConnection";
  }
}

async function getJson<T>(path: string): Promise<T> {
  // What a browser throws here ("Failed to fetch") says nothing to a reader.
  const answer = await fetch(`/api/v1/${path}`).catch(() => {
    throw new LostConnection();
  });
  if (!answer.ok) {
    const { error } = (await answer.json().catch(() => ({}))) as { error?: string };
    throw new Error(error ?? `the server answered ${answer.status}`);
  }
  return (await answer.json()) as T;
}

class SavedSource implements PageSource {
  readonly isServed = false;
  readonly #data: Promise<ReportData>;

  constructor(packed: string) {
    this.#data = unpack(packed);
  }

  async overview(): Promise<Overview> {
    const { overview } = await this.#data;
    return { ...overview, diagnosis: revived(overview.diagnosis) };
  }

  async table(): Promise<TagRows> {
    return (await this.#data).table;
  }

  async detail({ tag, kind }: TagRef): Promise<TagDetail> {
    const { overview, fine, table, coarse } = await this.#data;
    const found = fine.find((each) => each.tag === tag && each.kind === kind);
    if (found !== undefined) return { ...found, times: overview.times };
    const row = rowOf(table, { tag, kind });
    if (row < 0) throw new Error("this tag was not seen in this pool");
    const { times } = coarse;
    const component = table.owner[row] ?? "";
    return {
      tag,
      kind,
      times,
      bytes: fromDeltas(coarse.bytes[row] ?? [], times.length),
      blocks: fromDeltas(coarse.blocks[row] ?? [], times.length),
      ...(component === "" ? {} : { owner: { component, description: "", from: "the report" } }),
      drivers: [],
      knownLeaks: [],
    };
  }

  async compare(from: Milliseconds, to: Milliseconds): Promise<Comparison> {
    const { table, coarse } = await this.#data;
    const a = nearestIndex(coarse.times, Math.min(from, to));
    const b = nearestIndex(coarse.times, Math.max(from, to));
    const at = (columns: ReportData["coarse"]["bytes"], index: number): number[] =>
      columns.map((deltas) => fromDeltas(deltas, coarse.times.length)[index] ?? 0);
    return {
      from: coarse.times[a] ?? from,
      to: coarse.times[b] ?? to,
      tag: table.tag,
      kind: table.kind,
      bytesFrom: at(coarse.bytes, a),
      bytesTo: at(coarse.bytes, b),
      blocksFrom: at(coarse.blocks, a),
      blocksTo: at(coarse.blocks, b),
    };
  }

  async beside(): Promise<BesideTables> {
    return (await this.#data).beside ?? { driverChanges: [] };
  }

  listen(): () => void {
    return () => {};
  }
}

async function unpack(packed: string): Promise<ReportData> {
  const bytes = Uint8Array.from(atob(packed.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as ReportData;
}

/** Row of a (tag, kind) in the table, -1 where it is not in it. */
export function rowOf(table: TagRows, { tag, kind }: { tag: number; kind: PoolKind }): number {
  const key = rowKey(tag, kind === "paged" ? 1 : 0);
  return table.tag.findIndex((each, row) => rowKey(each, table.kind[row] ?? 0) === key);
}

/** JSON writes an open interval's end as null; it is Infinity again here. */
function revived(diagnosis: Diagnosis | null): Diagnosis | null {
  if (diagnosis === null) return null;
  const withOpenEnd = <T extends { readonly exhaustion?: Diagnosis["verdicts"][number]["exhaustion"] }>(each: T): T => {
    if (each.exhaustion === undefined || each.exhaustion.hours.high !== null) return each;
    const { exhaustion } = each;
    return { ...each, exhaustion: { ...exhaustion, hours: { ...exhaustion.hours, high: Infinity } } };
  };
  return { ...diagnosis, verdicts: diagnosis.verdicts.map(withOpenEnd), pools: diagnosis.pools.map(withOpenEnd) };
}
