// Puts signatures into a PE file as signing tools do: one in the certificate table, each further one nested in the first.
// Nothing is signed in truth: names and digests are where Authenticode has them, keys and values are not.

import { createHash } from "node:crypto";
import { PeImage } from "../../src/formats/pe/image.ts";

export interface Signer {
  readonly signer: string;
  readonly programName: string;
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80 ? Buffer.from([body.length]) : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => tlv(0x31, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, "hex"));
const integer = (value: number): Buffer => tlv(0x02, Buffer.from([value]));
const name = (text: string): Buffer => sequence(set(sequence(oid("550403"), tlv(0x0c, Buffer.from(text)))));

/** A copy of an unsigned PE file with these signatures. */
export function signedPe(file: Uint8Array, signers: readonly Signer[]): Uint8Array {
  const { checksumOffset, directoryOffset } = new PeImage(file);
  const entry = directoryOffset + 8 * 4;
  const digest = createHash("sha256")
    .update(file.subarray(0, checksumOffset))
    .update(file.subarray(checksumOffset + 4, entry))
    .update(file.subarray(entry + 8))
    .digest();
  const [first, ...nested] = signers.map((signer, serial) => ({ ...signer, serial: serial + 1 }));
  if (first === undefined) return file.slice();
  const inner = nested.map((signer) => signature(signer, digest, []));
  const outer = signature(first, digest, inner);
  const size = (8 + outer.length + 7) & ~7;
  const table = Buffer.alloc(size);
  table.writeUInt32LE(8 + outer.length, 0);
  table.writeUInt16LE(0x200, 4);
  table.writeUInt16LE(2, 6);
  outer.copy(table, 8);
  const result = Buffer.concat([file, table]);
  result.writeUInt32LE(file.length, entry);
  result.writeUInt32LE(size, entry + 4);
  return Uint8Array.from(result);
}

function signature(
  { signer, programName, serial }: Signer & { serial: number },
  digest: Buffer,
  nested: readonly Buffer[],
): Buffer {
  const issuer = name("Some Authority");
  const sha256 = sequence(oid("608648016503040201"), tlv(0x05));
  const content = sequence(sequence(oid("2b06010401823702010f"), tlv(0x05)), sequence(sha256, tlv(0x04, digest)));
  const certificate = sequence(
    sequence(tlv(0xa0, integer(2)), integer(serial), sha256, issuer, sequence(), name(signer)),
  );
  const wide = Buffer.from(programName, "utf16le").swap16();
  const attributes = tlv(0xa0, sequence(oid("2b06010401823702010c"), set(sequence(tlv(0xa0, tlv(0x80, wide))))));
  const unsigned = nested.length === 0 ? [] : [tlv(0xa1, sequence(oid("2b060104018237020401"), set(...nested)))];
  const signerInfo = sequence(
    integer(1),
    sequence(issuer, integer(serial)),
    sha256,
    attributes,
    sha256,
    tlv(0x04, Buffer.alloc(8)),
    ...unsigned,
  );
  const signedData = sequence(
    integer(1),
    set(sha256),
    sequence(oid("2b060104018237020104"), tlv(0xa0, content)),
    tlv(0xa0, certificate),
    set(signerInfo),
  );
  return sequence(oid("2a864886f70d010702"), tlv(0xa0, signedData));
}
