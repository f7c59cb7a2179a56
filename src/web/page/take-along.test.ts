import { expect, test } from "vitest";
import { fileNameOf, toCsv, toTabs } from "./take-along.ts";

test("CSV quotes what has to be quoted and lets nothing run as a formula", () => {
  expect(
    toCsv([
      ["a", 1, null],
      ['x"y', "=cmd()", "p,q"],
    ]),
  ).toBe('a,1,\r\n"x""y",\'=cmd(),"p,q"\r\n');
});

test("tabs and line ends inside a cell become blanks", () => {
  expect(
    toTabs([
      ["a\tb", 2],
      ["c\nd", null],
    ]),
  ).toBe("a b\t2\nc d\t");
});

test("a file's name is safe everywhere", () => {
  expect(fileNameOf("Bytes held under <b>\\..\\x")).toBe("Bytes-held-under-b-..-x");
  expect(fileNameOf("///")).toBe("chart");
});
