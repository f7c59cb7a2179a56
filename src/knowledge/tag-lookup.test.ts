import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTagLookup, tagOfText } from "./tag-lookup.ts";

/** Patterns matched the slow way, one character at a time, to compare with. */
function matches(pattern: string, text: string): boolean {
  if (pattern === "") return text.trimEnd() === "";
  if (pattern.startsWith("*")) {
    return matches(pattern.slice(1), text) || (text !== "" && matches(pattern, text.slice(1)));
  }
  return text !== "" && (pattern.startsWith("?") || pattern[0] === text[0]) && matches(pattern.slice(1), text.slice(1));
}

const named = (pattern: string) => pattern.replace(/[?*]/g, "").trimEnd().length;

describe("buildTagLookup", () => {
  it("finds what a slow matcher finds, and nothing more specific is left out", () => {
    const entry = fc.stringMatching(/^[AB?*][AB?*.\\]{1,3}$/).map((text) => ({ tag: text.padEnd(4) }));
    const text = fc.stringMatching(/^[AB][AB.\\]{1,3}$/).map((short) => short.padEnd(4));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), text, (entries, tag) => {
        const table = buildTagLookup(entries);
        const exact = entries.filter((each) => each.tag === tag);
        const patterns = entries.filter((each) => /[?*]/.test(each.tag) && named(each.tag) > 0);
        const fitting = patterns.filter((each) => matches(each.tag.trimEnd(), tag));
        expect(table.exact(tagOfText(tag))).toEqual(exact);
        const found = table.byPattern(tagOfText(tag));
        expect(found.length > 0).toBe(fitting.length > 0);
        for (const each of found) expect(fitting).toContain(each);
        const best = Math.max(0, ...fitting.map((each) => named(each.tag)));
        for (const each of found) expect(named(each.tag)).toBe(best);
      }),
      { numRuns: 3000 },
    );
  });

  it("takes any tag there is", () => {
    const table = buildTagLookup([{ tag: "Abc?" }, { tag: "A*  " }, { tag: "Abcd" }]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (tag) => {
        expect(table.exact(tag).length + table.byPattern(tag).length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
