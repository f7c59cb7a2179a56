import { describe, expect, it } from "vitest";
import { parsePoolTagFile } from "../formats/pooltag-file.ts";
import { parseTag, tagFromBytes } from "../model/tag.ts";
import { createKnowledge } from "./knowledge.ts";

const tag = (text: string) => parseTag(text) ?? 0;
const withList = (text: string) =>
  createKnowledge({ pooltag: parsePoolTagFile(new TextEncoder().encode(text), "pooltag.txt") });

describe("ownerOf without a list", () => {
  const { ownerOf } = createKnowledge();

  it("answers from our notes and says so", () => {
    expect(ownerOf(tag("AfdB"))).toMatchObject({ component: "afd.sys", from: "poolscope notes" });
    expect(ownerOf(tag("zZ7!"))).toBeUndefined();
  });

  it("takes the pattern where the tag itself is not listed", () => {
    expect(ownerOf(tag("AfdZ"))?.component).toBe("afd.sys");
    expect(ownerOf(tag("CM31"))?.component).toMatch(/registry/);
    expect(ownerOf(tag("afdZ"))).toBeUndefined();
  });

  it.each(["Proc", "Thre", "Toke", "File", "Even", "Sema", "Muta", "Key", "Port", "Driv", "Devi"])(
    "tells to look for a handle or reference leak first: %s",
    (text) => expect(ownerOf(tag(text))?.caution).toMatch(/handle or reference leak first/),
  );

  it.each(["None", "Ddk", "Wdm", "Strg", "Irp", "SeSd"])("cautions that %s is shared", (text) =>
    expect(ownerOf(tag(text))?.caution).toBeTruthy(),
  );

  it("finds padded tags however they end, and without the bit of protected pool", () => {
    expect(ownerOf(tagFromBytes(0x49, 0x72, 0x70, 0))?.component).toMatch(/I\/O/);
    expect(ownerOf(tagFromBytes(0x49, 0x6f, 0, 0))?.component).toMatch(/I\/O/);
    expect(ownerOf((tag("AfdB") | 0x80000000) >>> 0)?.component).toBe("afd.sys");
    expect(ownerOf(0)).toBeUndefined();
    expect(ownerOf(0xffffffff)).toBeUndefined();
  });

  it("marks what only users report", () => {
    expect(ownerOf(tag("NVRM"))?.description).toMatch(/as users report/);
  });
});

describe("ownerOf with the user's list", () => {
  it("lets exact beat pattern, and the most specific pattern win", () => {
    const { ownerOf } = withList(
      "A*   - any.sys - x\nAb?? - ab.sys - y\nAbc? - abc.sys - z\nAbcd - abcd.sys - w\n???? - all.sys - v",
    );
    expect(["Azzz", "Abzz", "Abcz", "Abcd", "qqqq"].map((text) => ownerOf(tag(text))?.component)).toEqual([
      "any.sys",
      "ab.sys",
      "abc.sys",
      "abcd.sys",
      undefined,
    ]);
  });

  it("prefers the list's exact entry to our note, and keeps our caution", () => {
    const owner = withList("Proc - mine.sys - my words").ownerOf(tag("Proc"));
    expect(owner).toMatchObject({ component: "mine.sys", description: "my words", from: "pooltag.txt" });
    expect(owner?.caution).toMatch(/handle/);
  });

  it("prefers our exact note to the list's pattern", () => {
    expect(withList("Af?? - other.sys - x").ownerOf(tag("AfdB"))?.component).toBe("afd.sys");
  });

  it("fills what the list leaves open from our notes and names both", () => {
    expect(withList("File - <unknown> - theirs").ownerOf(tag("File"))).toMatchObject({
      component: "kernel (objects)",
      description: "theirs",
      from: "pooltag.txt, poolscope notes",
    });
    expect(withList("Zzzz - z.sys - z").ownerOf(tag("Zzzz"))).toEqual({
      component: "z.sys",
      description: "z",
      from: "pooltag.txt",
    });
  });

  it("does not let a pattern speak for an exact entry", () => {
    const { ownerOf } = withList(
      "FMqq - <unknown> - another thing\nNtqq - third.sys\nSm?? - <unknown> - other\nS??? - x.sys - y",
    );
    expect(ownerOf(tag("FMqq"))).toEqual({ component: "", description: "another thing", from: "pooltag.txt" });
    expect(ownerOf(tag("Ntqq"))).toEqual({ component: "third.sys", description: "", from: "pooltag.txt" });
    expect(ownerOf(tag("Smqq"))).toMatchObject({ component: "mrxsmb.sys", description: "other" });
  });

  it("adds the caution of our pattern where the component is the same", () => {
    const { ownerOf } = withList(
      "FMzz - FltMgr.sys - x\nFMyy - other.sys - x\nAfd? - afd.sys - x\nF??? - fltmgr.sys - x",
    );
    expect(ownerOf(tag("FMzz"))).toMatchObject({ caution: expect.stringContaining("fltmc") });
    expect(ownerOf(tag("FMyy"))).not.toHaveProperty("caution");
    expect(ownerOf(tag("Afdz"))).toMatchObject({
      description: "x",
      from: "pooltag.txt",
      caution: expect.stringContaining("netstat"),
    });
    expect(ownerOf(tag("FMxx"))).toMatchObject({ component: "fltmgr.sys", caution: expect.stringContaining("fltmc") });
  });

  it("names all owners of a tag listed twice", () => {
    const owner = withList("Dupl - a.sys - x\nDupl - b.sys - y\nDupl - a.sys - x").ownerOf(tag("Dupl"));
    expect(owner).toMatchObject({ component: "a.sys or b.sys", description: "x; y" });
  });

  it("matches padded tags and backslashes as they stand", () => {
    const { ownerOf } = withList("Ab   - ab.sys - x\nA\\x4 - back.sys - y\nX.?  - dot.sys - z");
    expect(ownerOf(tag("Ab"))?.component).toBe("ab.sys");
    expect(ownerOf(tag("A\\\\x4"))?.component).toBe("back.sys");
    expect(ownerOf(tag("X.q"))?.component).toBe("dot.sys");
    expect(ownerOf(tag("XXq"))).toBeUndefined();
  });
});

describe("the rest", () => {
  it("tells whether a tag is listed, or that there is no list", () => {
    const { isListed } = withList("Abcd - a.sys - x\nNt?? - ntfs.sys - y");
    expect([isListed(tag("Abcd")), isListed(tag("Ntzz")), isListed(tag("zzzz"))]).toEqual([true, true, false]);
    expect(createKnowledge().isListed(tag("Abcd"))).toBeUndefined();
  });

  it("finds published leaks by a tag of their own only", () => {
    const { knownLeaksOf } = createKnowledge();
    expect(knownLeaksOf(tag("WCsc")).map((leak) => leak.id)).toEqual(["wcifs-contexts"]);
    expect(["Irp ", "Mdl ", "NtFC", "Toke", "Abcd"].flatMap((text) => knownLeaksOf(tag(text)))).toEqual([]);
  });

  it("corrects the tutorials' table", () => {
    const { tutorialNote } = createKnowledge();
    expect(tutorialNote(tag("Ntfr"))?.truth).toMatch(/not a filter's tag/);
    expect(tutorialNote(tag("Abcd"))).toBeUndefined();
  });

  it("knows the tags of static libraries", () => {
    const { libraryOf } = createKnowledge();
    expect(["SeAl", "SeSd", "SeTs", "PpUc", "PpRb"].map((text) => libraryOf(tag(text)))).toEqual(
      Array.from({ length: 5 }, () => "wdmsec.lib"),
    );
    expect(["PcCr", "AuxK", "Dlmp", "Ddk", "AfdB"].map((text) => libraryOf(tag(text)))).toEqual([
      "stdunk/portcls",
      "aux_klib.lib",
      "displib.lib",
      "ntddk.h default",
      undefined,
    ]);
  });
});
