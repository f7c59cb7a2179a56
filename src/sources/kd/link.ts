// Packets sent and received for certain over a wire that loses and damages them: ids, acknowledgements, resends, resets.
// One packet is outstanding each way. Everything a target sends is acknowledged at once, or it stalls.

import {
  controlPacket,
  dataPacket,
  FIRST_ID,
  PACKET,
  PacketReader,
  SYNC_ID,
  type Received,
} from "../../formats/kd/packet.ts";
import { parsePrint } from "../../formats/kd/manipulate.ts";
import type { KdChannel } from "./channel.ts";

/** Without an acknowledgement or answer for so long the packet is sent, or asked for, again. Ours: no timeout was ever recorded. */
export const RETRY_MS = 1000;
const MOST_TRIES = 10;
/** A packet is sent again so often because the target asks for it: one that asks on and on would be answered with a flood. */
const MOST_ASKED = 16;
/** A packet that began and does not go on for so long is asked for again. */
const STALL_MS = 300;

/** What ended a wait: the wire, the target, or the watchdog. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly why: "ended" | "silent" | "reset" | "aborted";

  constructor(why: LinkError["why"], message: string) {
    super(message);
    this.why = why;
  }
}

export interface Arrived {
  readonly type: number;
  readonly payload: Uint8Array;
}

interface Waiting {
  readonly isWanted: (packet: Arrived) => boolean;
  readonly resolve: (packet: Arrived) => void;
  readonly reject: (error: LinkError) => void;
}

interface Outstanding {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** How often it was sent again because the target asked for it. */
  asked: number;
  readonly done: () => void;
}

export class KdLink {
  readonly #channel: KdChannel;
  readonly #reader = new PacketReader();
  readonly #onPrint: (text: string) => void;
  #sendId = FIRST_ID + SYNC_ID;
  #expected: number | undefined;
  #lastId: number | undefined;
  #inbox: Arrived[] = [];
  #waiting: Waiting | undefined;
  #onAcknowledged: Outstanding | undefined;
  #onReset: (() => void) | undefined;
  /** A reset of the target was answered with one; its own answer to that is no reset again. */
  #resetAnswered = false;
  #ended: LinkError | undefined;
  /** What ended the wait of now, where the wire goes on. */
  #interrupted: LinkError | undefined;
  #stall: NodeJS.Timeout | undefined;
  /** What went over the wire, and what went wrong on it. */
  readonly counts = { received: 0, sent: 0, prints: 0, resends: 0, damaged: 0, resets: 0, packets: 0 };

  /** `onPrint` hears what the target prints, as it came. */
  constructor(channel: KdChannel, onPrint: (text: string) => void = () => {}) {
    this.#channel = channel;
    this.#onPrint = onPrint;
    channel.onData = (chunk) => this.#take(chunk);
    channel.onEnd = (problem) => this.#fail(new LinkError("ended", problem), true);
  }

  get strayBytes(): number {
    return this.#reader.strayBytes;
  }

  /** Why nothing more can come over it. */
  get ended(): LinkError | undefined {
    return this.#ended;
  }

  /** Bytes that stand in no packet: the byte that asks for a break. */
  sendBare(byte: number): void {
    this.#write(Uint8Array.of(byte));
  }

  /** Ends every wait with an error: the watchdog. */
  abort(message: string): void {
    this.#fail(new LinkError("aborted", message), false);
  }

  /** Starts both counters of ids again; false where the target does not answer within `tries` times {@link RETRY_MS}. */
  async reset(tries: number, every = RETRY_MS): Promise<boolean> {
    this.#interrupted = undefined;
    for (let n = 0; n < tries; n++) {
      this.#restartIds();
      const answered = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), every);
        this.#onReset = () => {
          clearTimeout(timer);
          resolve(true);
        };
        this.#write(controlPacket(PACKET.reset, 0));
      });
      this.#onReset = undefined;
      this.#throwIfFailed();
      if (answered) return true;
    }
    return false;
  }

  /** Sends a request and answers with the first packet that is wanted after it. Throws LinkError. */
  async ask(type: number, payload: Uint8Array, isWanted: (packet: Arrived) => boolean): Promise<Arrived> {
    const answer = this.#wait(isWanted);
    // A rejection is reported by whoever awaits the answer below, never by nobody.
    answer.catch(() => {});
    await this.send(type, payload, answer);
    return await this.#patient(answer);
  }

  /** Sends a packet until it is acknowledged, or until `answer` has come, which acknowledges as well. Throws LinkError. */
  async send(type: number, payload: Uint8Array, answer?: Promise<unknown>, tries = MOST_TRIES): Promise<void> {
    const id = this.#sendId;
    const plain = (id & ~SYNC_ID) >>> 0;
    const bytes = dataPacket(type, id, payload);
    this.#interrupted = undefined;
    this.#resetAnswered = false;
    for (let n = 0; n < tries; n++) {
      this.#throwIfFailed();
      if (n > 0) this.counts.resends += 1;
      const acknowledged = new Promise<true>((resolve) => {
        this.#onAcknowledged = { id: plain, bytes, asked: 0, done: () => resolve(true) };
      });
      this.#write(bytes);
      const first = await within(RETRY_MS, [acknowledged, ...(answer === undefined ? [] : [answer])]);
      this.#throwIfFailed();
      if (first !== undefined) {
        this.#onAcknowledged = undefined;
        this.#sendId = (plain ^ 1) >>> 0;
        return;
      }
    }
    this.#onAcknowledged = undefined;
    throw new LinkError("silent", `the target did not acknowledge a packet sent ${tries} times in ${tries} s`);
  }

  /** The next packet that is wanted; undefined where none comes in time. Throws LinkError. */
  async next(isWanted: (packet: Arrived) => boolean, milliseconds: number): Promise<Arrived | undefined> {
    const found = await within(milliseconds, [this.#wait(isWanted)]);
    if (found === undefined) this.#waiting = undefined;
    return found;
  }

  async close(): Promise<void> {
    clearTimeout(this.#stall);
    await this.#channel.close();
  }

  /** Waits for an answer and asks for it again now and then. */
  async #patient(answer: Promise<Arrived>): Promise<Arrived> {
    for (let n = 0; n < MOST_TRIES; n++) {
      const found = await within(RETRY_MS, [answer]);
      if (found !== undefined) return found;
      this.counts.resends += 1;
      this.#write(controlPacket(PACKET.resend, 0));
    }
    this.#waiting = undefined;
    throw new LinkError("silent", `the target gave no answer in ${MOST_TRIES} s`);
  }

  async #wait(isWanted: (packet: Arrived) => boolean): Promise<Arrived> {
    if (this.#ended !== undefined) throw this.#ended;
    const at = this.#inbox.findIndex((packet) => isWanted(packet));
    const [found] = at < 0 ? [] : this.#inbox.splice(at, 1);
    if (found !== undefined) return found;
    return await new Promise<Arrived>((resolve, reject) => {
      this.#waiting = { isWanted, resolve, reject };
    });
  }

  #throwIfFailed(): void {
    const failed = this.#ended ?? this.#interrupted;
    if (failed !== undefined) throw failed;
  }

  #write(bytes: Uint8Array): void {
    if (this.#ended !== undefined) return;
    this.counts.sent += bytes.length;
    this.#channel.write(bytes);
  }

  #restartIds(): void {
    this.#sendId = FIRST_ID + SYNC_ID;
    this.#expected = undefined;
    this.#lastId = undefined;
    this.#inbox = [];
  }

  #fail(error: LinkError, isEnd: boolean): void {
    if (isEnd) this.#ended ??= error;
    else this.#interrupted = error;
    clearTimeout(this.#stall);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
    this.#onReset?.();
    this.#onAcknowledged?.done();
  }

  #take(chunk: Uint8Array): void {
    this.counts.received += chunk.length;
    clearTimeout(this.#stall);
    for (const packet of this.#reader.push(chunk)) this.#handle(packet);
    if (!this.#reader.isWaiting) return;
    this.#stall = setTimeout(() => {
      this.#reader.clear();
      this.#write(controlPacket(PACKET.resend, 0));
    }, STALL_MS);
  }

  #handle(packet: Received): void {
    if (packet.kind === "damaged") {
      this.counts.damaged += 1;
      this.#write(controlPacket(PACKET.resend, packet.id));
      return;
    }
    if (packet.kind === "data") {
      this.#arrived(packet);
      return;
    }
    if (packet.type === PACKET.acknowledge) {
      if (this.#onAcknowledged?.id === packet.id) this.#onAcknowledged.done();
    } else if (packet.type === PACKET.resend) {
      const outstanding = this.#onAcknowledged;
      if (outstanding !== undefined && outstanding.asked < MOST_ASKED) {
        outstanding.asked += 1;
        this.counts.resends += 1;
        this.#write(outstanding.bytes);
      }
    } else if (this.#onReset === undefined) {
      this.#restartIds();
      // Its answer to ours.
      if (this.#resetAnswered) {
        this.#resetAnswered = false;
        return;
      }
      // The target began anew by itself: what was asked is lost, and it may be another one after a restart.
      this.counts.resets += 1;
      this.#resetAnswered = true;
      this.#write(controlPacket(PACKET.reset, 0));
      this.#fail(new LinkError("reset", "the target reset the connection: it may have restarted"), false);
    } else {
      this.#onReset();
      this.#onReset = undefined;
    }
  }

  #arrived({ type, id, payload }: Extract<Received, { kind: "data" }>): void {
    const plain = (id & ~SYNC_ID) >>> 0;
    this.#write(controlPacket(PACKET.acknowledge, plain));
    const isFirst = (id & SYNC_ID) !== 0;
    if (id === this.#lastId || (!isFirst && this.#expected !== undefined && plain !== this.#expected)) return;
    this.#lastId = id;
    this.#expected = (plain ^ 1) >>> 0;
    this.counts.packets += 1;
    if (type === PACKET.debugIo) {
      this.counts.prints += 1;
      this.#onPrint(parsePrint(payload));
    }
    if (type !== PACKET.manipulate && type !== PACKET.stateChange) return;
    const arrived = { type, payload };
    const waiting = this.#waiting;
    if (waiting?.isWanted(arrived) === true) {
      this.#waiting = undefined;
      waiting.resolve(arrived);
    } else if (this.#inbox.length < MOST_HELD) this.#inbox.push(arrived);
  }
}

/** Packets kept that nobody asked for; a target has one outstanding, so more come from no kernel. */
const MOST_HELD = 64;

/** The first of some results, undefined where none comes in time. */
async function within<T>(milliseconds: number, results: readonly Promise<T>[]): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([...results, late]);
  } finally {
    clearTimeout(timer);
  }
}
