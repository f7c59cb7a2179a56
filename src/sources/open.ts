// Opens SOURCE...: files, folders and patterns become one time line for each machine in them, in time order. What was brought
// (hosts, dates, times, shares read) is decided over the whole input; src/sources/intake holds the decisions.

import { AccessError, FormatError, UsageError, isKnownError } from "../model/errors.ts";
import type { Repair } from "../model/intake.ts";
import type { Gap, Snapshot } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { archiveKindOf, readMembers } from "./archive.ts";
import { isPackedDump } from "./crash-dump.ts";
import type { FileFormat, ReadContext } from "./file-format.ts";
import { openInputFile, type InputFile } from "./input-file.ts";
import { decideDates } from "./intake/dates.ts";
import { passGate } from "./intake/gate.ts";
import { decideHosts } from "./intake/hosts.ts";
import { joinSnapshots } from "./intake/join.ts";
import { orderParts } from "./intake/order.ts";
import { Tally, withTold, type Brought } from "./intake/tally.ts";
import { mergeParts, type Part } from "./merge.ts";
import { recognise } from "./recognise.ts";
import { SameMachine } from "./same-machine.ts";
import type { OpenOptions, Timeline } from "./timeline.ts";
import { walk } from "./walk.ts";

export { formatOf } from "./recognise.ts";

/** Text up to this size in all is read ahead, so that hosts and order are decided over every snapshot and not the first ones. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;
/** Rows kept by reading ahead: about 80 MB. A compressed file may hold more than its size tells. */
const READ_AHEAD_ROWS = 2_000_000;

/**
 * Opens all paths as the time line of one machine. A folder stands for the files in it that are of a known format, the
 * others are Gaps. Throws AccessError or FormatError where a named file cannot be read at all, UsageError where nothing is
 * left, or where the input is of several machines and `options.host` names none.
 */
export async function openSources(paths: readonly string[], options: OpenOptions = {}): Promise<Timeline> {
  const machines = await openMachines(paths, options);
  const [one, another] = machines;
  if (one === undefined) throw new UsageError(`${paths.join(", ")}: no snapshot`);
  if (another === undefined) return one;
  const hosts = one.intake().hosts.map(({ name }) => name);
  const [first = "NAME"] = hosts;
  throw new UsageError(
    `two machines in one time line, or more: ${hosts.join(", ")}; say which, as in --machine ${/\s/.test(first) ? `"${first}"` : first}, or name its files alone`,
  );
}

/** As {@link openSources}, with a time line for each machine that the input is of. */
export async function openMachines(paths: readonly string[], options: OpenOptions = {}): Promise<readonly Timeline[]> {
  const input = new Input(options);
  const { parts, brought } = await input.survey(paths);
  const ahead = parts.every((part) => part.snapshots !== undefined);
  const sightings = ahead
    ? parts.flatMap((part) => (part.snapshots ?? []).map((snapshot) => ({ file: part.path, snapshot })))
    : parts.map((part) => ({ file: part.path, snapshot: part.first }));
  const order = sightings.map((_, i) => i).sort((a, b) => timeAt(sightings, a) - timeAt(sightings, b));
  const sorted = order.flatMap((i) => sightings[i] ?? []);
  const isOne = !ahead && parts.length === 1;
  const decision = isOne ? undefined : decideHosts(sorted);
  const names = decision === undefined ? [] : [...new Set(decision.names)];
  brought.hosts = names.map((name) => ({ name, known: decision?.known ?? "named" }));
  const wanted = names.length === 0 || options.host === undefined ? names : [nameOf(options.host, names)];
  if (decision === undefined || names.length < 2) {
    const name = names[0];
    if (isOne && options.host !== undefined) return [input.streamed(parts, brought, options.host)];
    if (options.host !== undefined && name === undefined)
      throw new UsageError(`--machine ${options.host}: nothing in the input names a machine`);
    return [
      ahead
        ? input.held(
            sorted.map(({ snapshot }) => snapshot),
            brought,
            name,
          )
        : input.streamed(parts, brought),
    ];
  }
  return wanted.map((name) => {
    const own = sorted.filter((_, i) => decision.names[i] === name);
    if (ahead)
      return input.held(
        own.map(({ snapshot }) => ({ ...snapshot, origin: { ...snapshot.origin, host: name } })),
        brought,
        name,
      );
    const files = new Set(own.map(({ file }) => file));
    return input.streamed(
      parts.filter((part) => files.has(part.path)),
      brought,
      name,
    );
  });
}

function timeAt(sightings: readonly { readonly snapshot: Snapshot }[], index: number): number {
  return sightings[index]?.snapshot.time ?? 0;
}

function nameOf(wanted: string, names: readonly string[]): string {
  const found = names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--machine ${wanted}: the input is of ${names.join(", ")}`);
}

/** One input while it is opened and read: its files, gaps and problems. */
class Input {
  readonly #options: OpenOptions;
  readonly #gaps: Gap[] = [];
  readonly #problems: (FormatError | AccessError)[] = [];
  readonly #mappedDrivers = new Map<Tag, string>();
  #total = 0;
  #finished = 0;
  #brought: Brought | undefined;

  constructor(options: OpenOptions) {
    this.#options = options;
  }

  /** Finds the files, decides how to read them, reads ahead what is small, and puts the parts in time order. */
  async survey(paths: readonly string[]): Promise<{ readonly parts: readonly Part[]; readonly brought: Brought }> {
    const files = await this.#filesOf(paths);
    const beside = await filesBeside((this.#options.datesOf ?? []).filter((path) => !paths.includes(path)));
    this.#total = files.reduce((sum, { file }) => sum + file.size, 0);
    const dates = decideDates(
      [...files.filter(({ format }) => format.text !== undefined).map(({ file }) => file), ...beside],
      this.#options,
    );
    if (dates.conflict !== undefined)
      this.#gaps.push({
        where: paths.join(", "),
        problem: `dates prove different orders of day and month: ${dates.conflict}`,
      });
    const brought: Brought = {
      files: files.length,
      dates,
      options: this.#options,
      repairs: sumRepairs(files.flatMap(({ repairs }) => repairs)),
      hosts: [],
      leftOut: this.#leftOut,
      rejected: 0,
      firstRejected: undefined,
    };
    this.#brought = brought;
    const readable = files.filter(({ format }) => format.text !== undefined || format.readAhead === true);
    const small = readable.reduce((sum, { file }) => sum + file.size, 0) <= READ_AHEAD_BYTES;
    let rows = 0;
    const parts: Part[] = [];
    for (const { file, format, argument } of files) {
      const isAhead = small && readable.some((each) => each.file === file) && rows < READ_AHEAD_ROWS;
      const snapshots = isAhead ? await this.#readAhead(file, format, READ_AHEAD_ROWS - rows) : undefined;
      for (const { columns } of snapshots ?? []) rows += columns.length;
      // One large file needs no order: it is not read twice.
      const first =
        snapshots === undefined ? (files.length === 1 ? NOTHING : await this.#first(file, format)) : snapshots[0];
      if (first === undefined) {
        this.#gaps.push({ where: file.path, problem: "holds no snapshot" });
        if (files.length === 1) parts.push({ path: file.path, argument, first: NOTHING, snapshots: [], file, format });
      } else {
        parts.push({
          path: file.path,
          argument,
          first,
          file,
          format,
          ...(snapshots === undefined ? {} : { snapshots }),
        });
      }
    }
    const ordered = orderParts(parts, this.#options);
    this.#gaps.push(...ordered.gaps);
    return { parts: ordered.parts, brought };
  }

  /** A time line of snapshots that were read ahead. */
  held(sorted: readonly Snapshot[], brought: Brought, host: string | undefined): Timeline {
    const joined = joinSnapshots(sorted);
    this.#gaps.push(...joined.gaps);
    const tally = new Tally(brought, host);
    tally.duplicates(joined.duplicates);
    return this.#timeline(() => this.#held(joined.snapshots, tally), tally);
  }

  async *#held(snapshots: readonly Snapshot[], tally: Tally): AsyncIterable<Snapshot> {
    for (const snapshot of snapshots) if (this.#isWanted(snapshot)) yield this.#taken(snapshot, tally);
  }

  /** A time line that reads its files as it goes; with `host` only what is of it. */
  streamed(parts: readonly Part[], brought: Brought, host?: string): Timeline {
    const tally = new Tally(brought, host);
    return this.#timeline(() => this.#streamed(parts, new SameMachine(host), tally), tally);
  }

  async *#streamed(parts: readonly Part[], machine: SameMachine, tally: Tally): AsyncIterable<Snapshot> {
    const read = (part: Part): AsyncIterable<Snapshot> => part.format.read(part.file, this.#context("streamed"));
    const onEnd = (part: Part): void => {
      this.#finished += part.file.size;
    };
    for await (const snapshot of mergeParts(parts, read, onEnd)) {
      if (machine.isOf(snapshot) && this.#isWanted(snapshot)) yield this.#taken(snapshot, tally);
    }
  }

  #timeline(snapshots: () => AsyncIterable<Snapshot>, tally: Tally): Timeline {
    return {
      snapshots,
      gaps: this.#gaps,
      problems: this.#problems,
      mappedDrivers: this.#mappedDrivers,
      intake: () => tally.intake(),
    };
  }

  #isWanted({ time }: Snapshot): boolean {
    const { from, to } = this.#options;
    return (from === undefined || time >= from) && (to === undefined || time <= to);
  }

  #taken(snapshot: Snapshot, tally: Tally): Snapshot {
    const good = withTold(
      passGate(snapshot, (problem) => this.#rejected(problem)),
      this.#options,
    );
    tally.take(good);
    return good;
  }

  #rejected(problem: string): void {
    const brought = this.#brought;
    if (brought === undefined) return;
    brought.rejected += 1;
    brought.firstRejected ??= problem;
  }

  #context(how: "streamed" | "whole" | "quiet"): ReadContext {
    const quiet = how === "quiet";
    return {
      whole: how === "whole",
      repaired: (repair) => {
        const brought = this.#brought;
        if (!quiet && brought !== undefined) brought.repairs = sumRepairs([...brought.repairs, repair]);
      },
      options: this.#options,
      dates: this.#brought?.dates.options ?? { dateOrder: "mdy" },
      gap: (gap) => void (quiet || this.#gaps.push(gap)),
      problem: (error) => void (quiet || this.#problems.push(error)),
      rejected: (problem) => void (quiet || this.#rejected(problem)),
      mappedDriver: (tag, text) => {
        if (!this.#mappedDrivers.has(tag)) this.#mappedDrivers.set(tag, text);
      },
      progress: (bytes) => {
        if (!quiet) this.#options.onProgress?.(Math.min(this.#total, this.#finished + bytes), this.#total);
      },
    };
  }

  /** All snapshots of a file, or undefined where it holds more rows than are kept. */
  async #readAhead(file: InputFile, format: FileFormat, mostRows: number): Promise<readonly Snapshot[] | undefined> {
    const marks = [this.#gaps.length, this.#problems.length] as const;
    const rejected = this.#brought?.rejected ?? 0;
    const repairs = this.#brought?.repairs ?? [];
    const snapshots: Snapshot[] = [];
    let rows = 0;
    for await (const snapshot of format.read(file, this.#context("whole"))) {
      rows += snapshot.columns.length;
      if (rows > mostRows) {
        this.#gaps.length = marks[0];
        this.#problems.length = marks[1];
        if (this.#brought !== undefined) [this.#brought.rejected, this.#brought.repairs] = [rejected, repairs];
        return undefined;
      }
      snapshots.push(snapshot);
    }
    this.#finished += file.size;
    return snapshots;
  }

  async #first(file: InputFile, format: FileFormat): Promise<Snapshot | undefined> {
    for await (const snapshot of format.read(file, this.#context("quiet"))) return snapshot;
    return undefined;
  }

  #leftOut = 0;

  /** Expands folders and patterns. A file that a user named must be readable; one found in a folder becomes a Gap. */
  async #filesOf(paths: readonly string[]): Promise<readonly NamedFile[]> {
    const files: NamedFile[] = [];
    const seen = new Set<string>();
    for (const [argument, path] of paths.entries()) {
      const found = await walk(path, this.#gaps);
      for (const each of found) {
        if (seen.has(each)) continue;
        seen.add(each);
        const taken = await this.#filesIn(each, each === path);
        for (const known of taken) files.push({ ...known, argument });
      }
      if (files.length === 0 && found.length !== 1)
        throw new AccessError(`${path}: no file of a known format in it`, "name the files themselves");
    }
    return files;
  }

  /** One file, or the members of an archive. What a user named must be readable; what was found in a folder becomes a Gap. */
  async #filesIn(path: string, isNamed: boolean): Promise<readonly Omit<NamedFile, "argument">[]> {
    try {
      const file = await openInputFile(path);
      const archive = archiveKindOf(file.head);
      if (archive === undefined || isPackedDump(file)) return [await recognise(file, isNamed)];
      const members = await readMembers(file, archive, this.#gaps);
      return await this.#membersOf(members);
    } catch (error) {
      if (isNamed || !isKnownError(error)) throw error;
      this.#leftOut += 1;
      this.#gaps.push({ where: path, problem: `left out: ${problemOf(error, path)}` });
      return [];
    }
  }

  /** Members of a known format; the others are Gaps, unless it is the only one, whose obstacle is the answer then. */
  async #membersOf(members: readonly InputFile[]): Promise<readonly Omit<NamedFile, "argument">[]> {
    const known: Omit<NamedFile, "argument">[] = [];
    for (const member of members) {
      try {
        known.push(await recognise(member, members.length === 1));
      } catch (error) {
        if (members.length === 1 || !isKnownError(error)) throw error;
        this.#leftOut += 1;
        this.#gaps.push({ where: member.path, problem: `left out: ${problemOf(error, member.path)}` });
      }
    }
    return known.toSorted((a, b) => a.file.path.localeCompare(b.file.path, "en", { numeric: true }));
  }
}

/** Files that only take part in deciding how dates are meant; what is wrong with them is said where they are opened. */
async function filesBeside(paths: readonly string[]): Promise<readonly InputFile[]> {
  const files: InputFile[] = [];
  for (const path of paths) {
    try {
      for (const each of await walk(path, [])) {
        const { file, format } = await recognise(await openInputFile(each));
        if (format.text !== undefined) files.push(file);
      }
    } catch (error) {
      if (!isKnownError(error)) throw error;
    }
  }
  return files;
}

interface NamedFile {
  readonly file: InputFile;
  readonly format: FileFormat;
  readonly repairs: readonly Repair[];
  readonly argument: number;
}

/** Stands for the first snapshot of the only file, which is not read twice. */
const NOTHING: Snapshot = {
  time: 0,
  origin: { source: "poolmon", timeBasis: "marker" },
  totals: {},
  columns: {
    length: 0,
    tag: new Uint32Array(),
    kind: new Uint8Array(),
    allocs: new Float64Array(),
    frees: new Float64Array(),
    outstanding: new Float64Array(),
    bytes: new Float64Array(),
  },
  counterBits: 64,
  gaps: [],
};

function sumRepairs(repairs: readonly Repair[]): readonly Repair[] {
  const sums = new Map<string, Repair>();
  for (const repair of repairs) {
    const key = `${repair.kind} ${repair.found ?? ""}`;
    sums.set(key, { ...repair, lines: (sums.get(key)?.lines ?? 0) + repair.lines });
  }
  return [...sums.values()];
}

/** What is wrong with a file, for a place that names the file already. */
function problemOf(error: Error, path: string): string {
  return error.message.startsWith(`${path}: `) ? error.message.slice(path.length + 2) : error.message;
}
