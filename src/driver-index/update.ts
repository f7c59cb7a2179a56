// Brings the index up to date with some folders and files: scans what is new or changed, keeps the rest.

import type { Gap, Milliseconds } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { findDriverFiles } from "./find-files.ts";
import { allRecords, readIndex, writeIndex } from "./index-file.ts";
import type { DriverRecord } from "./record.ts";
import { machineServices } from "./machine.ts";
import { mayHold } from "./prefilter.ts";
import { scanFiles } from "./scan-files.ts";
import { isSameMachine, readThisMachine, type IndexMachine } from "./this-machine.ts";

export interface UpdateOptions {
  /** Path of the index; undefined to keep none. */
  readonly index: string | undefined;
  /** Scan everything again. */
  readonly fresh: boolean;
  readonly now: Milliseconds;
  /** The machine that this program runs on; found out where it is left out. */
  readonly machine?: IndexMachine;
  /** Only files that hold one of these tags in their bytes, or may derive it, are scanned; the others are counted. */
  readonly holding?: readonly Tag[];
  readonly onProgress: (done: number, total: number) => void;
}

export interface Update {
  /** The drivers under the paths asked for, in order. */
  readonly records: readonly DriverRecord[];
  readonly scanned: number;
  /** Files that hold none of the tags asked for, and so were not scanned. */
  readonly passedOver: number;
  readonly gaps: readonly Gap[];
}

/** Scans the drivers under `paths` (absolute). A file of known size and time is taken from the index. */
export async function updateDrivers(paths: readonly string[], options: UpdateOptions): Promise<Update> {
  const { files, gaps } = await findDriverFiles(paths);
  const machine = options.machine ?? (await readThisMachine(process.env, process.platform));
  const found = options.index === undefined ? undefined : await readIndex(options.index);
  // An index that came along from another machine: what it says of paths there is no answer here.
  const isForeign = found !== undefined && !isSameMachine(found.machine, machine);
  const index = isForeign ? undefined : found;
  const known = index === undefined ? new Map<string, DriverRecord>() : allRecords(index);
  const isCurrent = (file: string, size: number, modified: Milliseconds): boolean => {
    const record = known.get(file);
    return record !== undefined && record.size === size && record.modified === modified && record.sha256 !== "";
  };
  const wanted = options.fresh ? files : files.filter(({ file, size, modified }) => !isCurrent(file, size, modified));
  const services = wanted.length === 0 ? undefined : await machineServices(process.env, process.platform);
  const named = wanted.map((facts) => {
    const service = services?.get(facts.file.toLowerCase());
    return service === undefined ? facts : { ...facts, service };
  });
  const { holding } = options;
  const worthScanning = holding === undefined ? named : named.filter((facts) => mayHold(facts, holding));
  const passedOver = new Set(named.filter((facts) => !worthScanning.includes(facts)).map(({ file }) => file));
  const total = worthScanning.reduce((sum, file) => sum + file.size, 0);
  const scanned = await scanFiles(worthScanning, (done) => options.onProgress(done, total));
  for (const record of scanned) known.set(record.file, record);
  const present = new Set(files.map(({ file }) => file));
  const vanished = [...known.keys()].filter((file) => !present.has(file) && isUnder(file, paths));
  for (const file of vanished) known.delete(file);
  const allGaps = [
    ...gaps,
    ...(isForeign && options.index !== undefined
      ? [{ where: options.index, problem: `it was made on another machine, ${found.machine.host}, and is made anew` }]
      : []),
    ...vanished.map((file) => ({ where: file, problem: "it was in the index and is gone" })),
  ];
  if (options.index !== undefined && (scanned.length > 0 || vanished.length > 0 || index === undefined)) {
    try {
      await writeIndex(options.index, known.values(), { updated: options.now, machine });
    } catch (error) {
      allGaps.push({ where: options.index, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  const records = files.flatMap(({ file }) => (passedOver.has(file) ? [] : (known.get(file) ?? [])));
  return { records, scanned: scanned.length, passedOver: passedOver.size, gaps: allGaps };
}

function isUnder(file: string, paths: readonly string[]): boolean {
  return paths.some(
    (path) =>
      file === path ||
      file.startsWith(path.endsWith("/") || path.endsWith("\\") ? path : `${path}/`) ||
      file.startsWith(`${path}\\`),
  );
}
