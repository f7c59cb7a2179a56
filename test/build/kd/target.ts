// A target of the kernel debugger over a stream: made from facts of two recorded sessions, with code of its own on purpose.
// It keeps count of what a client must never do, and can drop, damage, repeat, print, reset, reboot and go silent.

import { createServer, type Server, type Socket } from "node:net";
import type { TargetMemory } from "./image.ts";

export interface TargetHabits {
  /** Bits a second on the wire, 10 to a byte, each way. */
  readonly baud?: number;
  /** Load-symbol states that stand before the exception at each break-in. */
  readonly loadSymbols?: number;
  /** Prints before each break's state, and one every so many answers. */
  readonly prints?: number;
  /** Every n-th packet of the target is dropped, damaged, sent twice. */
  readonly dropEvery?: number;
  readonly damageEvery?: number;
  readonly repeatEvery?: number;
  /** The host's packet n is asked for again, as if its sum were wrong. */
  readonly resendAt?: number;
  /**
   * After that many answers, counted from the break-in `breakIn` on where given: the target sends a reset, ends its connection,
   * reboots (each once), or says nothing any more.
   */
  readonly after?: {
    readonly answers: number;
    readonly breakIn?: number;
    readonly does: "reset" | "hang-up" | "reboot" | "silence";
  };
  /** It acknowledges a continue and stays where it is. */
  readonly neverContinues?: true;
  /** It says nothing at all, or nothing but noise. */
  readonly isSilent?: true;
  readonly isNoise?: true;
  /** Memory at the program counter is no breakpoint; the code of the exception it stands at. */
  readonly exception?: number;
  /** It stands already when somebody connects. */
  readonly standsAtStart?: true;
  readonly cpus?: number;
  /** So many ms after it was let run for the first time, it reports a module that it loaded, and waits. */
  readonly loadsModuleAfter?: number;
  /**
   * So many ms after it was let run for the first time it prints a bug check and stops for its debugger; let on, it stops once
   * more (after its dump), then restarts. No recorded session has one: made from the debugger's public documentation.
   */
  readonly bugChecksAfter?: number;
}

const DATA = 0x30303030;
const CONTROL = 0x69696969;

export class SimulatedTarget {
  readonly #memory: TargetMemory;
  readonly #habits: TargetHabits;
  readonly server: Server;
  #socket: Socket | undefined;
  #held = Buffer.alloc(0);
  #state: "running" | "stopping" | "stopped" = "running";
  #pending: { type: number; payload: Buffer }[] = [];
  #nextId = 0x80800800;
  #hostId = 0x80800000;
  #unacknowledged: { bytes: Buffer; id: number; timer: NodeJS.Timeout } | undefined;
  #sent = 0;
  #hostPackets = 0;
  #symbolsLeft = 0;
  #isAtModule = false;
  #bugCheckStops = 0;
  #pc: bigint;
  #context: Buffer;
  #lineFree = 0;
  #hostLineFree = 0;
  #stoppedAt = 0;
  /** Answers given before the break-in from which they are counted. */
  #answersBefore = 0;
  #wentAway = false;
  /** What happened, for tests. */
  readonly log = {
    breakIns: 0,
    ownStops: 0,
    restarts: 0,
    continues: 0,
    answers: 0,
    bytesRead: 0,
    bytesOut: 0,
    setContexts: 0,
    forbidden: [] as number[],
    stoppedMs: [] as number[],
    statuses: [] as number[],
    unackedPrints: 0,
  };

  constructor(memory: TargetMemory, habits: TargetHabits = {}) {
    this.#memory = memory;
    this.#habits = habits;
    this.#pc = memory.kernelBase + 0x1234n;
    this.#context = Buffer.alloc(memory.machine === 0x8664 ? 0x4d0 : 0x2cc, 0x11);
    this.server = createServer((socket) => this.#connected(socket));
  }

  get isRunning(): boolean {
    return this.#state === "running";
  }

  #connected(socket: Socket): void {
    if (this.#socket !== undefined) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#held = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = undefined;
      clearTimeout(this.#unacknowledged?.timer);
      this.#unacknowledged = undefined;
      this.#pending = [];
    });
    socket.on("data", (chunk) => this.#paced(chunk.length, () => this.#take(chunk)));
    if (this.#habits.standsAtStart === true) this.#stop(0);
  }

  /** Runs after the time that so many bytes take on the wire from the host. */
  #paced(bytes: number, work: () => void): void {
    const { baud } = this.#habits;
    if (baud === undefined) return work();
    this.#hostLineFree = Math.max(performance.now(), this.#hostLineFree) + (bytes * 10_000) / baud;
    setTimeout(work, this.#hostLineFree - performance.now());
  }

  #take(chunk: Buffer): void {
    if (this.#habits.isSilent === true || (this.#habits.after?.does === "silence" && this.#isAfter())) return;
    if (this.#habits.isNoise === true) {
      this.#write(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 37) & 0xff)));
      return;
    }
    this.#held = Buffer.concat([this.#held, chunk]);
    for (;;) {
      if (this.#held.length === 0) return;
      if (this.#held[0] === 0x62) {
        this.#held = this.#held.subarray(1);
        if (this.#state === "running") this.#stop(this.#habits.loadSymbols ?? 0);
        continue;
      }
      const leader = this.#held.length < 4 ? undefined : this.#held.readUInt32LE(0);
      if (leader === undefined || (leader !== DATA && leader !== CONTROL)) {
        if (leader === undefined) return;
        this.#held = this.#held.subarray(1);
        continue;
      }
      if (this.#held.length < 16) return;
      const [type, length, id] = [
        this.#held.readUInt16LE(4),
        this.#held.readUInt16LE(6),
        this.#held.readUInt32LE(8),
      ] as const;
      const total = leader === CONTROL ? 16 : 17 + length;
      if (this.#held.length < total) return;
      const payload = Buffer.from(this.#held.subarray(16, 16 + length));
      this.#held = this.#held.subarray(total);
      if (this.#state === "running" && leader === CONTROL && type === 6) continue; // A running kernel does not look.
      if (leader === CONTROL) this.#control(type, id);
      else this.#data(type, id, payload);
    }
  }

  #control(type: number, id: number): void {
    if (type === 6) {
      this.#nextId = 0x80800800;
      this.#hostId = 0x80800000;
      clearTimeout(this.#unacknowledged?.timer);
      this.#unacknowledged = undefined;
      this.#pending = [];
      this.#write(control(6, 0));
      if (this.#state === "stopped") this.#announce();
    } else if (type === 4 && this.#unacknowledged?.id === id) {
      clearTimeout(this.#unacknowledged.timer);
      this.#unacknowledged = undefined;
      this.#pump();
    } else if (type === 5 && this.#unacknowledged !== undefined) {
      this.#transmit(this.#unacknowledged.bytes);
    }
  }

  #data(type: number, id: number, payload: Buffer): void {
    this.#hostPackets += 1;
    if (this.#hostPackets === this.#habits.resendAt) {
      this.#write(control(5, id));
      return;
    }
    this.#write(control(4, (id & ~0x800) >>> 0));
    const plain = (id & ~0x800) >>> 0;
    if (plain !== this.#hostId && (id & 0x800) === 0) return; // Sent again: known.
    this.#hostId = (plain ^ 1) >>> 0;
    if (type === 2) this.#answer(payload);
    else this.log.forbidden.push(0x10000 + type);
  }

  #answer(request: Buffer): void {
    const api = request.readUInt32LE(0);
    const { after } = this.#habits;
    if (after !== undefined && this.#isAfter() && this.#goesAway(after.does)) return;
    const reply = Buffer.from(request.subarray(0, 56));
    let data = Buffer.alloc(0);
    if (api === 0x3146) {
      const { machine, kernelBase, moduleList, debuggerDataList } = this.#memory;
      const wide = (address: bigint): bigint =>
        machine === 0x14c ? BigInt.asUintN(64, BigInt.asIntN(32, address)) : address;
      reply.fill(0, 16);
      reply.writeUInt16LE(15, 0x10);
      reply.writeUInt16LE(3790, 0x12);
      reply[0x14] = 6;
      reply.writeUInt16LE(machine === 0x8664 ? 5 : 1, 0x16);
      reply.writeUInt16LE(machine, 0x18);
      reply.writeBigUInt64LE(wide(kernelBase), 0x20);
      reply.writeBigUInt64LE(wide(moduleList), 0x28);
      reply.writeBigUInt64LE(wide(debuggerDataList), 0x30);
    } else if (api === 0x3130) {
      const address = request.readBigUInt64LE(0x10);
      const asked = Math.min(request.readUInt32LE(0x18), 1024);
      const isPc = address === this.#wide(this.#pc) && asked === 1 && this.#habits.exception === undefined;
      data = isPc ? Buffer.of(0xcc) : Buffer.from(this.#memory.read(address, asked));
      reply.writeUInt32LE(data.length, 0x1c);
      if (data.length === 0) reply.writeUInt32LE(0xc0000001, 8);
      this.log.bytesRead += data.length;
    } else if (api === 0x3132) {
      data = Buffer.from(this.#context);
      this.#putPc(data, this.#pc);
    } else if (api === 0x3133) {
      this.log.setContexts += 1;
      const context = request.subarray(56);
      const before = Buffer.from(this.#context);
      this.#putPc(before, this.#pc + 1n);
      // Nothing but the program counter, by one.
      if (!context.equals(before)) this.log.forbidden.push(api);
      this.#pc += 1n;
    } else if (api === 0x313c) {
      this.log.statuses.push(request.readUInt32LE(0x10));
      this.#continue();
      return;
    } else {
      this.log.forbidden.push(api);
      reply.writeUInt32LE(0xc0000002, 8);
    }
    this.log.answers += 1;
    const { prints } = this.#habits;
    if (prints !== undefined && this.log.answers % prints === 0) this.#print("hello world\n");
    this.#send(2, Buffer.concat([reply, data]));
  }

  #isAfter(): boolean {
    const { after } = this.#habits;
    if (after === undefined || this.log.breakIns < (after.breakIn ?? 0)) return false;
    return this.log.answers - this.#answersBefore >= after.answers;
  }

  /** True where nothing more is answered. */
  #goesAway(how: NonNullable<TargetHabits["after"]>["does"]): boolean {
    if (how === "silence") return true;
    // Once: who connects or asks again finds the target as it was.
    if (this.#wentAway) return false;
    this.#wentAway = true;
    if (how === "hang-up") {
      this.#socket?.destroy();
      return true;
    }
    this.#nextId = 0x80800800;
    this.#hostId = 0x80800000;
    this.#write(control(6, 0));
    if (how === "reset") this.#announce();
    else {
      this.#stopped("running");
      this.#write(control(6, 0));
    }
    return true;
  }

  #wide(address: bigint): bigint {
    return this.#memory.machine === 0x14c ? BigInt.asUintN(64, BigInt.asIntN(32, address)) : address;
  }

  #putPc(context: Buffer, pc: bigint): void {
    if (this.#memory.machine === 0x8664) context.writeBigUInt64LE(pc, 0xf8);
    else context.writeUInt32LE(Number(pc), 0xb8);
  }

  #stop(symbols: number): void {
    this.log.breakIns += 1;
    if (this.log.breakIns === this.#habits.after?.breakIn) this.#answersBefore = this.log.answers;
    this.#stopped("stopped");
    this.#symbolsLeft = symbols;
    this.#pc = this.#memory.kernelBase + 0x1234n;
    if (this.#habits.prints !== undefined) this.#print("hello world\n");
    this.#announce();
  }

  #announce(): void {
    const state = Buffer.alloc(0xf0);
    state.writeUInt32LE(this.#isAtModule || this.#symbolsLeft > 0 ? 0x3031 : 0x3030, 0);
    state.writeUInt32LE(this.#habits.cpus ?? 1, 8);
    state.writeBigUInt64LE(this.#wide(this.#pc), 0x18);
    state.writeUInt32LE(this.#habits.exception ?? 0x80000003, 0x20);
    this.#send(7, state);
  }

  #continue(): void {
    this.log.continues += 1;
    if (this.#isAtModule) {
      this.#isAtModule = false;
      this.#stopped("running");
      return;
    }
    if (this.#habits.neverContinues === true) return this.#announce();
    if (this.#symbolsLeft > 0) {
      this.#symbolsLeft -= 1;
      return this.#announce();
    }
    // On the breakpoint itself it stops again at once.
    const onBreakpoint = this.#habits.exception === undefined && this.#pc === this.#memory.kernelBase + 0x1234n;
    if (onBreakpoint) return this.#announce();
    this.#stopped("running");
    if (this.#bugCheckStops === 1) return void setTimeout(() => this.#bugCheck(), 30);
    if (this.#bugCheckStops === 2) return this.#restart();
    this.#print("hello world\n");
    const { loadsModuleAfter, bugChecksAfter } = this.#habits;
    if (this.log.ownStops > 0) return;
    if (loadsModuleAfter !== undefined) setTimeout(() => this.#loadModule(), loadsModuleAfter);
    if (bugChecksAfter !== undefined) setTimeout(() => this.#bugCheck(), bugChecksAfter);
  }

  #bugCheck(): void {
    if (this.#state !== "running") return;
    this.#bugCheckStops += 1;
    this.log.ownStops += 1;
    if (this.#bugCheckStops === 1)
      this.#print("\n*** Fatal System Error: 0x000000d1\n                       (0x10,0x2,0x0,0xFFFFF80012345678)\n\n");
    this.#stopped("stopped");
    this.#pc = this.#memory.kernelBase + 0x1234n;
    this.#announce();
  }

  #restart(): void {
    this.#bugCheckStops = 3;
    this.log.restarts += 1;
    this.#nextId = 0x80800800;
    this.#hostId = 0x80800000;
    this.#write(control(6, 0));
  }

  #loadModule(): void {
    if (this.#state !== "running") return;
    this.log.ownStops += 1;
    this.#stopped("stopped");
    this.#isAtModule = true;
    this.#announce();
  }

  #stopped(state: "running" | "stopped"): void {
    if (state === "stopped" && this.#state === "running") this.#stoppedAt = performance.now();
    if (state === "running" && this.#state === "stopped") this.log.stoppedMs.push(performance.now() - this.#stoppedAt);
    this.#state = state;
  }

  #print(text: string): void {
    const print = Buffer.alloc(16 + text.length);
    print.writeUInt32LE(0x3230, 0);
    print.writeUInt32LE(text.length, 8);
    print.write(text, 16);
    this.log.unackedPrints += 1;
    this.#send(3, print);
  }

  #send(type: number, payload: Buffer): void {
    this.#pending.push({ type, payload });
    this.#pump();
  }

  /** One packet outstanding: the next goes out when this one is acknowledged. */
  #pump(): void {
    const next = this.#unacknowledged === undefined ? this.#pending.shift() : undefined;
    if (next === undefined) return;
    const id = this.#nextId;
    const plain = (id & ~0x800) >>> 0;
    this.#nextId = (plain ^ 1) >>> 0;
    const bytes = data(next.type, id, next.payload);
    const again = (): void => {
      if (this.#unacknowledged === undefined) return;
      this.#transmit(bytes);
      this.#unacknowledged.timer = setTimeout(again, 400);
    };
    const wire = this.#habits.baud === undefined ? 0 : (bytes.length * 10_000) / this.#habits.baud;
    this.#unacknowledged = { bytes, id: plain, timer: setTimeout(again, 400 + wire) };
    if (next.type === 3) this.log.unackedPrints -= 1;
    this.#transmit(bytes);
  }

  #transmit(bytes: Buffer): void {
    this.#sent += 1;
    const { dropEvery, damageEvery, repeatEvery } = this.#habits;
    if (dropEvery !== undefined && this.#sent % dropEvery === 0) return;
    const out = Buffer.from(bytes);
    if (damageEvery !== undefined && this.#sent % damageEvery === 0) out[20] = (out[20] ?? 0) ^ 0x10;
    this.#write(out);
    if (repeatEvery !== undefined && this.#sent % repeatEvery === 0) this.#write(out);
  }

  #write(bytes: Buffer): void {
    this.log.bytesOut += bytes.length;
    const { baud } = this.#habits;
    const socket = this.#socket;
    if (baud === undefined) {
      socket?.write(bytes);
      return;
    }
    const start = Math.max(performance.now(), this.#lineFree);
    this.#lineFree = start + (bytes.length * 10_000) / baud;
    setTimeout(() => socket?.write(bytes), this.#lineFree - performance.now());
  }
}

function control(type: number, id: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(CONTROL, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt32LE(id, 8);
  return bytes;
}

function data(type: number, id: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(17 + payload.length);
  bytes.writeUInt32LE(DATA, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(payload.length, 6);
  bytes.writeUInt32LE(id, 8);
  bytes.writeUInt32LE(payload.reduce((sum, byte) => sum + byte, 0) >>> 0, 12);
  payload.copy(bytes, 16);
  bytes[16 + payload.length] = 0xaa;
  return bytes;
}
