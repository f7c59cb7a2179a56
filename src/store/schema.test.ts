import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { SCHEMA_VERSION, upgradeFrom, upgrades } from "./schema.ts";

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
