// The two classes of published leaks: a case needs a tag of its own, a pattern its measured sign.

import { describe, expect, it } from "vitest";
import type { CaseRow } from "../model/known-case.ts";
import { parseTag } from "../model/tag.ts";
import { inboxRoleOf } from "./inbox-drivers.ts";
import { casesNaming, knownCases, matchCases, matchPatterns, ruledOutCases } from "./known-cases.ts";
import { tagNotes } from "./notes.ts";

const tag = (text: string) => parseTag(text) ?? 0;
const row = (text: string, blocks: number, bytes: number, freedShare?: number): CaseRow => ({
  tag: tag(text),
  kind: "nonpaged",
  blocks,
  bytes,
  ...(freedShare === undefined ? {} : { freedShare }),
});
const ids = (matches: readonly { readonly case: { readonly id: string } }[]) => matches.map((match) => match.case.id);

describe("data/known-cases.json", () => {
  it("has 42 leaks, each with sign, culprit, cause, remedy and source, and no id twice", () => {
    expect(knownCases()).toHaveLength(42);
    expect(new Set(knownCases().map((each) => each.id)).size).toBe(42);
    for (const each of knownCases()) {
      for (const text of [each.id, each.sign, each.culprit, each.cause, each.remedy, each.source]) {
        expect(text, each.id).not.toBe("");
      }
      for (const text of [...each.ownTags, ...each.sharedTags]) expect(text).toMatch(/^[ -~]{4}$/);
    }
  });

  it("gives each case a tag of its own that no other leak names", () => {
    for (const each of knownCases().filter(({ class: kind }) => kind === "case")) {
      expect(each.ownTags, each.id).not.toEqual([]);
      for (const own of each.ownTags) expect(casesNaming(tag(own)), `${each.id} ${own}`).toHaveLength(1);
    }
  });

  it("gives no case a tag as its own that the kernel or an allocating part of Windows hands to others", () => {
    const owners = new Map(tagNotes().map((note) => [note.tag, note.component]));
    // refs.sys is the culprit of its own case: its tags name a file system in use, not a caller.
    const wrong = knownCases()
      .filter((each) => each.id !== "refs-2016")
      .flatMap((each) => each.ownTags)
      .filter((own) => inboxRoleOf(owners.get(own) ?? "x.sys")?.role === "allocator");
    expect(wrong).toEqual([]);
  });

  it("gives no pattern a tag of its own", () => {
    expect(knownCases().filter((each) => each.class === "pattern" && each.ownTags.length > 0)).toEqual([]);
  });
});

describe("matchCases", () => {
  it("names a case by its own tag, and never by a shared one", () => {
    expect(ids(matchCases([row("NPBL", 10, 100), row("Mdl ", 10, 100)]))).toEqual(["npcap-loopback"]);
    expect(matchCases(["Mdl ", "File", "Irp ", "IoWI", "NtFC"].map((text) => row(text, 1e7, 1e9)))).toEqual([]);
  });

  it("does not count a tag that holds nothing", () => {
    expect(matchCases([row("NPBL", 0, 0)])).toEqual([]);
  });

  it("puts the case with most of its own tags first", () => {
    const rows = [row("amda", 9, 9), row("WCsc", 9, 9), row("WCfc", 9, 9)];
    expect(ids(matchCases(rows))).toEqual(["wcifs-contexts", "amd-amdacpbus"]);
  });
});

describe("ruledOutCases", () => {
  it("names what was checked and is not it", () => {
    const shared = [tag("Mdl ")];
    expect(ruledOutCases(shared, new Set([tag("Mdl ")])).map((each) => each.id)).toEqual(["npcap-loopback"]);
    expect(ruledOutCases([tag("Zzzz")], new Set())).toEqual([]);
  });
});

describe("matchPatterns", () => {
  const fitting = row("NtFC", 200_000, 200_000 * 128, 0.0005);

  it("shows a pattern only where every part of its sign holds", () => {
    expect(ids(matchPatterns([fitting]))).toEqual(["msix-appdata-redirection"]);
    expect(matchPatterns([{ ...fitting, blocks: 99_999 }])).toEqual([]);
    expect(matchPatterns([{ ...fitting, bytes: 200_000 * 200 }])).toEqual([]);
    expect(matchPatterns([{ ...fitting, bytes: 200_000 * 80 }])).toEqual([]);
    expect(matchPatterns([{ ...fitting, freedShare: 0.002 }])).toEqual([]);
    expect(matchPatterns([row("NtFC", 200_000, 200_000 * 128)])).toEqual([]);
  });

  it("asks for equal counts within a hundredth", () => {
    expect(ids(matchPatterns([row("EtwD", 200_000, 1e9), row("Etwr", 199_000, 1e9)]))).toEqual(["nvidia-etw-webview2"]);
    expect(matchPatterns([row("EtwD", 200_000, 1e9), row("Etwr", 197_000, 1e9)])).toEqual([]);
  });

  it("asks for companions", () => {
    const rows = ["Via8", "DxgK", "Vi44", "Viae"].map((text) => row(text, 200_000, 1e9, 0.1));
    expect(ids(matchPatterns(rows))).toEqual(["pixel-streaming"]);
    expect(matchPatterns(rows.slice(0, 3))).toEqual([]);
  });

  it("says nothing of a shared tag without a published sign", () => {
    expect(matchPatterns([row("Irp ", 10_862_955, 14_280_000_000, 0)])).toEqual([]);
  });
});

describe("inboxRoleOf", () => {
  it.each(["ntfs.sys", "kernel (I/O manager)", "NTFS.SYS", "nt!etw", "win32k (GDI)", "a\\System32\\drivers\\afd.sys"])(
    "knows %s as an allocator for others",
    (name) => expect(inboxRoleOf(name)).toEqual({ role: "allocator" }),
  );

  it("knows the filters that may be the culprit, with what to do", () => {
    expect(inboxRoleOf("WdFilter.sys")).toMatchObject({ role: "filter", remedy: expect.stringContaining("Defender") });
    expect(inboxRoleOf("wcifs")).toMatchObject({ role: "filter", file: "wcifs.sys" });
    expect(inboxRoleOf("ntfs.sys or wcifs.sys")).toMatchObject({ role: "filter" });
  });

  it.each(["npcap.sys", "", "ntfs.sys or npcap.sys", "kernel (security), wdmsec.lib in many drivers"])(
    "says nothing of %j",
    (name) => expect(inboxRoleOf(name)).toBeUndefined(),
  );
});
