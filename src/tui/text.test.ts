import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellWidth, cut } from "../reports/cells.ts";
import { clean, fit, fitNumber, shortBytes, shortRate, wrap } from "./text.ts";

describe("terminal text", () => {
  test("what fits is padded, what does not is cut with a mark", () => {
    expect(fit("日本語", 5)).toBe("日本…");
    expect(fit("abc", 5, "right")).toBe("  abc");
    expect(fit("abcdef", 4, "left", false)).toBe("abc~");
  });

  test("control characters and direction marks are made harmless", () => {
    expect(clean("a\x1b[31mb\u202Ec\x7f", true)).toBe("a.[31mb.c.");
    expect(clean("naïve", false)).toBe("na?ve");
  });

  test("whatever comes in, the parts fit and hold no control character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (raw, width) => {
        const text = clean(raw, true);
        expect(text).not.toMatch(/\p{Cc}/u);
        expect(cellWidth(cut(text, width))).toBeLessThanOrEqual(width);
        expect(cellWidth(fit(text, width))).toBe(width);
        expect(wrap(text, width).join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });

  test("numbers that do not fit are shortened, not cut", () => {
    expect(fitNumber(1_495_080_176, 10)).toBe("1495080176");
    expect(fitNumber(11_495_080_176, 10)).toBe("10.7G");
    expect(fitNumber(Number.NaN, 4)).toBe("-");
    expect(shortBytes(1023)).toBe("1.00K");
    expect(shortBytes(-3_000_000)).toBe("-2.86M");
    expect(shortRate(0.2)).toBe("0/h");
    expect(shortRate(2048)).toBe("+2.00K/h");
  });
});
