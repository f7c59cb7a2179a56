import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeKeys } from "./keys.ts";

function names(input: string, final = true): string[] {
  return decodeKeys(input, final).keys.map((key) =>
    key.kind === "key" ? key.name : `${key.action} ${key.column},${key.row}`,
  );
}

describe("keys", () => {
  test("arrows in both modes, pages, control keys", () => {
    expect(names("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[1;5C")).toEqual([
      "up",
      "down",
      "pageup",
      "pagedown",
      "home",
      "end",
      "right",
    ]);
    expect(names("q\r\t\x7f\x03ä")).toEqual(["q", "enter", "tab", "backspace", "ctrl-c", "ä"]);
  });

  test("the mouse in SGR coordinates; releases and other buttons are nothing", () => {
    expect(names("\x1b[<0;5;7M\x1b[<0;5;7m\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<2;1;1M\x1b[<0;0;1M")).toEqual([
      "click 5,7",
      "wheel-up 1,1",
      "wheel-down 1,1",
    ]);
  });

  test("a lone escape waits for more, and is Esc when nothing comes", () => {
    expect(decodeKeys("\x1b")).toEqual({ keys: [], rest: "\x1b" });
    expect(names("\x1b")).toEqual(["escape"]);
    expect(names("\x1bq")).toEqual(["escape", "q"]);
    expect(decodeKeys("\x1b[<0;1").rest).toBe("\x1b[<0;1");
  });

  test("cut anywhere, the same keys come out", () => {
    const input = "a\x1b[A\x1b[<0;12;3Mq\x1bOD\x1b[6~z";
    fc.assert(
      fc.property(fc.integer({ min: 0, max: input.length }), (at) => {
        const first = decodeKeys(input.slice(0, at));
        const second = decodeKeys(first.rest + input.slice(at), true);
        expect([...first.keys, ...second.keys]).toEqual(decodeKeys(input, true).keys);
      }),
    );
  });

  test("any bytes are decoded without an error, and nothing is kept for ever", () => {
    const piece = fc.oneof(fc.constantFrom("\x1b", "[", "<", "O", ";", "1", "M", "~"), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { rest } = decodeKeys(pieces.join(""));
        expect(rest.length).toBeLessThan(64);
        expect(decodeKeys(rest, true).rest).toBe("");
      }),
    );
  });
});
