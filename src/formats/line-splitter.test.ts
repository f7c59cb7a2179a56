import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter, MAX_LINE_BYTES } from "./line-splitter.ts";
import { latin1 } from "./text-format.ts";

function split(chunks: readonly Uint8Array[]): { lines: string[]; tooLong: number[] } {
  const lines: string[] = [];
  const tooLong: number[] = [];
  const splitter = new LineSplitter(
    (text, start, end) => lines.push(latin1(text, start, end)),
    (line) => tooLong.push(line),
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, tooLong };
}

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

test("LF and CRLF end a line, CR where there is no LF, and the last line may lack its end", () => {
  expect(split([bytes("a\nb\r\nc")]).lines).toEqual(["a", "b", "c"]);
  expect(split([bytes("a\rb\r"), bytes("c")]).lines).toEqual(["a", "b", "c"]);
  expect(split([bytes("a\r"), bytes("\nb\n\n")]).lines).toEqual(["a", "b", ""]);
});

test("however the text is cut into chunks, the lines are the same", () => {
  const text = fc
    .array(fc.constantFrom("a", "bb", "\n", "\r\n", " "), { maxLength: 60 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 40 }), (whole, sizes) => {
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (let i = 0; at < whole.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        chunks.push(bytes(whole.slice(at, at + size)));
        at += size;
      }
      expect(split(chunks)).toEqual(split([bytes(whole)]));
    }),
  );
});

test("a line of 256 MB costs no memory and is reported with its number; the lines around it stay", () => {
  const before = process.memoryUsage().rss;
  const lines: string[] = [];
  const tooLong: number[] = [];
  const splitter = new LineSplitter(
    (text, start, end) => lines.push(latin1(text, start, end)),
    (line) => tooLong.push(line),
  );
  splitter.push(bytes("first\n"));
  const chunk = new Uint8Array(1024 * 1024).fill(0x61);
  for (let i = 0; i < 256; i++) splitter.push(chunk);
  splitter.push(bytes("\nlast"));
  splitter.end();
  expect(lines).toEqual(["first", "last"]);
  expect(tooLong).toEqual([2]);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  expect(MAX_LINE_BYTES).toBe(65_536);
});
