import fc from "fast-check";
import { expect, test } from "vitest";
import { ansiPaint, plainPaint, safeForTerminal, visible } from "./terminal-text.ts";

const ESCAPE = String.fromCharCode(0x1b);
/** All that can drive a terminal or turn text around: C0, DEL, C1, format characters, line separators. */
const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test("a name from a file cannot drive a terminal", () => {
  expect(visible("a\u001B[2Jb\u009B1mc\u007Fd\u202Ee\r\n")).toBe(
    "a\\u{1b}[2Jb\\u{9b}1mc\\u{7f}d\\u{202e}e\\u{0d}\\u{0a}",
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !HOSTILE.test(visible(text))));
});

test("what reaches a terminal are our own colours, line ends and status lines, and nothing else that drives it", () => {
  for (const paint of Object.values(ansiPaint)) expect(safeForTerminal(paint("word"))).toBe(paint("word"));
  for (const paint of Object.values(plainPaint)) expect(safeForTerminal(paint("word"))).toBe("word");
  expect(safeForTerminal("\r\u001B[Kreading 5 %")).toBe("\r\u001B[Kreading 5 %");
  expect(safeForTerminal("one\ntwo\tthree\r\n")).toBe("one\ntwo\tthree\r\n");
  expect(safeForTerminal("\u001B[8mhidden\u001B]0;title\u0007\u009B2J\rover")).toBe(
    "\\u{1b}[8mhidden\\u{1b}]0;title\\u{07}\\u{9b}2J\\u{0d}over",
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const ours = new RegExp(`${ESCAPE}\\[(?:0|1|2|22|33|36|39|1;31)m|\\r${ESCAPE}\\[K|\\r\\n|[\\n\\t]`, "gu");
      return !HOSTILE.test(safeForTerminal(text).replaceAll(ours, ""));
    }),
  );
});
