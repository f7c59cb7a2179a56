// A session with a target: it is stopped for as short as can be, read, and always continued: at the end, on an error, on a
// signal, and by a watchdog. Nothing is written to it but the program counter, by one, to get past our own break.

import {
  API,
  BREAKPOINT,
  bugCheckIn,
  CHUNK,
  CONTINUE_HANDLED,
  CONTINUE_UNHANDLED,
  contextRequest,
  continueRequest,
  parseAnswer,
  parseRead,
  parseStateChange,
  parseVersion,
  programCounter,
  readRequest,
  setContextRequest,
  STATE,
  stepped,
  versionRequest,
  type Answer,
  type StateChange,
  type TargetVersion,
} from "../../formats/kd/manipulate.ts";
import { address64, u32 } from "../../formats/crash-dump/bytes.ts";
import { BREAK_IN, PACKET } from "../../formats/kd/packet.ts";
import { AccessError } from "../../model/errors.ts";
import type { KdChannel } from "./channel.ts";
import { KdLink, LinkError, type Arrived } from "./link.ts";

export interface SessionOptions {
  /** The target is continued when it has stood for so long, whatever is being read. */
  readonly maxHaltMs: number;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How long a target that stood until the limit runs before it is stopped again: as the lights of a cluster need. */
const REST_MS = 2000;
/** A break is asked for so often, in all about 10 s, as a recorded one took 20 ms. */
const BREAK_TRIES = 10;
const BREAK_MS = 1000;
/** Part of the limit after which no new read is begun: the rest is for the packets that continue. */
const READING_SHARE = 0.9;
/** A target that is not past its break stops again at once; so long is looked. */
const SETTLE_MS = 150;
const CONTINUE_TRIES = 4;
const PREPARE_TRIES = 2;
/** How soon the end of attending is seen. */
const ATTEND_MS = 100;
/** A packet that continues is sent so often, a second apart, before the target is told to stand. */
const CONTINUE_SENDS = 3;
/** Load-symbol states drained at most; 34 were seen. */
const MOST_STATES = 1024;

export interface HaltRecord {
  readonly milliseconds: number;
  readonly bytes: number;
}

export class KdSession {
  readonly #link: KdLink;
  readonly #options: SessionOptions;
  #state: StateChange | undefined;
  #isStopped = false;
  #isSynced = false;
  #haltStart = 0;
  #haltBytes = 0;
  #watchdog: NodeJS.Timeout | undefined;
  #version: TargetVersion | undefined;
  #releasing: Promise<void> | undefined;
  #stopAsked: string | undefined;
  /** It could not be continued, and the user was told. */
  #hasGivenUp = false;
  #past = { isPrepared: false, status: CONTINUE_HANDLED };
  /** Each time that the target stood. */
  readonly halts: HaltRecord[] = [];
  bytesRead = 0;
  readMs = 0;
  /** Whether it stood before we asked it to. */
  stoodBefore = false;
  /** How often it stopped by itself while it was attended to. */
  ownStops = 0;
  /** The last that is known of it is that it stands. */
  mayStand = false;

  /** Code of the last bug check that it printed. */
  bugCheck: number | undefined;

  constructor(channel: KdChannel, options: SessionOptions) {
    this.#link = new KdLink(channel, (text) => {
      this.bugCheck = bugCheckIn(text) ?? this.bugCheck;
    });
    this.#options = options;
  }

  /** Milliseconds, never going back. */
  monotonic(): number {
    return this.#options.monotonic();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get cpus(): number | undefined {
    const cpus = this.#state?.cpus ?? 0;
    return cpus > 0 && cpus <= 2048 ? cpus : undefined;
  }

  get counts(): KdLink["counts"] {
    return this.#link.counts;
  }

  /** Bytes of memory that come over the wire in a second, as measured; undefined before enough were read. */
  get bytesPerSecond(): number | undefined {
    return this.bytesRead < 2 * CHUNK ? undefined : (this.bytesRead / Math.max(1, this.readMs)) * 1000;
  }

  /** Stops the target. Throws AccessError where it does not stop; it then runs on. */
  async breakIn(): Promise<void> {
    if (this.#isStopped) return;
    this.#haltStart = this.#options.monotonic();
    this.#haltBytes = this.bytesRead;
    let state: Arrived | undefined;
    try {
      if (!this.#isSynced && (await this.#link.reset(1, FIRST_RESET_MS))) {
        // Only a target that stands answers; it says where.
        this.#isSynced = true;
        this.stoodBefore = true;
        state = await this.#link.next(isState, BREAK_MS);
      }
      for (let n = 0; n < BREAK_TRIES && state === undefined; n++) {
        this.#haltStart = this.#options.monotonic();
        this.#link.sendBare(BREAK_IN);
        state = await this.#link.next(isState, BREAK_MS);
      }
    } catch (error) {
      throw toAccessError(error, false);
    }
    if (state === undefined) throw this.#nothingThere();
    this.#stopped(state);
    try {
      await this.#synchronise();
      await this.#drain();
      this.#version ??= await this.#askVersion();
      await this.#prepare();
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  #nothingThere(): AccessError {
    const stray = this.#link.strayBytes;
    const found =
      this.#link.counts.received === 0
        ? "nothing at all came"
        : `${this.#link.counts.received} bytes came, ${stray} of them in no packet`;
    return new AccessError(
      `the target did not stop in ${(BREAK_TRIES * BREAK_MS) / 1000} s: ${found}`,
      "turn the kernel debugger on in it (bcdedit /debug on, a restart), check the speed of the line, and close other debuggers",
    );
  }

  #stopped(state: Arrived): void {
    this.#isStopped = true;
    this.#state = parseStateChange(state.payload);
    this.#past = { isPrepared: false, status: CONTINUE_HANDLED };
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(
      () => this.#link.abort(`it has stood for ${this.#options.maxHaltMs / 1000} s, the most allowed`),
      Math.max(0, this.#options.maxHaltMs - (this.#options.monotonic() - this.#haltStart)),
    );
  }

  /** Both counters of ids from the start; the target then says again where it stands. Without an answer its ids are taken as they are. */
  async #synchronise(): Promise<void> {
    if (this.#isSynced) return;
    this.#isSynced = true;
    if (!(await this.#link.reset(3))) return;
    const again = await this.#link.next(isState, BREAK_MS);
    if (again !== undefined) this.#state = parseStateChange(again.payload);
  }

  /** Modules that it reports one by one stand before the break. */
  async #drain(): Promise<void> {
    for (let n = 0; n < MOST_STATES; n++) {
      const state = this.#state;
      if (state === undefined || state.state !== STATE.loadSymbols) return;
      await this.#link.send(PACKET.manipulate, continueRequest(state.cpu, CONTINUE_HANDLED));
      const next = await this.#link.next(isState, BREAK_MS);
      // It ran on: the break was not seen yet, or there was none.
      if (next === undefined) {
        this.#link.sendBare(BREAK_IN);
        const broken = await this.#link.next(isState, BREAK_MS);
        if (broken === undefined) throw new LinkError("silent", "the target did not stop behind its list of modules");
        this.#state = parseStateChange(broken.payload);
      } else this.#state = parseStateChange(next.payload);
    }
  }

  async #askVersion(): Promise<TargetVersion> {
    return parseVersion(await this.#ask(versionRequest(this.#cpu)));
  }

  get #cpu(): number {
    return this.#state?.cpu ?? 0;
  }

  /** What the target says of itself. Asked at the first break. */
  get version(): TargetVersion {
    if (this.#version === undefined) throw new AccessError("the target was never stopped", "");
    return this.#version;
  }

  async #ask(request: Uint8Array): Promise<Answer> {
    const api = u32(request, 0);
    // An answer that comes late must not be taken for the next one: reads repeat the address they are of.
    const isOf = (payload: Uint8Array): boolean =>
      api !== API.readVirtual || address64(payload, 0x10) === address64(request, 0x10);
    const wanted = ({ type, payload }: Arrived): boolean =>
      type === PACKET.manipulate && u32(payload, 0) === api && isOf(payload);
    const answer = parseAnswer((await this.#link.ask(PACKET.manipulate, request, wanted)).payload);
    if (answer === undefined) throw new LinkError("silent", "an answer of the target is shorter than its header");
    return answer;
  }

  /** Puts the program counter behind the breakpoint at once, so that one packet is enough to continue. */
  async #prepare(): Promise<void> {
    const { architecture } = this.version;
    const state = this.#state;
    if (this.#past.isPrepared || architecture === undefined || state === undefined) return;
    // A module that it reports is no breakpoint: it goes on by itself.
    if (state.state === STATE.loadSymbols) {
      this.#past = { isPrepared: true, status: CONTINUE_HANDLED };
      return;
    }
    if (state.exception !== undefined && state.exception !== BREAKPOINT) {
      this.#past = { isPrepared: true, status: CONTINUE_UNHANDLED };
      return;
    }
    const { data } = await this.#ask(contextRequest(state.cpu));
    const pc = programCounter(data, architecture);
    if (pc === undefined) throw new LinkError("silent", `its context has ${data.length} bytes, too few`);
    const pointerSize = architecture === "x64" ? 8 : 4;
    const at = parseRead(await this.#ask(readRequest(state.cpu, pc, 1, pointerSize)), 1);
    // Where the byte cannot be read, the state alone tells: it is the breakpoint that our break ran into.
    if (at.length === 0 || at[0] === INT3) {
      await this.#ask(setContextRequest(state.cpu, stepped(data, architecture)));
    }
    this.#past = { isPrepared: true, status: CONTINUE_HANDLED };
  }

  /**
   * Bytes from an address on; fewer where the target has none there. The target is stopped where it runs, and continued for a
   * while where it has stood for long. `length` must not reach over the end of a page. Throws AccessError.
   */
  async read(address: bigint, length: number): Promise<Uint8Array> {
    if (this.#stopAsked !== undefined) throw await this.#failed(new LinkError("aborted", this.#stopAsked));
    if (this.#haltedFor() > this.#options.maxHaltMs * READING_SHARE) {
      await this.continue();
      await this.#options.sleep(REST_MS);
    }
    await this.breakIn();
    const pointerSize = this.version.architecture === "x86" ? 4 : 8;
    const start = this.#options.monotonic();
    const parts: Uint8Array[] = [];
    let done = 0;
    try {
      while (done < length) {
        const asked = Math.min(CHUNK, length - done);
        const answer = await this.#ask(readRequest(this.#cpu, address + BigInt(done), asked, pointerSize));
        const part = parseRead(answer, asked);
        if (part.length === 0) break;
        parts.push(part);
        done += part.length;
      }
    } catch (error) {
      throw await this.#failed(error);
    }
    this.bytesRead += done;
    this.readMs += this.#options.monotonic() - start;
    const bytes = new Uint8Array(done);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /**
   * Keeps the wire to a target that runs: where it stops by itself (a module that was loaded, an exception of its own) it is let
   * on at once, since it waits for whoever listens. Ends with the signal. Throws AccessError where the wire ends or begins anew.
   */
  async attend(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#stopAsked === undefined) {
      let state: Arrived | undefined;
      try {
        state = await this.#link.next(isState, ATTEND_MS);
      } catch (error) {
        throw toAccessError(error, false);
      }
      if (state === undefined) continue;
      this.#haltStart = this.#options.monotonic();
      this.#haltBytes = this.bytesRead;
      this.#stopped(state);
      this.ownStops += 1;
      await this.continue();
    }
  }

  #haltedFor(): number {
    return this.#isStopped ? this.#options.monotonic() - this.#haltStart : 0;
  }

  /** Lets the target run. Throws AccessError, in capitals where it still stands. */
  async continue(): Promise<void> {
    if (!this.#isStopped || this.#hasGivenUp) return;
    clearTimeout(this.#watchdog);
    let problem = "";
    for (let n = 0; n < CONTINUE_TRIES; n++) {
      try {
        // One that answers nothing is told to go on all the same.
        if (!this.#past.isPrepared && this.#version !== undefined && n < PREPARE_TRIES) await this.#prepare();
        await this.#link.send(
          PACKET.manipulate,
          continueRequest(this.#cpu, this.#past.status),
          undefined,
          CONTINUE_SENDS,
        );
        const milliseconds = this.#options.monotonic() - this.#haltStart;
        const again = await this.#link.next(isState, SETTLE_MS);
        if (again === undefined) {
          this.#runs(milliseconds);
          return;
        }
        this.#state = parseStateChange(again.payload);
        // Another module, or the same break again: it is looked at anew.
        if (this.#state?.state !== STATE.loadSymbols) this.#past = { isPrepared: false, status: CONTINUE_HANDLED };
        problem = "it stops again each time";
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        problem = error.message;
        if (error.why === "ended") break;
        if (error.why !== "reset") await this.#startAnew();
        else if (!(await this.#takeState())) {
          // It began anew and does not say that it stands: it restarts.
          this.#runs(this.#options.monotonic() - this.#haltStart);
          return;
        }
      }
    }
    this.#hasGivenUp = true;
    this.mayStand = true;
    throw new AccessError(
      `THE TARGET STILL STANDS: it could not be continued: ${problem}`,
      "continue it with a debugger (g), or restart it",
    );
  }

  #runs(milliseconds: number): void {
    this.#isStopped = false;
    this.halts.push({ milliseconds, bytes: this.bytesRead - this.#haltBytes });
  }

  /** Where the target stands, if it says so; one that runs says nothing. */
  async #takeState(): Promise<boolean> {
    const state = await this.#link.next(isState, BREAK_MS).catch(() => undefined);
    if (state !== undefined) this.#state = parseStateChange(state.payload);
    return state !== undefined;
  }

  /** After a request that was given up: its packet may be on its way still, and only fresh ids tell the next one from it. */
  async #startAnew(): Promise<void> {
    if (await this.#link.reset(1).catch(() => false)) await this.#takeState();
  }

  /** Continues the target after a failure and says what became of it. */
  async #failed(error: unknown): Promise<Error> {
    if (!(error instanceof LinkError)) {
      await this.continue();
      return error instanceof Error ? error : new Error(String(error));
    }
    if (error.why === "ended") {
      clearTimeout(this.#watchdog);
      this.#isStopped = false;
      this.mayStand = true;
      return toAccessError(error, true);
    }
    if (error.why === "reset") {
      // Both sides answer a reset with one, and a target that stands says so after each.
      await this.#options.sleep(FIRST_RESET_MS);
      if (!(await this.#takeState())) {
        clearTimeout(this.#watchdog);
        this.#isStopped = false;
        return new AccessError(
          "the target reset the connection and stands no more: it has restarted, or its debugger was turned off",
          "ask again when it is up",
        );
      }
      this.#past = { isPrepared: false, status: CONTINUE_HANDLED };
    }
    if (error.why === "aborted" || error.why === "silent") await this.#startAnew();
    try {
      await this.continue();
    } catch (still) {
      return still instanceof Error ? still : new Error(String(still));
    }
    return new AccessError(`the read was given up: ${error.message}; the target was continued and runs`, "ask again");
  }

  /** Continues the target where it stands and closes the wire. May be called at any time, and more than once. */
  async release(): Promise<void> {
    this.#releasing ??= this.#release();
    await this.#releasing;
  }

  async #release(): Promise<void> {
    try {
      await this.continue();
    } finally {
      clearTimeout(this.#watchdog);
      await this.#link.close();
    }
  }

  /** Ends what is being read: it then fails, with the target continued. */
  stop(why: string): void {
    this.#stopAsked = why;
    this.#link.abort(why);
  }

  /** For a process that ends at once: the one packet that continues, written without waiting for anything. */
  letGo(): void {
    if (this.#isStopped)
      void this.#link.send(PACKET.manipulate, continueRequest(this.#cpu, this.#past.status)).catch(() => {});
  }
}

const INT3 = 0xcc;
/** Only a target that stands answers a reset, and it does within milliseconds. */
const FIRST_RESET_MS = 300;

function isState({ type }: Arrived): boolean {
  return type === PACKET.stateChange;
}

function toAccessError(error: unknown, stood: boolean): Error {
  if (!(error instanceof LinkError)) return error instanceof Error ? error : new Error(String(error));
  if (error.why === "reset" && !stood) return new AccessError(error.message, "");
  const where = stood ? "THE TARGET MAY STILL STAND: the wire ended while it was stopped" : "the wire ended";
  return new AccessError(
    `${where}: ${error.message}`,
    stood ? "connect again (poolscope continues it), or continue it with a debugger (g)" : "is another debugger on it?",
  );
}
