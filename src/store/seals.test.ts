import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leakingSnaps, openWriter, T0, temporaryFolder, writeRecording } from "./recording.test-support.ts";
import { checkSeals } from "./seals.ts";

function sealed(): DatabaseSync {
  const file = join(temporaryFolder(), "sealed");
  writeRecording(file, leakingSnaps(7), { keyframeEvery: 4 });
  writeRecording(file, leakingSnaps(6, 10_000, T0 + 70_000), { keyframeEvery: 4 });
  return new DatabaseSync(file);
}

test("every snapshot is sealed after a clean end, over sessions", () => {
  const check = checkSeals(sealed());
  expect(check).toMatchObject({ sealed: 13, snapshots: 13, broken: [], isChainWhole: true });
  expect(check.chain).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["a total", "UPDATE snapshot SET paged_bytes = 5 WHERE id = 6", [5]],
  ["a time", "UPDATE snapshot SET time = time + 1 WHERE id = 1", [1]],
  ["a tag", "UPDATE tag SET tag = tag + 1 WHERE id = 0", [1, 5, 9, 13]],
  ["a snapshot taken out", "DELETE FROM snapshot WHERE id = 8", [5]],
  ["a run taken out", "DELETE FROM snapshot WHERE id BETWEEN 5 AND 8", [5]],
  ["a gap put in", "UPDATE snapshot SET gaps = '[]' WHERE id = 13", [13]],
  ["a count put in", "INSERT INTO beside (id, counts) VALUES (2, zeroblob(0))", [1]],
])("a change is found: %s", (_, change, broken) => {
  const db = sealed();
  db.exec(change);
  expect(checkSeals(db).broken).toEqual(broken);
});

test("a run taken out with its seal breaks the chain", () => {
  const db = sealed();
  db.exec("DELETE FROM snapshot WHERE id BETWEEN 5 AND 8; DELETE FROM seal WHERE keyframe = 5");
  expect(checkSeals(db)).toMatchObject({ broken: [], isChainWhole: false });
});

test("the end of a recording that was killed is not sealed, and says so by its count", () => {
  const file = join(temporaryFolder(), "killed");
  const writer = openWriter(file, { keyframeEvery: 4 });
  writer.append(...leakingSnaps(7));
  expect(checkSeals(writer.db)).toMatchObject({ sealed: 4, snapshots: 7, broken: [], isChainWhole: true });
  writer.close(T0);
});
