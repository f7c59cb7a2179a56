// The drivers of the index that use a tag, ranked: proof before guess, own tags before those of static libraries.

import type { Milliseconds } from "../model/snapshot.ts";
import type { Tag } from "../model/tag.ts";
import { tierRank, type DriverMatch } from "../model/attribution.ts";
import { recordsWithTag, type DriverIndex } from "./index-file.ts";
import { isRecordOf, type DriverRecord } from "./record.ts";
import { isInstalledOn, type IndexMachine } from "./this-machine.ts";

/** The static library that a tag comes from, where it is known to be one's. */
export type LibraryOf = (tag: Tag) => string | undefined;

export function matchesForTag(index: DriverIndex, tag: Tag, libraryOf: LibraryOf): DriverMatch[] {
  const library = libraryOf(tag);
  const matches = recordsWithTag(index, tag).flatMap((record) => matchOf(record, tag, library, index.machine));
  return matches.sort(
    (a, b) =>
      tierRank(a.tier) - tierRank(b.tier) ||
      allocations(b) - allocations(a) ||
      b.uses.length - a.uses.length ||
      (a.file < b.file ? -1 : 1),
  );
}

/** Whether a driver allocates under the tag, or only frees. */
function allocations(match: DriverMatch): number {
  return match.uses.some((use) => !use.api.includes("Free")) ? 1 : 0;
}

function matchOf(record: DriverRecord, tag: Tag, library: string | undefined, machine: IndexMachine): DriverMatch[] {
  // Tags are kept strongest tier first.
  const found = record.tags.find((recorded) => isRecordOf(recorded, tag));
  if (found === undefined) return [];
  const { company, product, fileVersion } = record.version;
  const fileTime: Milliseconds = record.modified;
  return [
    {
      file: record.file,
      tier: found.tier,
      ...(found.mask === undefined ? {} : { pattern: found.tag }),
      ...(company === null ? {} : { company }),
      ...(product === null ? {} : { product }),
      ...(fileVersion === null ? {} : { version: fileVersion }),
      ...(record.signer === null ? {} : { signer: record.signer }),
      fileTime,
      installed: isInstalledOn(machine, record.file),
      ...(library === undefined ? {} : { library }),
      uses: found.uses.map((use) => ({
        api: use.api,
        rva: Number(use.rva),
        function: Number(use.function),
        pool: use.pool,
      })),
    },
  ];
}
