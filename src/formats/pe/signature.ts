// Who signed a file: the signers of all embedded Authenticode signatures (PKCS #7), nested ones too, the publisher's name
// they carry, and the digest they are of. Whether a certificate can be trusted is for Windows to say.
// Spec: Microsoft "Windows Authenticode Portable Executable Signature Format".

import type { Bytes } from "./bytes.ts";
import { DER, derChildren, derHex, derNode, derText, isSameDer, type DerNode } from "./der.ts";
import { DIRECTORY, type PeImage } from "./image.ts";

export interface Signature {
  /** Common name (or organisation) of the signer's certificate; empty where it could not be read. */
  readonly signer: string;
  /** The name that the signature gives the program: the vendor's, where Microsoft's hardware publisher signed. */
  readonly programName: string | undefined;
  /** What was signed: the digest of the file without its signatures; undefined where it could not be read. */
  readonly digest: SignedDigest | undefined;
}

export interface SignedDigest {
  readonly algorithm: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** Lower-case hexadecimal digits. */
  readonly hex: string;
}

const PKCS_SIGNED_DATA = 2;
const MAX_SIGNATURES = 16;
const MAX_NESTING = 4;
/** Object identifiers in DER, as hexadecimal digits. */
const OID = {
  commonName: "550403",
  organisation: "55040a",
  opusInfo: "2b06010401823702010c",
  nestedSignature: "2b060104018237020401",
} as const;
const DIGESTS: Readonly<Record<string, SignedDigest["algorithm"]>> = {
  "2a864886f70d0205": "md5",
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

/** All embedded signatures, nested ones behind the one that carries them; empty where there is none. */
export function readSignatures(image: PeImage): Signature[] {
  const { bytes } = image;
  const found: Signature[] = [];
  const directory = image.directory(DIRECTORY.certificates);
  // This directory holds a file offset, not an RVA.
  if (directory === undefined || directory.size < 8) return found;
  const end = Math.min(bytes.length, directory.rva + directory.size);
  for (let at = directory.rva; at + 8 <= end && found.length < MAX_SIGNATURES;) {
    const length = bytes.u32(at);
    if (length < 8) break;
    if (bytes.u16(at + 6) === PKCS_SIGNED_DATA) {
      addSignature(bytes, derNode(bytes, at + 8, Math.min(end, at + length)), found, 0);
    }
    at += 8 * Math.ceil(length / 8);
  }
  return found;
}

/**
 * The parts of a file that a signature's digest is of, in order: all but the checksum, the entry of the certificate
 * directory, and the certificates.
 */
export function signedRanges(image: PeImage): (readonly [start: number, end: number])[] {
  const { checksumOffset, directoryOffset, bytes } = image;
  const entry = directoryOffset + 8 * DIRECTORY.certificates;
  const table = image.directory(DIRECTORY.certificates);
  const tableStart = Math.min(bytes.length, table?.rva ?? bytes.length);
  const tableEnd = Math.min(bytes.length, tableStart + (table?.size ?? 0));
  return [
    [0, checksumOffset],
    [checksumOffset + 4, entry],
    [entry + 8, tableStart],
    [tableEnd, bytes.length],
  ];
}

function addSignature(bytes: Bytes, contentInfo: DerNode | undefined, found: Signature[], depth: number): void {
  // ContentInfo { oid, [0] { SignedData { version, digests, content, [0] certificates, signerInfos } } }
  const parts = derChildren(bytes, derChildren(bytes, derChildren(bytes, contentInfo)[1])[0]);
  const signerInfo = derChildren(bytes, derChildren(bytes, parts.filter(({ tag }) => tag === DER.set).at(-1))[0]);
  const certificates = derChildren(
    bytes,
    parts.find(({ tag }) => tag === DER.context0),
  );
  const signed = attributes(
    bytes,
    signerInfo.find(({ tag }) => tag === DER.context0),
  );
  const unsigned = attributes(
    bytes,
    signerInfo.find(({ tag }) => tag === DER.context1),
  );
  found.push({
    signer: signerName(bytes, certificates, signerInfo[1]) ?? "",
    programName: programName(bytes, signed.get(OID.opusInfo)),
    digest: digestOf(bytes, parts[2]),
  });
  if (depth >= MAX_NESTING) return;
  for (const nested of derChildren(bytes, unsigned.get(OID.nestedSignature))) {
    if (found.length < MAX_SIGNATURES) addSignature(bytes, nested, found, depth + 1);
  }
}

/** The values (each a SET) of a list of attributes by their object identifier. */
function attributes(bytes: Bytes, list: DerNode | undefined): Map<string, DerNode> {
  const found = new Map<string, DerNode>();
  for (const attribute of derChildren(bytes, list)) {
    const [oid, values] = derChildren(bytes, attribute);
    if (oid !== undefined && values !== undefined) found.set(derHex(bytes, oid), values);
  }
  return found;
}

function signerName(
  bytes: Bytes,
  certificates: readonly DerNode[],
  issuerAndSerial: DerNode | undefined,
): string | undefined {
  const [issuer, serial] = derChildren(bytes, issuerAndSerial);
  for (const certificate of certificates) {
    // TBSCertificate { [0] version, serial, algorithm, issuer, validity, subject, ... }; version is optional.
    const fields = derChildren(bytes, derChildren(bytes, certificate)[0]);
    const first = fields[0]?.tag === DER.context0 ? 1 : 0;
    if (!isSameDer(bytes, fields[first], serial) || !isSameDer(bytes, fields[first + 2], issuer)) continue;
    return subjectName(bytes, fields[first + 4]);
  }
  return undefined;
}

function subjectName(bytes: Bytes, subject: DerNode | undefined): string | undefined {
  let organisation: string | undefined;
  for (const set of derChildren(bytes, subject)) {
    const [oid, value] = derChildren(bytes, derChildren(bytes, set)[0]);
    if (value === undefined) continue;
    const kind = derHex(bytes, oid);
    if (kind === OID.commonName) return derText(bytes, value);
    if (kind === OID.organisation) organisation = derText(bytes, value);
  }
  return organisation;
}

/** SpcSpOpusInfo { [0] { SpcString: [0] UTF-16 or [1] ASCII }, [1] more information }. */
function programName(bytes: Bytes, values: DerNode | undefined): string | undefined {
  const info = derChildren(bytes, derChildren(bytes, values)[0]);
  const [text] = derChildren(
    bytes,
    info.find(({ tag }) => tag === DER.context0),
  );
  if (text === undefined) return undefined;
  const name = derText(bytes, text, text.tag === 0x80).trim();
  return name === "" ? undefined : name;
}

/** SpcIndirectDataContent { data, DigestInfo { { algorithm }, digest } } in the signed content. */
function digestOf(bytes: Bytes, content: DerNode | undefined): SignedDigest | undefined {
  const indirect = derChildren(bytes, derChildren(bytes, derChildren(bytes, content)[1])[0]);
  const [algorithm, digest] = derChildren(bytes, indirect[1]);
  const name = DIGESTS[derHex(bytes, derChildren(bytes, algorithm)[0])];
  return name === undefined || digest?.tag !== DER.octets ? undefined : { algorithm: name, hex: derHex(bytes, digest) };
}
