// Who signed a file: the subject of the signer's certificate in the embedded Authenticode signature (PKCS #7, DER).
// It is read, not verified: whether the signature is valid is for Windows to say.

import { decodeUtf8 } from "../utf8.ts";
import type { Bytes } from "./bytes.ts";
import { DIRECTORY, type PeImage } from "./image.ts";

export interface Signature {
  /** Common name (or organisation) of the signer's certificate; empty where it could not be read. */
  readonly signer: string;
}

interface Node {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

const PKCS_SIGNED_DATA = 2;
const MAX_NODES = 4096;
const SET = 0x31;
const CONTEXT_0 = 0xa0;
/** Object identifiers 2.5.4.3 (common name) and 2.5.4.10 (organisation) as DER bytes. */
const COMMON_NAME = 0x03;
const ORGANISATION = 0x0a;

/** The embedded signature, or undefined where there is none. The certificate directory holds a file offset, not an RVA. */
export function readSignature(image: PeImage): Signature | undefined {
  const directory = image.directory(DIRECTORY.certificates);
  const bytes = image.bytes;
  if (directory === undefined || directory.size < 8 || directory.rva + 8 > bytes.length) return undefined;
  const length = bytes.u32(directory.rva);
  if (length < 8 || bytes.u16(directory.rva + 6) !== PKCS_SIGNED_DATA) return undefined;
  const end = Math.min(bytes.length, directory.rva + length);
  return { signer: signerName(bytes, directory.rva + 8, end) ?? "" };
}

function signerName(bytes: Bytes, start: number, end: number): string | undefined {
  // ContentInfo { oid, [0] { SignedData { version, digests, content, [0] certificates, signerInfos } } }
  const signedData = children(bytes, children(bytes, node(bytes, start, end))[1])[0];
  const parts = children(bytes, signedData);
  const certificates = children(
    bytes,
    parts.find((part) => part.tag === CONTEXT_0),
  );
  const signers = parts.filter((part) => part.tag === SET).at(-1);
  const issuerAndSerial = children(bytes, children(bytes, children(bytes, signers)[0])[1]);
  for (const certificate of certificates) {
    // TBSCertificate { [0] version, serial, algorithm, issuer, validity, subject, ... }; version is optional.
    const fields = children(bytes, children(bytes, certificate)[0]);
    const first = fields[0]?.tag === CONTEXT_0 ? 1 : 0;
    if (!isSame(bytes, fields[first], issuerAndSerial[1])) continue;
    if (!isSame(bytes, fields[first + 2], issuerAndSerial[0])) continue;
    return subjectName(bytes, fields[first + 4]);
  }
  return undefined;
}

function subjectName(bytes: Bytes, subject: Node | undefined): string | undefined {
  let organisation: string | undefined;
  for (const set of children(bytes, subject)) {
    const [oid, value] = children(bytes, children(bytes, set)[0]);
    if (oid === undefined || value === undefined || oid.end - oid.body !== 3) continue;
    if (bytes.u8(oid.body) !== 0x55 || bytes.u8(oid.body + 1) !== 4) continue;
    const kind = bytes.u8(oid.body + 2);
    if (kind === COMMON_NAME) return text(bytes, value);
    if (kind === ORGANISATION) organisation = text(bytes, value);
  }
  return organisation;
}

/** A DER string: BMPString is UTF-16 big-endian, UTF8String is decoded, and so is the rest where it is valid UTF-8. */
function text(bytes: Bytes, value: Node): string {
  const length = Math.min(256, value.end - value.body);
  if (value.tag !== 0x1e) return decodeUtf8(bytes.data.subarray(value.body, value.body + length));
  let result = "";
  for (let i = 0; i + 1 < length; i += 2) {
    result += String.fromCharCode((bytes.u8(value.body + i) << 8) | bytes.u8(value.body + i + 1));
  }
  return result;
}

function isSame(bytes: Bytes, a: Node | undefined, b: Node | undefined): boolean {
  if (a === undefined || b === undefined || a.end - a.start !== b.end - b.start) return false;
  for (let i = 0; i < a.end - a.start; i++) if (bytes.u8(a.start + i) !== bytes.u8(b.start + i)) return false;
  return true;
}

/** The nodes inside a constructed node; empty for a primitive one or where the encoding is broken. */
function children(bytes: Bytes, parent: Node | undefined): Node[] {
  const found: Node[] = [];
  if (parent === undefined || (parent.tag & 0x20) === 0) return found;
  let at = parent.body;
  while (at < parent.end && found.length < MAX_NODES) {
    const child = node(bytes, at, parent.end);
    if (child === undefined) break;
    found.push(child);
    at = child.end;
  }
  return found;
}

function node(bytes: Bytes, start: number, limit: number): Node | undefined {
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
