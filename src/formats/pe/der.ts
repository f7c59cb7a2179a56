// The parts of DER that signatures are made of: nodes of a tag and a length, in a bounded walk.

import { decodeUtf8 } from "../utf8.ts";
import type { Bytes } from "./bytes.ts";

/** One node; `start` to `body` is its head, `body` to `end` what it holds. */
export interface DerNode {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

export const DER = { octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0, context1: 0xa1 } as const;

const MAX_NODES = 4096;
const MAX_TEXT = 256;
const BMP_STRING = 0x1e;

/** The node at an offset, or undefined where none fits in front of `limit`. */
export function derNode(bytes: Bytes, start: number, limit: number): DerNode | undefined {
  if (start + 2 > limit) return undefined;
  const tag = bytes.u8(start);
  const first = bytes.u8(start + 1);
  let body = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || body + count > limit) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + bytes.u8(body + i);
    body += count;
  }
  return body + length > limit ? undefined : { tag, start, body, end: body + length };
}

/** The nodes inside a constructed node; empty for a primitive one or where the encoding is broken. */
export function derChildren(bytes: Bytes, parent: DerNode | undefined): DerNode[] {
  const found: DerNode[] = [];
  if (parent === undefined || (parent.tag & 0x20) === 0) return found;
  let at = parent.body;
  while (at < parent.end && found.length < MAX_NODES) {
    const child = derNode(bytes, at, parent.end);
    if (child === undefined) break;
    found.push(child);
    at = child.end;
  }
  return found;
}

/** What a node holds, as hexadecimal digits; empty where there is none. */
export function derHex(bytes: Bytes, node: DerNode | undefined): string {
  if (node === undefined) return "";
  let text = "";
  for (let at = node.body; at < Math.min(node.end, node.body + MAX_TEXT); at++) {
    text += bytes.u8(at).toString(16).padStart(2, "0");
  }
  return text;
}

/** A string: BMPString is UTF-16 big-endian, the rest UTF-8 where it is valid and otherwise Latin-1. */
export function derText(bytes: Bytes, node: DerNode, isWide = node.tag === BMP_STRING): string {
  const length = Math.min(2 * MAX_TEXT, node.end - node.body);
  if (!isWide) return decodeUtf8(bytes.data.subarray(node.body, node.body + Math.min(MAX_TEXT, length)));
  let text = "";
  for (let i = 0; i + 1 < length; i += 2) {
    text += String.fromCharCode((bytes.u8(node.body + i) << 8) | bytes.u8(node.body + i + 1));
  }
  return text;
}

export function isSameDer(bytes: Bytes, a: DerNode | undefined, b: DerNode | undefined): boolean {
  if (a === undefined || b === undefined || a.end - a.start !== b.end - b.start) return false;
  for (let i = 0; i < a.end - a.start; i++) if (bytes.u8(a.start + i) !== bytes.u8(b.start + i)) return false;
  return true;
}
