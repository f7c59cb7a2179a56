import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "./recording.test-support.ts";
import { CREATE, SCHEMA_VERSION, upgradeFrom, upgrades } from "./schema.ts";

test("there is one step from each version to the next", () => {
  expect(upgrades).toHaveLength(SCHEMA_VERSION - 1);
});

test("steps run in order from the version of the file, each whole or not at all", () => {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (a); PRAGMA user_version = 2");
  const steps = [
    () => expect.unreachable("version 2 needs no step from 1"),
    (on: DatabaseSync) => on.exec("ALTER TABLE t ADD COLUMN b"),
    (on: DatabaseSync) => on.exec("ALTER TABLE t ADD COLUMN c; ALTER TABLE none ADD COLUMN d"),
  ];
  expect(() => upgradeFrom(db, 2, steps)).toThrow(/no such table/);
  expect(db.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 3 });
  expect(db.prepare("SELECT group_concat(name) AS names FROM pragma_table_info('t')").get()).toMatchObject({
    names: "a,b",
  });
});

/** Every statement of a schema without the white space that ALTER TABLE and CREATE set differently. */
function schemaOf(db: DatabaseSync): string[] {
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
  return rows.map(({ sql }) => String(sql).replaceAll(/\s+/g, "")).sort();
}

test("a file that was brought up to date has the very schema of a new one", () => {
  const fresh = new DatabaseSync(":memory:");
  fresh.exec(CREATE);
  for (let version = 1; version < SCHEMA_VERSION; version++) {
    const copy = join(temporaryFolder(), "old");
    copyFileSync(
      fileURLToPath(new URL(`../../test/fixtures/recordings/version-${version}.pool`, import.meta.url)),
      copy,
    );
    const old = new DatabaseSync(copy);
    upgradeFrom(old, version);
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
    old.close();
  }
});
