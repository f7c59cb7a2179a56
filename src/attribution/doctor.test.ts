import { describe, expect, it } from "vitest";
import { knownCases } from "../knowledge/known-cases.ts";
import type { KnownCase } from "../model/known-case.ts";
import { parseTag } from "../model/tag.ts";
import {
  LONG_UPTIME,
  rateCase,
  rateSettings,
  USUAL_FILTERS,
  USUAL_TRACE_SESSIONS,
  type ExaminedMachine,
} from "./doctor.ts";

const tags = (...texts: string[]) => new Set(texts.flatMap((text) => parseTag(text) ?? []));
const known = (id: string): KnownCase => {
  const found = knownCases().find((each) => each.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
};
const machine = (given: Partial<ExaminedMachine> = {}): ExaminedMachine => ({
  present: tags("Thre", "Irp "),
  isWhole: true,
  growing: tags(),
  wasJudged: () => false,
  signs: new Set(),
  hasCounters: true,
  drivers: undefined,
  windowsBuild: undefined,
  ...given,
});
const rated = (id: string, given: Partial<ExaminedMachine> = {}) => {
  const { rating, basis } = rateCase(known(id), machine(given));
  return `${rating} ${basis}`;
};

describe("rateCase", () => {
  it("calls a case likely only where a tag of its own is held and not freed", () => {
    const present = tags("NPBL", "Mdl ");
    expect(rated("npcap-loopback", { present, growing: tags("NPBL") })).toBe("likely own-tags-grow");
    expect(rated("npcap-loopback", { present, growing: tags("Mdl ") })).toBe("not-judged own-tags-not-watched");
    expect(rated("npcap-loopback", { present, wasJudged: () => true })).toBe("unlikely own-tags-level");
    expect(rated("npcap-loopback", { present: tags("Mdl "), growing: tags("Mdl ") })).toBe("none own-tags-absent");
  });

  it("rules nothing out by a part of a listing, but by a list of drivers and by the version of Windows", () => {
    expect(rated("npcap-loopback", { isWhole: false })).toBe("not-judged partial-listing");
    expect(rated("npcap-loopback", { isWhole: false, drivers: [{ file: "afd.sys" }] })).toBe("none driver-absent");
    expect(rated("npcap-loopback", { isWhole: false, drivers: [{ file: "NPCAP.sys" }] })).toBe(
      "not-judged partial-listing",
    );
    expect(rated("refs-2016", { present: tags("MSb+"), windowsBuild: 19045 })).toBe("none other-windows");
    expect(rated("refs-2016", { present: tags("MSb+"), windowsBuild: 14393 })).toBe("not-judged own-tags-not-watched");
  });

  it("believes blocks of a driver's own tag more than that the driver is not loaded", () => {
    const given = { present: tags("NPBL"), growing: tags("NPBL"), drivers: [{ file: "afd.sys" }] };
    expect(rated("npcap-loopback", given)).toBe("likely own-tags-grow");
  });

  it("calls a pattern likely by its measured sign alone", () => {
    const present = tags("NtFC");
    expect(rated("msix-appdata-redirection", { present, signs: new Set(["msix-appdata-redirection"]) })).toBe(
      "likely sign-holds",
    );
    expect(rated("msix-appdata-redirection", { present })).toBe("unlikely sign-fails");
    expect(rated("msix-appdata-redirection", { present, hasCounters: false })).toBe("not-judged nothing-to-measure");
    expect(rated("mullvad-split-tunnel", { growing: tags("Irp ") })).toBe("not-judged shared-tags-grow");
    expect(rated("mullvad-split-tunnel", { wasJudged: () => true })).toBe("unlikely shared-tags-level");
    expect(rated("mullvad-split-tunnel", { present: tags("Thre") })).toBe("none shared-tags-absent");
    expect(rated("windows-exporter-service")).toBe("not-judged nothing-to-measure");
  });

  it("names the loaded driver with its version", () => {
    const drivers = [{ file: "npcap.sys", version: "1.80" }];
    expect(rateCase(known("npcap-pools"), machine({ drivers })).loaded).toEqual(["npcap.sys 1.80"]);
  });
});

describe("rateSettings", () => {
  const of = (settings: Parameters<typeof rateSettings>[0]) =>
    Object.fromEntries(rateSettings(settings).map(({ name, rating }) => [name, rating]));

  it("judges nothing that was not told", () => {
    expect(new Set(rateSettings({ refused: {} }).map(({ rating }) => rating))).toEqual(new Set(["not-judged"]));
  });

  it("looks where a bound is passed, not where it is met", () => {
    expect(LONG_UPTIME).toBe(604_800_000);
    expect(USUAL_FILTERS).toBe(20);
    expect(USUAL_TRACE_SESSIONS).toBe(48);
    const met = {
      uptime: LONG_UPTIME,
      filters: USUAL_FILTERS,
      traceSessions: USUAL_TRACE_SESSIONS,
      windowsBuild: 3790,
    };
    const fine = of({ ...met, fastStartup: false, verifiedDrivers: "", pagedPoolSize: 0, refused: {} });
    expect(new Set(Object.values(fine))).toEqual(new Set(["fine"]));
    const look = of({
      uptime: LONG_UPTIME + 1,
      filters: USUAL_FILTERS + 1,
      traceSessions: USUAL_TRACE_SESSIONS + 1,
      windowsBuild: 3789,
      fastStartup: true,
      verifiedDrivers: "*",
      nonPagedPoolSize: 1,
      refused: {},
    });
    expect(new Set(Object.values(look))).toEqual(new Set(["look"]));
  });
});
