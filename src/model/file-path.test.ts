import { expect, test } from "vitest";
import { baseName } from "./file-path.ts";

test.each([
  ["C:\\Windows\\System32\\drivers\\acme.sys", "acme.sys"],
  ["/mnt/c/drivers/acme.sys", "acme.sys"],
  ["C:\\mixed/acme.sys", "acme.sys"],
  ["\\SystemRoot\\drivers\\", "drivers"],
  ["acme.sys", "acme.sys"],
  ["", ""],
  ["\\", "\\"],
])("%s ends in %s", (path, name) => {
  expect(baseName(path)).toBe(name);
});
