// The data files: form, size, and that nothing is lost on the way in.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tagNotes, tutorialNotes } from "./notes.ts";

const raw = readFileSync(new URL("../../data/pool-tags.json", import.meta.url), "utf8");

describe("data/pool-tags.json", () => {
  const notes = tagNotes();

  it("has at least 300 tags, each of four printable characters", () => {
    expect(notes.length).toBeGreaterThanOrEqual(300);
    expect(notes.filter((note) => !/^[ -~]{4}$/.test(note.tag))).toEqual([]);
  });

  it("has no tag twice, not even within one group, where JSON would drop it silently", () => {
    const keys = [...raw.matchAll(/"([ -~]{4})":/g)].map((match) => match[1]).filter((key) => key !== "tags");
    expect(keys.length).toBe(notes.length);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("names component, description and origin of every entry", () => {
    const empty = notes.filter((note) => [note.component, note.description, note.origin].some((text) => text === ""));
    expect(empty).toEqual([]);
  });

  it("writes every description, caution and origin as a sentence or name without stray blanks", () => {
    const texts = notes.flatMap((note) => [note.component, note.description, note.origin, note.caution ?? "x"]);
    expect(texts.filter((text) => text !== text.trim() || text.includes("  ") || text.includes("\n"))).toEqual([]);
    expect(notes.filter((note) => !note.description.endsWith("."))).toEqual([]);
  });

  it("uses patterns only where they name at least two characters", () => {
    const vague = notes.filter((note) => note.tag.replace(/[?*]/g, "").trimEnd().length < 2);
    expect(vague).toEqual([]);
  });
});

describe("data/tutorial-tags.json", () => {
  it("has the six tags of the table, each with claim, truth and origin", () => {
    expect(tutorialNotes().map((note) => note.tag)).toEqual(["MmSt", "CM31", "Thre", "Ntfr", "FMfn", "Perf"]);
    for (const note of tutorialNotes()) {
      for (const text of [note.claim, note.truth, note.origin]) expect(text).not.toBe("");
    }
  });
});
