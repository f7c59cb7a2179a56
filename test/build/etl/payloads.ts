// Payloads of the kernel events that a pool trace consists of, from their published fields.

import { guidBytes } from "./trace-writer.ts";

export const IMAGE_GUID = "2cb15d1d-5fc1-11d2-abe1-00a0c911f518";
export const IDENTITY_GUID = "b3e675d7-2554-4f18-830b-2762732560de";

/** Fields one after the other: [value, bytes], text as UTF-16 with its NUL, or bytes as they are. */
export type Field = readonly [bigint | number, 1 | 2 | 4 | 8] | string | Uint8Array;

export function payload(...fields: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const field of fields) {
    if (typeof field === "string") {
      for (let i = 0; i <= field.length; i++) {
        const unit = i < field.length ? field.charCodeAt(i) : 0;
        bytes.push(unit & 0xff, unit >>> 8);
      }
    } else if (field instanceof Uint8Array) bytes.push(...field);
    else for (let i = 0, value = BigInt(field[0]); i < field[1]; i++, value >>= 8n) bytes.push(Number(value & 0xffn));
  }
  return Uint8Array.from(bytes);
}

export function tagNumber(text: string): number {
  return Array.from({ length: 4 }, (_, i) => text.padEnd(4).charCodeAt(i) * 256 ** i).reduce(
    (sum, each) => sum + each,
    0,
  );
}

export function poolPayload(
  p: 4 | 8,
  type: number,
  tag: string,
  bytes: number,
  address: bigint,
  session?: number,
): Uint8Array {
  return payload(
    [type, 4],
    [tagNumber(tag), 4],
    [bytes, p],
    [address, p],
    ...(session === undefined ? [] : [[session, 4] as const]),
  );
}

export function stackPayload(p: 4 | 8, raw: bigint, process: number, frames: readonly bigint[]): Uint8Array {
  return payload([raw, 8], [process, 4], [process + 4, 4], ...frames.map((frame) => [frame, p] as const));
}

export function definitionPayload(p: 4 | 8, key: bigint, frames: readonly bigint[]): Uint8Array {
  return payload([key, p], ...frames.map((frame) => [frame, p] as const));
}

/** Version 3 of the image event. */
export function imagePayload(p: 4 | 8, base: bigint, bytes: number, stamp: number, path: string): Uint8Array {
  return payload([base, p], [bytes, p], [0, 4], [0x1234, 4], [stamp, 4], [0, 4], [base, p], [0, 8], [0, 8], path);
}

export function versionPayload(bytes: number, stamp: number, name: string, company: string): Uint8Array {
  return payload(
    [bytes, 4],
    [stamp, 4],
    name,
    "a driver",
    "1.2.3.4",
    "1.2.3.4",
    "English",
    "Product",
    company,
    "1.2",
    "tail",
  );
}

export function pdbPayload(p: 4 | 8, base: bigint, guid: string, age: number, file: string): Uint8Array {
  return payload(
    [base, p],
    [0, 4],
    guidBytes(guid),
    [age, 4],
    Uint8Array.from(`${file}\0`, (char) => char.charCodeAt(0)),
  );
}

/** Version 4 of the process event, with a SID of two parts. */
export function processPayload(p: 4 | 8, process: number, name: string): Uint8Array {
  const sid = [
    [1, p],
    [0, p],
    [1, 1],
    [2, 1],
    [0, 4],
    [0x0500, 2],
    [32, 4],
    [544, 4],
  ] as const;
  return payload(
    [0x8000_1000, p],
    [process, 4],
    [4, 4],
    [0, 4],
    [259, 4],
    [0x1000, p],
    [0, 4],
    ...sid,
    Uint8Array.from(`${name}\0`, (char) => char.charCodeAt(0)),
    "command line",
  );
}
