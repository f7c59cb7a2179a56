import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { renderSnapshotLine } from "../formats/snapshot-lines.ts";
import { RecordingReader } from "./reader.ts";
import { SCHEMA_VERSION } from "./schema.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/recordings/${name}`, import.meta.url));

test.each(Array.from({ length: SCHEMA_VERSION }, (_, i) => i + 1))(
  "a recording of version %i reads as it did when it was written",
  (version) => {
    const reader = RecordingReader.open(fixture(`version-${version}.pool`));
    try {
      const lines = Array.from(reader.snapshots(), renderSnapshotLine);
      expect(lines).toEqual(
        readFileSync(fixture(`version-${version}.jsonl`), "utf8")
          .trimEnd()
          .split("\n"),
      );
      expect(reader.gaps).toEqual([]);
      expect(reader.mappedDrivers()).toEqual(new Map([[0x6b61654c, "leak.sys"]]));
    } finally {
      reader.close();
    }
  },
);
