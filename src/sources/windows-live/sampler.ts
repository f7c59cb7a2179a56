// Live snapshots of this machine's pool tags: which information class answers, buffers that grow, totals and origin.

import { hostname } from "node:os";
import { parsePoolTagAnswer, type PoolTagLayout } from "../../formats/class22.ts";
import { parseSessionPools } from "../../formats/kernel-lists/session-pools.ts";
import { AccessError } from "../../model/errors.ts";
import type { Holder } from "../../model/surroundings.ts";
import type { Milliseconds, Origin, Snapshot, SystemTotals } from "../../model/snapshot.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import { readHolders } from "./holders.ts";
import { readTagBlocks } from "./tag-blocks.ts";
import type { Tag } from "../../model/tag.ts";
import type { TagBlocks } from "../../model/tag-blocks.ts";
import { openNative, type LoadFfi, type NativeSystem } from "./native.ts";
import { readRelease } from "./release.ts";
import { STATUS_INVALID_INFO_CLASS, formatStatus, statusError } from "./ntstatus.ts";
import { SurroundingsSampler, type SurroundingsOptions } from "./surroundings.ts";
import {
  basicLength,
  parseBasic,
  parseBootTime,
  parsePerformance,
  parseSleptTime,
  type BasicFigures,
} from "./system-figures.ts";

export interface LiveOptions {
  /** Library to ask instead of ntdll.dll; the environment variable POOLSCOPE_NTDLL says the same. */
  readonly library?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The clock; the system's where it is not given. */
  readonly now?: () => Milliseconds;
  readonly host?: string;
  /** Replaces koffi's own loader. */
  readonly loadFfi?: LoadFfi;
  /** Replaces the library altogether. */
  readonly native?: NativeSystem;
  /** Session pools instead of the system's: one session, or all of them summed. */
  readonly session?: number | "all";
  /** What is measured beside the counters, and how often; left out where it is not given. */
  readonly surroundings?: SurroundingsOptions;
}

export interface LiveSampler {
  /** Takes one snapshot. Throws AccessError where Windows refuses, FormatError where its answer makes no sense. */
  sample(): Snapshot;
  /** Who holds handles to objects of which type, now; reads the whole handle table. Throws AccessError or FormatError. */
  holders(): readonly Holder[];
  /** Where the blocks of a tag are, now: idle in lookaside lists, and those larger than a page. */
  blocksOf(tag: Tag): TagBlocks;
  /** Frees the library. */
  close(): void;
}

const BASIC = 0;
const PERFORMANCE = 2;
const TIME_OF_DAY = 3;
const POOL_TAGS = 22;
const POOL_TAGS_WIDE = 255;
const SESSION_POOL_TAGS = 67;

/** Class 255 came after this build (25H2); on an older one the number could mean something else, so it is not asked. */
const LAST_BUILD_WITHOUT_WIDE = 26_200;

/**
 * Opens this machine's pool counters. Throws AccessError on any other system than Windows unless a library is named, and
 * where koffi or the library cannot be loaded. Nothing is asked before the first `sample()` but build and boot time.
 */
export async function createLiveSampler(options: LiveOptions = {}): Promise<LiveSampler> {
  const env = options.env ?? process.env;
  const library = options.library ?? env["POOLSCOPE_NTDLL"];
  if (options.native === undefined && library === undefined && process.platform !== "win32") {
    throw new AccessError(
      `live pool counters exist on Windows only, this is ${process.platform}`,
      "name a recording or a PoolMon log to analyse it here, or try `poolscope demo`",
    );
  }
  const native = options.native ?? (await openNative(library ?? "ntdll.dll", options.loadFfi));
  return new WindowsSampler(native, options, env);
}

class WindowsSampler implements LiveSampler {
  readonly #native: NativeSystem;
  readonly #now: () => Milliseconds;
  readonly #origin: Origin;
  readonly #basic: BasicFigures | undefined;
  readonly #performance = new Uint8Array(1024);
  readonly #timeOfDay = new Uint8Array(48);
  readonly #buffer: GrowingBuffer;
  readonly #surroundings: SurroundingsSampler | undefined;
  #class: number;

  constructor(native: NativeSystem, options: LiveOptions, env: NonNullable<LiveOptions["env"]>) {
    const { surroundings, host = hostname() } = options;
    this.#native = native;
    this.#now = options.now ?? (() => Date.now());
    this.#buffer = new GrowingBuffer((informationClass, buffer) => native.query(informationClass, buffer));
    this.#surroundings = surroundings && new SurroundingsSampler(native, surroundings);
    const build = native.buildNumber();
    const bootTime = parseBootTime(this.#small(TIME_OF_DAY, this.#timeOfDay));
    const architecture = architectureOf(env["PROCESSOR_ARCHITEW6432"] ?? env["PROCESSOR_ARCHITECTURE"] ?? process.arch);
    this.#origin = {
      source: "windows-live",
      timeBasis: "measured",
      host,
      ...(build === undefined ? {} : { windowsBuild: build }),
      ...(bootTime === undefined ? {} : { bootTime }),
      ...readRelease(native),
      ...(architecture === undefined ? {} : { architecture }),
      ...(options.session === undefined ? {} : { session: options.session }),
    };
    this.#basic = parseBasic(this.#small(BASIC, new Uint8Array(basicLength(native.pointerBytes))));
    this.#class = build === undefined || build > LAST_BUILD_WITHOUT_WIDE ? POOL_TAGS_WIDE : POOL_TAGS;
  }

  sample(): Snapshot {
    const session = this.#origin.session;
    const bytes = session === undefined ? this.#poolTags() : this.#sessionPools();
    const time = this.#now();
    const answer =
      session === undefined
        ? parsePoolTagAnswer(bytes, this.#layout())
        : parseSessionPools(bytes, this.#native.pointerBytes, session);
    const beside = this.#surroundings?.sample(time);
    return {
      time,
      origin: this.#origin,
      totals: this.#totals(),
      columns: answer.columns,
      counterBits: answer.counterBits,
      gaps: beside === undefined ? answer.gaps : [...answer.gaps, ...beside.gaps],
      ...(beside?.surroundings !== undefined && { surroundings: beside.surroundings }),
    };
  }

  holders(): readonly Holder[] {
    return readHolders(this.#native);
  }

  blocksOf(tag: Tag): TagBlocks {
    return readTagBlocks(this.#native, tag);
  }

  close(): void {
    this.#native.close();
  }

  #layout(): PoolTagLayout {
    if (this.#native.pointerBytes === 4) return "narrow";
    return this.#class === POOL_TAGS_WIDE ? "wide64" : "wide";
  }

  /** Throws AccessError where this Windows has none to tell of: newer ones list their tags with the system's. */
  #sessionPools(): Uint8Array {
    const result = this.#buffer.ask(SESSION_POOL_TAGS);
    if (result.bytes !== undefined) return result.bytes;
    if (result.status !== STATUS_INVALID_INFO_CLASS) throw statusError("session pools (class 67)", result.status);
    throw new AccessError(
      `this Windows does not tell session pools (${formatStatus(result.status)})`,
      "leave /s out: newer Windows lists their tags with the system's pools",
    );
  }

  #poolTags(): Uint8Array {
    if (this.#class === POOL_TAGS_WIDE) {
      const result = this.#buffer.ask(POOL_TAGS_WIDE);
      if (result.bytes !== undefined) return result.bytes;
      if (result.status !== STATUS_INVALID_INFO_CLASS) throw statusError("pool tags (class 255)", result.status);
      this.#class = POOL_TAGS;
    }
    const result = this.#buffer.ask(POOL_TAGS);
    if (result.bytes === undefined) throw statusError("pool tags (class 22)", result.status);
    return result.bytes;
  }

  #totals(): SystemTotals {
    const sleptMilliseconds = parseSleptTime(this.#small(TIME_OF_DAY, this.#timeOfDay));
    const slept = sleptMilliseconds === undefined ? {} : { sleptMilliseconds };
    if (this.#basic === undefined) return slept;
    return {
      ...parsePerformance(this.#small(PERFORMANCE, this.#performance), this.#basic, this.#native.pointerBytes),
      ...slept,
    };
  }

  /** A small fixed answer. These figures are welcome but not needed: a refusal gives no bytes, hence no figures. */
  #small(informationClass: number, buffer: Uint8Array): Uint8Array {
    const { status, length } = this.#native.query(informationClass, buffer);
    return status === 0 ? buffer.subarray(0, length > 0 ? length : buffer.length) : buffer.subarray(0, 0);
  }
}

function architectureOf(name: string): Origin["architecture"] {
  const known: Readonly<Record<string, "x64" | "x86" | "arm64">> = {
    amd64: "x64",
    x64: "x64",
    x86: "x86",
    ia32: "x86",
    arm64: "arm64",
  };
  return known[name.toLowerCase()];
}
