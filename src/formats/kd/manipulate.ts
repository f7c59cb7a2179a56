// What is said inside packets: requests (a header of 56 bytes, data behind it), their answers, and a target's change of state.
// Offsets are the protocol's; those of the version answer are as public headers of the debugger engine name them.

import { address64, u16, u32 } from "../crash-dump/bytes.ts";

export const API = {
  readVirtual: 0x3130,
  getContext: 0x3132,
  setContext: 0x3133,
  continue2: 0x313c,
  version: 0x3146,
} as const;

export const STATE = { exception: 0x3030, loadSymbols: 0x3031 } as const;
export const BREAKPOINT = 0x80000003;
/** Goes on as if the debugger had dealt with it: our own break. */
export const CONTINUE_HANDLED = 0x00010002;
/** Goes on as it would without a debugger: an exception that is none of ours. */
export const CONTINUE_UNHANDLED = 0x80010001;

export const REQUEST_BYTES = 56;
/** Bytes of memory asked for in one request: more was never seen answered in full. */
export const CHUNK = 1024;

/** Where the program counter stands in a context, and how large the context is. */
const CONTEXTS = {
  x86: { bytes: 0x2cc, pc: 0xb8 },
  x64: { bytes: 0x4d0, pc: 0xf8 },
} as const;

export type KdArchitecture = keyof typeof CONTEXTS;

function request(api: number, cpu: number, data: Uint8Array, fields: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(REQUEST_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, api, true);
  view.setUint16(6, cpu, true);
  fields(view);
  bytes.set(data, REQUEST_BYTES);
  return bytes;
}

export function versionRequest(cpu: number): Uint8Array {
  return request(API.version, cpu, new Uint8Array(0), () => {});
}

/** `address` as the reader knows it; on the wire those of x86 are sign-extended. */
export function readRequest(cpu: number, address: bigint, length: number, pointerSize: 4 | 8): Uint8Array {
  return request(API.readVirtual, cpu, new Uint8Array(0), (view) => {
    view.setBigUint64(0x10, pointerSize === 4 ? BigInt.asUintN(64, BigInt.asIntN(32, address)) : address, true);
    view.setUint32(0x18, length, true);
  });
}

export function contextRequest(cpu: number): Uint8Array {
  return request(API.getContext, cpu, new Uint8Array(0), () => {});
}

export function setContextRequest(cpu: number, context: Uint8Array): Uint8Array {
  return request(API.setContext, cpu, context, (view) => view.setUint32(0x10, u32(context, 0), true));
}

export function continueRequest(cpu: number, status: number): Uint8Array {
  return request(API.continue2, cpu, new Uint8Array(0), (view) => view.setUint32(0x10, status, true));
}

export interface Answer {
  readonly api: number;
  /** 0 is success; else an NTSTATUS. */
  readonly status: number;
  readonly header: Uint8Array;
  readonly data: Uint8Array;
}

/** Undefined where it is shorter than the header. */
export function parseAnswer(payload: Uint8Array): Answer | undefined {
  if (payload.length < REQUEST_BYTES) return undefined;
  return {
    api: u32(payload, 0),
    status: u32(payload, 8),
    header: payload.subarray(0, REQUEST_BYTES),
    data: payload.subarray(REQUEST_BYTES),
  };
}

export interface TargetVersion {
  readonly protocol: number;
  readonly architecture: KdArchitecture | undefined;
  readonly machine: number;
  /** Windows build number where the target tells it; the minor number. */
  readonly build: number;
  readonly kernelBase: bigint;
  readonly moduleList: bigint;
  /** The list that the debugger data block hangs on. */
  readonly debuggerDataList: bigint;
}

export function parseVersion({ header }: Answer): TargetVersion {
  const machine = u16(header, 0x18);
  const architecture = machine === 0x8664 ? "x64" : machine === 0x14c ? "x86" : undefined;
  const address = (offset: number): bigint =>
    architecture === "x86" ? address64(header, offset) & 0xffffffffn : address64(header, offset);
  return {
    protocol: header[0x14] ?? 0,
    architecture,
    machine,
    build: u16(header, 0x12),
    kernelBase: address(0x20),
    moduleList: address(0x28),
    debuggerDataList: address(0x30),
  };
}

/** Bytes that a read brought; fewer than asked are normal, none where the status is a failure. */
export function parseRead({ status, header, data }: Answer, asked: number): Uint8Array {
  if (status !== 0) return new Uint8Array(0);
  return data.subarray(0, Math.min(asked, u32(header, 0x1c), data.length));
}

export interface StateChange {
  readonly state: number;
  readonly cpu: number;
  readonly cpus: number;
  readonly pc: bigint;
  /** Code of the exception record, where the state is an exception. */
  readonly exception: number | undefined;
}

const STATE_BYTES = 0x20;

/** Undefined where it is too short to be one. */
export function parseStateChange(payload: Uint8Array): StateChange | undefined {
  if (payload.length < STATE_BYTES + 4) return undefined;
  const state = u32(payload, 0);
  return {
    state,
    cpu: u16(payload, 6),
    cpus: u32(payload, 8),
    pc: address64(payload, 0x18),
    exception: state === STATE.exception ? u32(payload, STATE_BYTES) : undefined,
  };
}

/** Where a print's text stands, and its length. */
const PRINT = { api: 0x3230, length: 0x08, text: 0x10 } as const;

/** The text that a target prints, byte for byte; empty where the packet is no print. */
export function parsePrint(payload: Uint8Array): string {
  if (u32(payload, 0) !== PRINT.api) return "";
  const end = Math.min(payload.length, PRINT.text + u32(payload, PRINT.length));
  return String.fromCharCode(...payload.subarray(PRINT.text, end));
}

/** The code of a bug check that a kernel prints before it stops for its debugger; undefined in any other text. */
export function bugCheckIn(text: string): number | undefined {
  const [, code] = /Fatal System Error: 0x([0-9a-f]{8})/i.exec(text) ?? [];
  return code === undefined ? undefined : Number.parseInt(code, 16);
}

/** The program counter of a context; undefined where the bytes are no context of the architecture. */
export function programCounter(context: Uint8Array, architecture: KdArchitecture): bigint | undefined {
  const { bytes, pc } = CONTEXTS[architecture];
  if (context.length < bytes) return undefined;
  return architecture === "x86" ? BigInt(u32(context, pc)) : address64(context, pc);
}

/** The same context one byte further on. */
export function stepped(context: Uint8Array, architecture: KdArchitecture): Uint8Array {
  const { pc } = CONTEXTS[architecture];
  const next = Uint8Array.from(context);
  const view = new DataView(next.buffer);
  if (architecture === "x86") view.setUint32(pc, (view.getUint32(pc, true) + 1) >>> 0, true);
  else view.setBigUint64(pc, BigInt.asUintN(64, view.getBigUint64(pc, true) + 1n), true);
  return next;
}
