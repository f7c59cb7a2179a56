import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../model/errors.ts";
import { parsePoolTagFile } from "./pooltag-file.ts";

const encoder = new TextEncoder();
const parse = (text: string) => parsePoolTagFile(encoder.encode(text), "pooltag.txt");
const one = (line: string) => {
  const { tag, binary, description } = parse(line).entries[0] ?? { tag: "", binary: "", description: "" };
  return [tag, binary, description];
};

describe("parsePoolTagFile", () => {
  it.each([
    ["a plain line", "AbcD - abcd.sys    - things of abcd", ["AbcD", "abcd.sys", "things of abcd"]],
    ["a space-padded tag", "Ab   - <unknown>   - packets", ["Ab  ", "", "packets"]],
    ["a three-letter tag with one space", "PX1 - proxy.sys - events", ["PX1 ", "proxy.sys", "events"]],
    ["a two-letter tag with one space", "Io - nt!io - assorted", ["Io  ", "nt!io", "assorted"]],
    ["no space before the binary's column", "I4e -  tcpip.sys    - echo", ["I4e ", "tcpip.sys", "echo"]],
    ["two blanks after the tag", "Tun4  - <unknown>   - names", ["Tun4", "", "names"]],
    ["spaces in the tag", "Dh 1 - <unknown>    - surfaces", ["Dh 1", "", "surfaces"]],
    ["a dash in the tag", "A-b- - x.sys - y", ["A-b-", "x.sys", "y"]],
    ["two fields, a description", "ATmp - mount point of an app", ["ATmp", "", "mount point of an app"]],
    ["two fields, a binary", "ATmp - apptag.sys", ["ATmp", "apptag.sys", ""]],
    ["a description without a space", "AbcD - abcd.sys -text", ["AbcD", "abcd.sys", "text"]],
    ["dashes and colons in the description", "AbcD - a.sys - x - y: z", ["AbcD", "a.sys", "x - y: z"]],
    ["a dash in a description of two fields", "AbcD - big things - and small", ["AbcD", "", "big things - and small"]],
    ["a dash in the binary", "AbcD - a-b.sys - x", ["AbcD", "a-b.sys", "x"]],
    ["a module of the kernel", "MmXx - nt!mm        - x", ["MmXx", "nt!mm", "x"]],
    ["two binaries", "smXx - nt!store or rdyboost.sys - x", ["smXx", "nt!store or rdyboost.sys", "x"]],
    ["an indented description", "AfdZ - afd.sys      -     z", ["AfdZ", "afd.sys", "z"]],
    ["an indented line", "    AfdZ - afd.sys - z", ["AfdZ", "afd.sys", "z"]],
    ["tabs", "AfdZ\t-\tafd.sys\t-\tz", ["AfdZ", "afd.sys", "z"]],
    ["a pattern", "Nt?? - ntfs.sys - x", ["Nt??", "ntfs.sys", "x"]],
    ["a short pattern", "Bu*  - <unknown> - x", ["Bu* ", "", "x"]],
    ["a tag that begins like a comment", "ReMo - refs.sys - mount", ["ReMo", "refs.sys", "mount"]],
    ["a tag that begins with rem", "remX - x.sys - y", ["remX", "x.sys", "y"]],
    ["a tag Rem with its space", "Rem  - x.sys - y", ["Rem ", "x.sys", "y"]],
    ["PoolMon's bracketed drivers", "IpEQ [ipsec][tcpip]", ["IpEQ", "ipsec or tcpip", ""]],
    ["a list of drivers", "IpEQ ipsec.sys tcpip.sys", ["IpEQ", "ipsec.sys or tcpip.sys", ""]],
    ["a trailing blank", "AbcD - a.sys - x   ", ["AbcD", "a.sys", "x"]],
    ["an empty description", "AbcD - a.sys - ", ["AbcD", "a.sys", ""]],
  ])("reads %s", (_, line, expected) => {
    expect(one(line)).toEqual(expected);
    expect(parse(line).gaps).toEqual([]);
  });

  it("takes rem and // as comments and keeps line numbers", () => {
    const file = parse("rem\r\nREM words - more - words\r\n  // x\r\n//\r\n\r\nrem\tx\r\nAbcD - a.sys - x\r\n");
    expect(file.entries).toEqual([{ tag: "AbcD", binary: "a.sys", description: "x", line: 7 }]);
    expect(file.gaps).toEqual([]);
  });

  it("makes a Gap of every line it cannot read", () => {
    const file = parse(
      "AbcD - a.sys - x\n       <unknown>\nTags are Qc00 through QcFF\n-----\nfoot-note\nToolong - x - y",
    );
    expect(file.entries).toHaveLength(1);
    expect(file.gaps.map((gap) => gap.where)).toEqual([2, 3, 4, 5, 6].map((line) => `pooltag.txt, line ${line}`));
  });

  it("keeps duplicates in the order of the file", () => {
    expect(parse("Fatv - a.sys - x\nFatv - b.sys - y").entries.map((entry) => entry.binary)).toEqual([
      "a.sys",
      "b.sys",
    ]);
  });

  it("counts unreadable lines beyond the first 200", () => {
    const file = parse(`AbcD - a.sys - x\n${"???\n".repeat(1000)}`);
    expect(file.gaps).toHaveLength(201);
    expect(file.gaps.at(-1)?.problem).toBe("800 further lines up to line 1001 could not be read");
  });

  it("reads UTF-8 with mark, UTF-16 of both orders, Latin-1 and lone CR", () => {
    const text = "AbcD - a.sys - gr\u00f6\u00dfer\r\nEfgH - b.sys - y";
    const expected = parse(`\ufeff${text}`).entries;
    expect(expected.map((entry) => entry.description)).toEqual(["gr\u00f6\u00dfer", "y"]);
    const units = Uint16Array.from(`\ufeff${text}`, (char) => char.charCodeAt(0));
    const little = new Uint8Array(units.buffer);
    const big = little.map((_, i) => little[i ^ 1] ?? 0);
    const latin1 = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const loneCr = latin1.filter((byte) => byte !== 0x0a);
    for (const bytes of [encoder.encode(`\ufeff${text}`), little, big, latin1, loneCr]) {
      expect(parsePoolTagFile(bytes, "x").entries).toEqual(expected);
    }
  });

  it.each([
    ["an empty file", new Uint8Array(), /an empty file/],
    ["comments only", encoder.encode("rem\nrem\n"), /2 other lines/],
    ["a binary file", Uint8Array.of(0x4d, 0x5a, 0x90, 0), /binary data/],
    ["a file that is far too big", new Uint8Array(64 * 1024 * 1024 + 1), /too big/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parsePoolTagFile(bytes, "x")).toThrow(FormatError);
    expect(() => parsePoolTagFile(bytes, "x")).toThrow(message);
  });

  it("reads a file that is one endless line of blanks and dashes in one pass", () => {
    const bytes = encoder.encode(`AbcD - a.sys - x\n${" -".repeat(4_000_000)}\nEfgH - b.sys - y`);
    const file = parsePoolTagFile(bytes, "x");
    expect(file.entries).toHaveLength(2);
    expect(file.gaps).toEqual([{ where: "x, line 2", problem: "longer than 4096 characters" }]);
  });

  it("throws nothing but FormatError, whatever the bytes, and accounts for every line", () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom("AbcD - a.sys - x", "rem", "//", "", " \t ", "ReMo - r - m", "???", "- - -", "IpEQ [a]"),
        fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replace(/[\r\n\0]/g, "")),
      ),
      { maxLength: 30 },
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      lines.map((list) => encoder.encode(list.join("\n"))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          const file = parsePoolTagFile(input, "x");
          for (const entry of file.entries) expect(entry.tag).toHaveLength(4);
          expect(file.entries.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("finds every entry it is given, in any file", () => {
    const tag = fc.stringMatching(/^[A-Za-z0-9?*][ -~]{3}$/).filter((text) => !/^(?:rem|REM)\s|^\/\//.test(text));
    const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}\.sys$/);
    const text = fc.stringMatching(/^[A-Za-z][ -~]{0,20}[a-z]$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, word, text), { minLength: 1, maxLength: 20 }), (rows) => {
        const file = parse(rows.map((row) => row.join(" - ")).join("\r\n"));
        expect(file.entries.map((entry) => [entry.tag, entry.binary, entry.description])).toEqual(rows);
      }),
    );
  });
});
