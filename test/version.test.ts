import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VERSION } from "../src/cli/version.ts";

test("the program's version is package.json's", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  expect(VERSION).toBe(manifest.version);
});
