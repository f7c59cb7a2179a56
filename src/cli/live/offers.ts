// What the live view can do besides showing: owners, known leaks and drivers of tags, saving a snapshot, recording.
// Lists are read after the first frame.

import { writeFile } from "node:fs/promises";
import type { BesideRecord } from "../../attribution/beside/record.ts";
import { besideTables } from "../../attribution/beside/tables.ts";
import { isNewBoot } from "../../detect/series/boots.ts";
import { AccessError } from "../../model/errors.ts";
import type { Milliseconds, Origin, Snapshot } from "../../model/snapshot.ts";
import type { LoadedDriver } from "../../model/surroundings.ts";
import type { Tag } from "../../model/tag.ts";
import { formatIso } from "../../model/time.ts";
import type { Offers, Recorder } from "../../tui/monitor.ts";
import type { TagFacts } from "../../tui/state.ts";
import type { Io } from "../io.ts";
import { VERSION } from "../version.ts";

/** Owners, facts and completed verdicts from our notes and the user's pooltag.txt. */
export async function knowledgeOffers(
  io: Io,
  mappedDrivers: ReadonlyMap<Tag, string>,
  beside: () => BesideRecord,
  isLive: boolean,
): Promise<Partial<Offers>> {
  const { loadKnowledge } = await import("../knowledge.ts");
  const { attributed, ownerFrom } = await import("../attribution-sources.ts");
  const { knowledge } = await loadKnowledge(undefined, io);
  const lists = { knowledge, mappedDrivers, driversOf: () => [] };
  const ownerOf = ownerFrom(lists);
  let origin: Origin | undefined;
  // Files are read once somebody looks at the list, and only where they are those of the machine that is shown.
  const { describeDriver } = await import("../../sources/windows-live/driver-files.ts");
  const described = new WeakMap<LoadedDriver, LoadedDriver>();
  const describe = (driver: LoadedDriver): LoadedDriver => {
    const known = described.get(driver) ?? describeDriver(driver, io.env);
    described.set(driver, known);
    return known;
  };
  return {
    ownerOf,
    isKnown: (tag) => knowledge.isListed(tag) ?? ownerOf(tag) !== undefined,
    enrich: (diagnosis) => {
      origin = diagnosis.origin;
      return attributed(diagnosis, lists, undefined, beside());
    },
    beside: () => {
      const tables = besideTables(beside());
      const { drivers } = tables;
      return isLive && drivers !== undefined
        ? { ...tables, drivers: { ...drivers, rows: drivers.rows.map(describe) } }
        : tables;
    },
    factsOf: async (tag): Promise<TagFacts> => {
      const owner = ownerOf(tag);
      const note = knowledge.tutorialNote(tag);
      const library = knowledge.libraryOf(tag);
      // Only who asks for a tag pays for the index and what reads it.
      const { driversOfIndex } = await import("../driver-look-up.ts");
      const drivers = (await driversOfIndex(io, [tag], origin))(tag);
      return {
        ...(owner === undefined ? {} : { owner }),
        drivers,
        knownLeaks: knowledge.knownLeaksOf(tag),
        next: [{ kind: "look-up-tag", tag }],
        remarks: [
          ...(note === undefined ? [] : [`Tutorials say: ${note.claim}. In truth: ${note.truth}`]),
          ...(library === undefined
            ? []
            : [`Comes with the static library ${library}, so many vendors' drivers use it.`]),
          ...(knowledge.isListed(tag) === false
            ? ["Not in your pooltag.txt: probably a third-party driver's own."]
            : []),
          ...(drivers.length === 0 ? ["No index of this machine's drivers knows this tag."] : []),
        ],
      };
    },
  };
}

/** A file name that says what is in it and when it was made, e.g. `poolscope-BUILD-07-20261126-173501.csv`. */
function fileName(host: string | undefined, time: Milliseconds, extension: string): string {
  const stamp = formatIso(time).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const name = (host ?? "").replaceAll(/[^A-Za-z0-9_-]/g, "").slice(0, 32);
  return `poolscope-${name === "" ? "" : `${name}-`}${stamp}.${extension}`;
}

/** Saves a snapshot as CSV, which is a SOURCE again, into the present folder; never over another file. */
export async function saveSnapshot(snapshot: Snapshot): Promise<string> {
  const { renderSnapshotCsv } = await import("../../reports/snapshot-report.ts");
  const file = fileName(snapshot.origin.host, snapshot.time, "csv");
  try {
    await writeFile(file, renderSnapshotCsv(snapshot, { sort: "tag" }), { flag: "wx" });
  } catch (error) {
    throw new AccessError(`cannot write ${file} (${(error as NodeJS.ErrnoException).code ?? "?"})`, "", error);
  }
  return file;
}

/** Starts a recording in the present folder, as `poolscope record` makes them. */
export async function startRecording(io: Io, host: string | undefined, every: Milliseconds): Promise<Recorder> {
  const { RecordingWriter } = await import("../../store/writer.ts");
  const file = fileName(host, io.now(), "pool");
  const writer = RecordingWriter.open(file, {
    isNewBoot,
    now: io.now(),
    durable: true,
    every,
    program: `poolscope ${VERSION} live`,
  });
  return {
    file,
    append: (snapshot) => {
      writer.append(snapshot);
    },
    close: () => {
      writer.close(io.now());
    },
  };
}
