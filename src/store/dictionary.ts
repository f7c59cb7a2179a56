// What snapshots refer to by number: tags, hosts, boots and origins. Loaded whole (a few thousand rows), added to as needed.

import type { DatabaseSync } from "node:sqlite";
import { FormatError } from "../model/errors.ts";
import type { Milliseconds, Origin, SourceId, TimeBasis } from "../model/snapshot.ts";
import type { Holder } from "../model/surroundings.ts";
import { BesideNames } from "./beside-names.ts";
import { isDamage } from "./database.ts";
import { DriverLog } from "./driver-log.ts";
import { readHolders } from "./holder-table.ts";
import { readExtents, recordExtent, type Extent } from "./origin-extent.ts";
import { readReleases, recordRelease, type Release } from "./origin-release.ts";
import type { TagDictionary } from "./rows.ts";

/** A host as its table holds it. */
export interface Host {
  readonly name?: string;
  readonly windowsBuild?: number;
  readonly architecture?: "x64" | "x86" | "arm64";
}

export interface Boot {
  readonly host: number;
  /** Start of the boot, where any snapshot of it told one. */
  bootTime?: Milliseconds;
}

interface StoredOrigin {
  readonly origin: Origin;
  readonly counterBits: 32 | 64;
}

/** A value of a column that must be a number. */
export function numberIn(row: Readonly<Record<string, unknown>>, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new FormatError("recording", `column ${column} holds no number`);
  return value;
}

function textIn(row: Readonly<Record<string, unknown>>, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new FormatError("recording", `column ${column} holds no text`);
  return value;
}

/**
 * The rows of a small table in the order of a column that ascends. Throws FormatError where it does not: in a damaged file a
 * tree may lead back into itself.
 */
export function* ascending(db: DatabaseSync, sql: string, key: string): Generator<Readonly<Record<string, unknown>>> {
  let last = Number.NEGATIVE_INFINITY;
  for (const row of db.prepare(sql).iterate()) {
    const value = numberIn(row, key);
    if (value <= last) throw new FormatError("recording", "rows are out of order in the file");
    last = value;
    yield row;
  }
}

/** The tables `tag`, `host`, `boot` and `origin` of one recording. */
export class Dictionary {
  readonly tags: { readonly tag: number[]; readonly kind: number[] } = { tag: [], kind: [] };
  readonly hosts = new Map<number, Host>();
  readonly boots = new Map<number, Boot>();
  readonly names: BesideNames;
  readonly drivers: DriverLog;
  readonly holders: ReadonlyMap<Milliseconds, readonly Holder[]>;
  readonly #origins = new Map<number, StoredOrigin>();
  readonly #db: DatabaseSync;
  readonly #slots = new Map<number, number>();
  readonly #hostIds = new Map<string, number>();
  readonly #originIds = new Map<string, number>();

  /** Loads what can be read; where a page is damaged the rest is missing and the snapshots that need it say so. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.names = new BesideNames(db);
    this.drivers = new DriverLog(db);
    this.holders = readHolders(db);
    this.#each("SELECT id, tag, kind FROM tag ORDER BY id", (row) => {
      if (numberIn(row, "id") !== this.tags.tag.length) throw new FormatError("recording", "a tag is missing");
      this.#addTag(numberIn(row, "tag") >>> 0, numberIn(row, "kind") === 1 ? 1 : 0);
    });
    this.#each("SELECT id, name, windows_build, architecture FROM host ORDER BY id", (row) => {
      const host: Host = {
        ...(typeof row["name"] === "string" && { name: row["name"] }),
        ...(typeof row["windows_build"] === "number" && { windowsBuild: row["windows_build"] }),
        ...(isArchitecture(row["architecture"]) && { architecture: row["architecture"] }),
      };
      this.hosts.set(numberIn(row, "id"), host);
      this.#hostIds.set(keyOf(host), numberIn(row, "id"));
    });
    this.#each("SELECT id, host, boot_time FROM boot ORDER BY id", (row) => {
      const bootTime = row["boot_time"];
      this.boots.set(numberIn(row, "id"), {
        host: numberIn(row, "host"),
        ...(typeof bootTime === "number" && { bootTime }),
      });
    });
    const extents = readExtents(db);
    const releases = readReleases(db);
    this.#each("SELECT * FROM origin ORDER BY id", (row) => {
      const { origin, counterBits } = this.#storedOrigin(row, extents, releases);
      this.#origins.set(numberIn(row, "id"), { origin, counterBits });
      this.#originIds.set(keyOf(origin, counterBits), numberIn(row, "id"));
    });
  }

  get tagTable(): TagDictionary {
    return this.tags;
  }

  /** The slot of a (tag, kind); a new one gets the next number. */
  slotOf(tag: number, kind: number): number {
    const known = this.#slots.get(tag * 2 + kind);
    if (known !== undefined) return known;
    const slot = this.#addTag(tag, kind);
    this.#db.prepare("INSERT INTO tag (id, tag, kind) VALUES (?, ?, ?)").run(slot, tag, kind);
    return slot;
  }

  hostOf(origin: Origin): number {
    const host: Host = {
      ...(origin.host !== undefined && { name: origin.host }),
      ...(origin.windowsBuild !== undefined && { windowsBuild: origin.windowsBuild }),
      ...(origin.architecture !== undefined && { architecture: origin.architecture }),
    };
    const known = this.#hostIds.get(keyOf(host));
    if (known !== undefined) return known;
    const id = nextId(this.hosts);
    this.#db
      .prepare("INSERT INTO host (id, name, windows_build, architecture) VALUES (?, ?, ?, ?)")
      .run(id, host.name ?? null, host.windowsBuild ?? null, host.architecture ?? null);
    this.hosts.set(id, host);
    this.#hostIds.set(keyOf(host), id);
    return id;
  }

  /** The id of everything in an origin but its boot time. */
  originOf(origin: Origin, counterBits: 32 | 64): number {
    const { bootTime: _, ...lasting } = origin;
    const known = this.#originIds.get(keyOf(lasting, counterBits));
    if (known !== undefined) return known;
    const id = nextId(this.#origins);
    this.#db
      .prepare(
        "INSERT INTO origin (id, host, source, file, time_basis, session, notice, counter_bits) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        id,
        this.hostOf(origin),
        origin.source,
        origin.file ?? null,
        origin.timeBasis,
        origin.session === undefined ? null : String(origin.session),
        origin.notice ?? null,
        counterBits,
      );
    recordExtent(this.#db, id, origin);
    recordRelease(this.#db, id, origin);
    this.#origins.set(id, { origin: lasting, counterBits });
    this.#originIds.set(keyOf(lasting, counterBits), id);
    return id;
  }

  addBoot(origin: Origin): number {
    const id = nextId(this.boots);
    const host = this.hostOf(origin);
    const { bootTime } = origin;
    this.#db.prepare("INSERT INTO boot (id, host, boot_time) VALUES (?, ?, ?)").run(id, host, bootTime ?? null);
    this.boots.set(id, { host, ...(bootTime !== undefined && { bootTime }) });
    return id;
  }

  /** What the boot time of a snapshot differs from that of its boot, null where it has none. */
  bootShift(boot: number, bootTime: Milliseconds | undefined): number | null {
    const known = this.boots.get(boot);
    if (bootTime === undefined || known === undefined) return null;
    if (known.bootTime === undefined) {
      known.bootTime = bootTime;
      this.#db.prepare("UPDATE boot SET boot_time = ? WHERE id = ?").run(bootTime, boot);
    }
    return bootTime - known.bootTime;
  }

  /** The origin of a snapshot as it was given, and the width of its counters. */
  origin(id: number, boot: number, bootShift: number | undefined): StoredOrigin {
    const stored = this.#origins.get(id);
    if (stored === undefined) throw new FormatError("recording", "an origin is missing", { found: `origin ${id}` });
    const bootTime = this.boots.get(boot)?.bootTime;
    if (bootShift === undefined || bootTime === undefined) return stored;
    return { origin: { ...stored.origin, bootTime: bootTime + bootShift }, counterBits: stored.counterBits };
  }

  /** All origins, without the boot times. */
  origins(): Origin[] {
    return Array.from(this.#origins.values(), ({ origin }) => origin);
  }

  #addTag(tag: number, kind: number): number {
    const slot = this.tags.tag.length;
    this.tags.tag.push(tag);
    this.tags.kind.push(kind);
    this.#slots.set(tag * 2 + kind, slot);
    return slot;
  }

  #storedOrigin(
    row: Readonly<Record<string, unknown>>,
    extents: ReadonlyMap<number, Extent>,
    releases: ReadonlyMap<number, Release>,
  ): StoredOrigin {
    const session = row["session"];
    const origin: Origin = {
      source: textIn(row, "source") as SourceId,
      timeBasis: textIn(row, "time_basis") as TimeBasis,
      ...(typeof row["file"] === "string" && { file: row["file"] }),
      ...hostFields(this.hosts.get(numberIn(row, "host"))),
      ...(typeof session === "string" && { session: session === "all" ? "all" : Number(session) }),
      ...extents.get(numberIn(row, "id")),
      ...releases.get(numberIn(row, "id")),
      ...(typeof row["notice"] === "string" && { notice: row["notice"] }),
    };
    return { origin, counterBits: numberIn(row, "counter_bits") === 64 ? 64 : 32 };
  }

  #each(sql: string, take: (row: Readonly<Record<string, unknown>>) => void): void {
    try {
      for (const row of ascending(this.#db, sql, "id")) take(row);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
}

function hostFields(host: Host | undefined): Pick<Origin, "host" | "windowsBuild" | "architecture"> {
  const { name, ...rest } = host ?? {};
  return { ...(name !== undefined && { host: name }), ...rest };
}

function isArchitecture(value: unknown): value is "x64" | "x86" | "arm64" {
  return value === "x64" || value === "x86" || value === "arm64";
}

/** One text for equal values, whatever the order of their fields. */
function keyOf(value: Host | Origin, counterBits?: number): string {
  return JSON.stringify([Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)), counterBits]);
}

function nextId(map: ReadonlyMap<number, unknown>): number {
  let last = 0;
  for (const id of map.keys()) last = Math.max(last, id);
  return last + 1;
}
