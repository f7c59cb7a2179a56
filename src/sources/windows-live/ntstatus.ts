// NTSTATUS values as sentences: what Windows refused, and what can be done about it.

import { AccessError } from "../../model/errors.ts";

export const STATUS_INVALID_INFO_CLASS = 0xc0000003;
export const STATUS_INFO_LENGTH_MISMATCH = 0xc0000004;
export const STATUS_NOT_IMPLEMENTED = 0xc0000002;
export const STATUS_ACCESS_DENIED = 0xc0000022;
const STATUS_BUFFER_TOO_SMALL = 0xc0000023;
const STATUS_BUFFER_OVERFLOW = 0x80000005;

interface StatusText {
  readonly name: string;
  readonly problem: string;
  readonly needs: string;
}

const ELEVATE = "start the prompt with `Run as administrator` and try again";
const OUT_OF_MEMORY =
  "the machine is too short of memory to answer: close something and try again, or measure earlier after the next boot";

const TEXTS: Readonly<Record<number, StatusText>> = {
  [STATUS_INVALID_INFO_CLASS]: {
    name: "STATUS_INVALID_INFO_CLASS",
    problem: "this system does not tell pool tags",
    needs: "Wine never does; Windows XP does after `gflags /r +ptg` and a restart; every later Windows does",
  },
  [STATUS_INFO_LENGTH_MISMATCH]: {
    name: "STATUS_INFO_LENGTH_MISMATCH",
    problem: "Windows keeps asking for a larger buffer",
    needs: "try again; if it stays so, report the Windows build",
  },
  0xc0000001: { name: "STATUS_UNSUCCESSFUL", problem: "Windows could not answer", needs: "try again" },
  [STATUS_NOT_IMPLEMENTED]: {
    name: "STATUS_NOT_IMPLEMENTED",
    problem: "this system has not implemented the query",
    needs: "run poolscope on Windows itself, not under an emulation of it",
  },
  0xc0000005: {
    name: "STATUS_ACCESS_VIOLATION",
    problem: "Windows could not write the answer into the buffer",
    needs: "this is a bug in poolscope or in a program that hooks ntdll.dll: please report it",
  },
  0x80000002: {
    name: "STATUS_DATATYPE_MISALIGNMENT",
    problem: "Windows found the buffer misaligned",
    needs: "this is a bug in poolscope: please report it",
  },
  0xc000000d: {
    name: "STATUS_INVALID_PARAMETER",
    problem: "Windows did not accept the query",
    needs: "report the Windows build",
  },
  0xc0000017: { name: "STATUS_NO_MEMORY", problem: "Windows has no memory left to answer", needs: OUT_OF_MEMORY },
  0xc000009a: {
    name: "STATUS_INSUFFICIENT_RESOURCES",
    problem: "Windows has no pool left to answer",
    needs: OUT_OF_MEMORY,
  },
  [STATUS_ACCESS_DENIED]: { name: "STATUS_ACCESS_DENIED", problem: "Windows refused access", needs: ELEVATE },
  0xc0000061: { name: "STATUS_PRIVILEGE_NOT_HELD", problem: "a privilege is missing", needs: ELEVATE },
  0xc00000bb: {
    name: "STATUS_NOT_SUPPORTED",
    problem: "this system does not support the query",
    needs: "run poolscope on Windows itself, not in a container or under an emulation",
  },
};

/** Whether a status only asks for a larger buffer. */
export function wantsLargerBuffer(status: number): boolean {
  return (
    status === STATUS_INFO_LENGTH_MISMATCH || status === STATUS_BUFFER_TOO_SMALL || status === STATUS_BUFFER_OVERFLOW
  );
}

/** A status as text: its name where it is known, and its number. */
export function formatStatus(status: number): string {
  const hex = `0x${status.toString(16).toUpperCase().padStart(8, "0")}`;
  const known = TEXTS[status];
  return known === undefined ? `NTSTATUS ${hex}` : `${known.name}, ${hex}`;
}

/** The error for a status that is not success. `what` names what was asked for, e.g. `pool tags (class 22)`. */
export function statusError(what: string, status: number): AccessError {
  const known = TEXTS[status];
  return new AccessError(
    `cannot read ${what}: ${known?.problem ?? "Windows refused"} (${formatStatus(status)})`,
    known?.needs ?? `look the number up with \`certutil -error 0x${status.toString(16).toUpperCase()}\``,
  );
}
