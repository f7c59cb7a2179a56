import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { renderSnapshotLine } from "../formats/snapshot-lines.ts";
import { RecordingReader } from "./reader.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { checkSeals } from "./seals.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/recordings/${name}`, import.meta.url));

test.each(Array.from({ length: SCHEMA_VERSION }, (_, i) => i + 1))(
  "a recording of version %i reads as it did when it was written",
  (version) => {
    const reader = RecordingReader.open(fixture(`version-${version}.pool`));
    try {
      const lines = Array.from(reader.snapshots(), (snapshot) => renderSnapshotLine(snapshot));
      expect(lines).toEqual(
        readFileSync(fixture(`version-${version}.jsonl`), "utf8")
          .trimEnd()
          .split("\n"),
      );
      expect(reader.gaps).toEqual([]);
      expect(checkSeals(reader.db)).toMatchObject({ broken: [], isChainWhole: true, sealed: version < 2 ? 0 : 12 });
      expect(reader.mappedDrivers()).toEqual(new Map([[0x6b61654c, "leak.sys"]]));
    } finally {
      reader.close();
    }
  },
);
