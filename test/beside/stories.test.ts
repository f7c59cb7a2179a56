// Five stories of what stands beside a leak, each with an innocent twin, played by the stand-in for ntdll through the live
// sampler, the detector and attribution to the sentence that is shown.

import { beforeAll, describe, expect, it } from "vitest";
import { attributeDiagnosis } from "../../src/attribution/attribute.ts";
import { BesideRecord } from "../../src/attribution/beside/record.ts";
import type { AttributionSources } from "../../src/attribution/sources.ts";
import { Detector } from "../../src/detect/detector.ts";
import { isNewBoot } from "../../src/detect/series/boots.ts";
import { formatTag } from "../../src/model/tag.ts";
import type { Diagnosis } from "../../src/model/verdict.ts";
import { createLiveSampler } from "../../src/sources/windows-live/sampler.ts";
import { besideWords } from "../../src/words/beside.ts";
import { buildFakeNt } from "../build/fakent.ts";

const library = buildFakeNt();
if (library === undefined) process.stderr.write("gcc is missing: the stories beside the counters are not played\n");

const START = Date.UTC(2026, 2, 1, 8);
const EVERY = 60_000;
const TICKS = 180;

const SOURCES: AttributionSources = {
  ownerOf: (tag) =>
    formatTag(tag) === "Leak" ? { component: "leak.sys", description: "an example", from: "a list" } : undefined,
  natureOf: () => "third-party",
  driversOf: () => [],
  casesOf: () => [],
  patternsOf: () => [],
  ruledOut: () => [],
};

describe.skipIf(library === undefined)("beside the counters", () => {
  let configure: (text: string) => void;
  beforeAll(async () => {
    const { default: koffi } = await import("koffi");
    const call = koffi.load(library ?? "").func("void fakent_configure(const char *text)");
    configure = (text) => {
      call(text);
    };
  });

  async function play(setting: string): Promise<Diagnosis> {
    configure(`tags=60,leak=0,${setting}`);
    let now = START;
    const sampler = await createLiveSampler({
      library,
      now: () => now,
      host: "bench",
      env: {},
      surroundings: { every: 5000, driversEvery: 60_000 },
    });
    const detector = new Detector({ limitsOf: () => ({}) });
    const record = new BesideRecord(isNewBoot);
    for (let tick = 0; tick < TICKS; tick++, now += EVERY) {
      const snapshot = sampler.sample();
      detector.push(snapshot);
      record.push(snapshot);
    }
    const diagnosis = detector.diagnose();
    if (diagnosis === undefined) throw new Error("nothing was measured");
    return attributeDiagnosis(diagnosis, SOURCES, undefined, record);
  }

  /** What is said beside the finding on a tag; undefined where there is no finding on it. */
  function said(diagnosis: Diagnosis, tag: string): readonly string[] | undefined {
    const verdict = diagnosis.verdicts.find((each) => formatTag(each.tag) === tag && each.state === "leaking");
    return verdict?.attribution?.beside?.map((finding) => `${finding.certainty}: ${besideWords(finding).sentence}`);
  }

  it("a handle leak: the process that opens and does not close", async () => {
    const [sentence] = said(await play("handles=20,events=20"), "Even") ?? [];
    expect(sentence).toMatch(
      /^likely: 3,\d\d\d more Event objects and 3,\d\d\d more handles to them: handles are opened and not closed\. leaky\.exe \(process 4242\) holds them: it gained 3,\d\d\d handles, (?:9\d|100) % of them, correlation \.99 over time\.$/,
    );
  });

  it("its twin: the same handles to events of old, while another tag leaks", async () => {
    expect(said(await play("handles=20,leak=50"), "Leak")).toEqual([]);
  });

  it("a reference leak: objects without handles", async () => {
    expect(said(await play("files=30"), "File")).toEqual([
      expect.stringMatching(
        /^likely: 4,\d\d\d more File objects, but no more handles to them: no handle holds them, so a driver most likely keeps references/,
      ),
    ]);
  });

  it("its twin: objects that grow with handles are no reference leak", async () => {
    const found = said(await play("handles=20,events=20"), "Even") ?? [];
    expect(found.join(" ")).not.toMatch(/references/);
  });

  it("zombies held by a program", async () => {
    expect(said(await play("zombies=5,held=1"), "Proc")).toEqual([
      expect.stringMatching(
        /^likely: 938 Process objects for 40 that live: 8\d\d processes have ended in this time and are still kept\. watchman\.exe \(process 4300\) holds them: it gained 8\d\d handles/,
      ),
    ]);
  });

  it("zombies that no handle holds", async () => {
    expect(said(await play("zombies=5"), "Proc")).toEqual([
      expect.stringMatching(/are still kept\. No handle holds them: a driver keeps references to them\.$/),
    ]);
  });

  it("a driver change before the onset", async () => {
    expect(said(await play("leak=200,leakat=60,drvat=50"), "Leak")).toEqual([
      expect.stringMatching(
        /^likely: leak\.sys was exchanged, build 60000003 for build 60000103, \d+ min before the growth began \(2026-03-01 08:5\d.*It is tied to the tag that grows/,
      ),
    ]);
  });

  it("its twins: a change after the onset, and growth from the first snapshot on", async () => {
    expect(said(await play("leak=200,leakat=60,drvat=110"), "Leak")).toEqual([]);
    expect(said(await play("leak=200,drvat=5"), "Leak")).toEqual([]);
  });

  it("a program that triggers it", async () => {
    expect(said(await play("amp=40"), "Leak")).toEqual([
      expect.stringMatching(
        /^likely: The growth follows the work of claude\.exe \(process 5000\): correlation \.99 over \d+ intervals, \d+ other I\/O operations a second\. It triggers the growth; the owner of the tag leaks\.$/,
      ),
    ]);
  });

  it("its twin: a program just as busy that the growth does not follow", async () => {
    expect(said(await play("leak=200,busy=7"), "Leak")).toEqual([]);
  });
});
