// Reads one file and scans it. Whatever is wrong with the file is said in the record; nothing is thrown for it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { scanDriver, type DriverScan, type ScanTools } from "../drivers/scan.ts";
import type { RecordedSignature, ServiceName } from "../model/driver.ts";
import { createInfReader } from "./inf.ts";
import { toRecord, unreadRecord, type DriverRecord, type FileFacts } from "./record.ts";

/** Larger files are no drivers; the largest known ones have about 100 MB. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Scans kept for copies of the same file: the driver store holds one of almost everything in the drivers folder. */
const MAX_KEPT = 64;

export type ScanFile = (facts: FileFacts) => DriverRecord;

/** A scanner of files for one thread. It reads synchronously: the thread has nothing else to do. */
export function createFileScanner(tools: ScanTools): ScanFile {
  const kept = new Map<string, DriverScan>();
  const serviceOf = createInfReader();
  return (facts) => {
    if (facts.size > MAX_BYTES) return unreadRecord(facts, `not read: ${facts.size} bytes is too large for a driver`);
    let bytes: Buffer;
    try {
      bytes = readFileSync(facts.file);
    } catch (error) {
      return unreadRecord(facts, `not read: ${error instanceof Error ? error.message : String(error)}`);
    }
    const name = basename(facts.file, extname(facts.file));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    // The name is part of what a scan finds: KMDF's own tag is derived from it.
    const fromInf = facts.service === undefined ? serviceOf(facts.file) : undefined;
    const service: ServiceName | undefined =
      facts.service !== undefined
        ? { name: facts.service, from: "registry" }
        : fromInf === undefined
          ? undefined
          : { name: fromInf, from: "INF" };
    const key = `${sha256} ${name} ${service?.name ?? ""}`;
    try {
      const scan = kept.get(key) ?? scanDriver(bytes, name, tools, undefined, service);
      kept.set(key, scan);
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      return toRecord(facts, sha256, scan, checkSignatures(bytes, scan));
    } catch (error) {
      // A bug in the scanner must not cost the scan of a thousand other drivers; the file that shows it is named.
      const found = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return unreadRecord(facts, `not analysed: ${found}`);
    }
  };
}

/** Computes what the signatures of a file are of, and says of each whether it still fits. */
export function checkSignatures(bytes: Buffer, scan: DriverScan): RecordedSignature[] {
  const computed = new Map<string, string>();
  const digest = (algorithm: string): string => {
    const known = computed.get(algorithm);
    if (known !== undefined) return known;
    const hash = createHash(algorithm);
    for (const [start, end] of scan.signedRanges) hash.update(bytes.subarray(start, end));
    const hex = hash.digest("hex");
    computed.set(algorithm, hex);
    return hex;
  };
  return scan.signatures.map(({ signer, programName, digest: signed }) => ({
    signer,
    programName: programName ?? null,
    intact: signed === undefined ? null : digest(signed.algorithm) === signed.hex,
  }));
}
