// Questions put to a target: the readers of dumps over its memory, asked again until everything they need has come.

import { bigPagesOf, withWitness } from "../../formats/crash-dump/answers.ts";
import type { BigPages } from "../../formats/crash-dump/big-pages.ts";
import { findTagTable, namedTableRange } from "../../formats/crash-dump/find-tag-table.ts";
import { readTagUses, type TagUses } from "../../formats/crash-dump/read-tag-table.ts";
import { readDebuggerData, debuggerField } from "../../formats/crash-dump/debugger-data.ts";
import type { KernelMemory } from "../../formats/crash-dump/kernel-memory.ts";
import { readKernelData, type KernelData } from "../../formats/crash-dump/kernel-data.ts";
import { readImageHeader } from "../../formats/crash-dump/pe-image.ts";
import { readSystemFacts, type SystemFacts } from "../../formats/crash-dump/system-facts.ts";
import { AccessError, FormatError } from "../../model/errors.ts";
import type { KdSession } from "./session.ts";
import { BytesWanted, WireMemory, type ByteRange } from "./wire-memory.ts";

/** A target as the readers see it. */
export interface KdTarget extends KernelMemory {
  readonly space: WireMemory;
  readonly system: SystemFacts;
  readonly architecture: "x64" | "x86";
}

/** What one question may read: the tables of 60 processors, or all data of a kernel. */
const MOST_BYTES = 32 * 2 ** 20;
/** Wishes of one question: a reader that asks on and on is led by hostile links. */
const MOST_ROUNDS = 20_000;
/** Time that the readers of one question may take for themselves: they begin anew for each wish, and hostile lists never end. */
const MOST_THINKING_MS = 20_000;
/** From here on what is to come is said beforehand. */
const LARGE = 16 * 1024;
/** Around the variable of the tag table: its size, its mask, its expansion and the list of large allocations stand there. */
const NEAR = 0x400;

/** On a wire of so many bytes a second whole pages are fetched: asking a reader again costs more than the bytes. */
const FAST = 100_000;

/**
 * How a reader asks: `dense`, its next bytes are near its last ones; `scattered`, it is quick and reads a little in many places,
 * so that no whole pages are fetched for it; `independent`, most of what it asks for does not hang on what it was answered.
 */
export type Reading = "dense" | "scattered" | "independent";

export interface Plan {
  readonly bytes: number;
  readonly milliseconds: number;
}

export class KdQuestions {
  readonly session: KdSession;
  readonly #onPlan: (plan: Plan) => void;
  #memory: WireMemory | undefined;

  /** `onPlan` hears of every large read before it is made. */
  constructor(session: KdSession, onPlan: (plan: Plan) => void = () => {}) {
    this.session = session;
    this.#onPlan = onPlan;
  }

  /** Answers a question, however often its reader has to be asked. The target is left stopped, for the next one. */
  async ask<T>(question: () => T, reads: Reading = "dense"): Promise<T> {
    const before = this.session.bytesRead;
    let thinkingMs = 0;
    for (let round = 0; round < MOST_ROUNDS && thinkingMs < MOST_THINKING_MS; round++) {
      const start = this.session.monotonic();
      const { answer, wanted } = this.#round(question, reads === "independent" && this.isFast);
      if (answer !== undefined) return answer.is;
      thinkingMs += this.session.monotonic() - start;
      const bytes = wanted.reduce((sum, { length }) => sum + length, 0);
      if (this.session.bytesRead - before + bytes > MOST_BYTES) break;
      const wholly = reads === "dense" && this.isFast;
      for (const range of wanted) await this.fetch(wholly ? wholePages(range) : range);
    }
    const bytes = this.session.bytesRead - before;
    throw new FormatError("kd", "what the target's memory says leads on and on, further than that of any kernel", {
      found: `${bytes} bytes read, no answer yet`,
    });
  }

  /** Asks once: the answer, or what has to be fetched first. */
  #round<T>(question: () => T, gathers: boolean): { answer?: { readonly is: T }; wanted: readonly ByteRange[] } {
    const memory = gathers ? this.#space : undefined;
    memory?.gather();
    try {
      const is = question();
      const wanted = memory?.gathered() ?? [];
      return wanted.length === 0 ? { answer: { is }, wanted } : { wanted };
    } catch (error) {
      const wanted = memory?.gathered() ?? [];
      if (error instanceof BytesWanted) return { wanted: [...wanted, error.range] };
      // With bytes missing that are there a reader may take the memory for damaged.
      if (wanted.length === 0) throw error;
      return { wanted };
    }
  }

  /** Reads a range in one burst, as far as it was not read yet: quicker than a reader that asks for one part after the other. */
  async fetch(range: ByteRange): Promise<void> {
    const memory = this.#space;
    const pieces = memory.missing(range);
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const speed = this.session.bytesPerSecond;
    if (bytes >= LARGE && speed !== undefined) this.#onPlan({ bytes, milliseconds: (bytes / speed) * 1000 });
    for (const piece of pieces) {
      // Where nothing came for another part of its page nothing comes for this one.
      if (memory.isKnown(piece.address)) continue;
      memory.store(piece, await this.session.read(piece.address, piece.length));
    }
  }

  /** Whether bytes cost less than asking a reader again. */
  get isFast(): boolean {
    return (this.session.bytesPerSecond ?? 0) >= FAST;
  }

  get #space(): WireMemory {
    this.#memory ??= new WireMemory(this.session.version.architecture === "x86" ? 4 : 8);
    return this.#memory;
  }

  /** Forgets what was read, so that the next answer is of a later moment. */
  forget(): void {
    this.#memory?.forget();
  }

  /** Stops the target and finds its kernel. `wide`: all of the kernel's data, not what stands near the tag table. */
  async open(wide: boolean): Promise<KdTarget> {
    await this.session.breakIn();
    const { version } = this.session;
    const { architecture } = version;
    if (architecture === undefined) {
      throw new AccessError(
        `the target's machine type is 0x${version.machine.toString(16)}`,
        "only x64 and x86 are known over this wire",
      );
    }
    const space = this.#space;
    return await this.ask(() => {
      const block = space.readPointer(version.debuggerDataList);
      const method = "named by the target";
      const debuggerData = block === undefined ? undefined : readDebuggerData(space, block, method);
      const variable =
        debuggerData === undefined ? undefined : debuggerField(debuggerData, "poolTrackTable", space.pointerSize);
      const { kernelBase: base, moduleList } = version;
      const image = wide || variable === undefined ? readImageHeader(space, base) : undefined;
      const data =
        image !== undefined
          ? readKernelData(space, base, image, true)
          : variable === undefined
            ? { base, blocks: [], pointerSize: space.pointerSize, missing: 0, total: 0 }
            : nearData(space, base, variable);
      const system = readSystemFacts(undefined, space, debuggerData);
      return {
        space,
        architecture,
        debuggerData,
        kernel: { base, moduleList, image, data, method },
        system: { ...system, cpus: this.session.cpus ?? system.cpus },
      };
    });
  }
}

/** Pool by tag; where the other processors' tables are not beside the first's variable, all of the kernel's data are read. */
export async function kdPoolUse(
  questions: KdQuestions,
): Promise<{ readonly target: KdTarget; readonly uses: TagUses }> {
  const near = await questions.open(false);
  const { cpus } = near.system;
  const table = await questions.ask(() => namedTableRange(near.space, near.kernel.data, near.debuggerData));
  if (table !== undefined) await questions.fetch(table);
  // What is left to ask then is whether the table goes on behind its end.
  const uses = await questions.ask(() => usesOf(near), table === undefined ? "dense" : "independent");
  if (uses !== undefined && (cpus === undefined || uses.cpusSummed === cpus)) return { target: near, uses };
  const target = await questions.open(true);
  const all = await questions.ask(() => usesOf(target));
  if (all !== undefined) return { target, uses: all };
  throw new FormatError(
    "kd",
    "no tag table was found in the target: no array that its kernel names obeys the tag hash",
  );
}

function usesOf({ space, kernel, debuggerData, system }: KdTarget): TagUses | undefined {
  const table = findTagTable(space, kernel.data, debuggerData);
  const { cpus, physicalBytes } = system;
  return table === undefined ? undefined : readTagUses(space, kernel.data, table, { cpus, physicalBytes });
}

/**
 * The same, compared with the object manager's and the memory manager's own counts as a dump's answer is. On a slow wire the
 * objects are not: they lie all over the pool, and the target would stand for seconds more.
 */
export async function kdComparedPoolUse(
  questions: KdQuestions,
): Promise<{ readonly target: KdTarget; readonly uses: TagUses }> {
  const { target, uses } = await kdPoolUse(questions);
  const objects = questions.isFast ? "read" : "unread";
  return { target, uses: await questions.ask(() => withWitness(target, uses, objects), "scattered") };
}

/** Large allocations; undefined where the list is not found in all of the kernel's data either. */
export async function kdBigPages(
  questions: KdQuestions,
): Promise<{ readonly target: KdTarget; readonly big: BigPages | undefined }> {
  const near = await questions.open(false);
  const big = await questions.ask(() => bigPagesOf(near));
  if (big !== undefined) return { target: near, big };
  const target = await questions.open(true);
  return { target, big: await questions.ask(() => bigPagesOf(target)) };
}

function wholePages({ address, length }: ByteRange): ByteRange {
  const start = address & ~0xfffn;
  const end = (address + BigInt(length) + 0xfffn) & ~0xfffn;
  return { address: start, length: Number(end - start) };
}

function nearData(space: WireMemory, base: bigint, variable: bigint): KernelData {
  const address = (variable & ~0xfn) - BigInt(NEAR);
  const { bytes, missing } = space.read(address, 2 * NEAR);
  return { base, blocks: [{ address, bytes }], pointerSize: space.pointerSize, missing, total: bytes.length };
}
