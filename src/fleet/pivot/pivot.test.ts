import { describe, expect, test } from "vitest";
import type { DriverBuild, FleetHost } from "../../model/fleet.ts";
import {
  CHANCE,
  countBuilds,
  countHosts,
  FACTOR,
  FEWEST_LEAKING,
  FEWEST_OTHERS,
  pivotBuilds,
  SILENT_AFTER,
} from "./pivot.ts";
import type { BuildRow } from "../../model/fleet.ts";

const NOW = Date.UTC(2026, 2, 1);
const pivot = (hosts: readonly FleetHost[]): BuildRow[] => pivotBuilds(countBuilds(hosts, NOW));
let serial = 0;

function host(builds: Readonly<Record<string, string>>, leaks: Readonly<Record<string, string>> = {}): FleetHost {
  const list = Object.entries(builds).map(([driver, version]): DriverBuild => ({ driver, version }));
  return {
    name: `h${++serial}`,
    from: "test",
    seen: NOW,
    judged: NOW,
    builds: list,
    findings: Object.entries(leaks).map(([tag, driver]) => ({
      tag,
      kind: "nonpaged",
      state: "leaking",
      drivers: list.filter((build) => driver.split(",").includes(build.driver)),
    })),
  };
}

const many = (count: number, make: (i: number) => FleetHost): FleetHost[] =>
  Array.from({ length: count }, (_, i) => make(i));
const acme = (version: string, leaks: boolean): FleetHost =>
  host({ "acme.sys": version }, leaks ? { "Acm ": "acme.sys" } : {});
const judgementOf = (hosts: readonly FleetHost[], version = "2"): string | undefined =>
  pivot(hosts).find((row) => row.driver === "acme.sys" && row.version === version)?.judgement;

describe("the build that leaks", () => {
  test("is worse than its other builds", () => {
    const fleet = [...many(10, (i) => acme("2", i < 7)), ...many(40, () => acme("1", false))];
    expect(pivot(fleet)).toMatchObject([
      {
        tag: "Acm ",
        version: "2",
        leaking: 7,
        having: 10,
        others: { leaking: 0, having: 40, builds: 1 },
        judgement: "worse",
      },
    ]);
  });

  test("is accused from three machines on", () => {
    const fleet = (n: number): FleetHost[] => [...many(n, () => acme("2", true)), ...many(400, () => acme("1", false))];
    expect(FEWEST_LEAKING).toBe(3);
    expect(judgementOf(fleet(2))).toBe("too-few-leaking");
    expect(judgementOf(fleet(3))).toBe("worse");
  });

  test("needs ten machines with another build", () => {
    const fleet = (n: number): FleetHost[] => [...many(30, () => acme("2", true)), ...many(n, () => acme("1", false))];
    expect(FEWEST_OTHERS).toBe(10);
    expect(judgementOf(fleet(9))).toBe("too-few-others");
    expect(judgementOf(fleet(10))).toBe("worse");
    expect(judgementOf(fleet(0))).toBe("no-other-build");
  });

  test("3 of 200 against one clean machine, and against ten, is nothing", () => {
    const fleet = (n: number): FleetHost[] => [
      ...many(200, (i) => acme("2", i < 3)),
      ...many(n, () => acme("1", false)),
    ];
    expect(judgementOf(fleet(1))).toBe("too-few-others");
    expect(judgementOf(fleet(10))).toBe("not-worse");
  });

  test("by a factor that matters: 6 % against 5 % is beyond chance in a large fleet, and not worse", () => {
    expect(FACTOR).toBe(2);
    const fleet = (of: number): FleetHost[] => [
      ...many(20_000, (i) => acme("2", i % 100 < of)),
      ...many(20_000, (i) => acme("1", i % 100 < 5)),
    ];
    const [row] = pivot(fleet(6)).filter(({ version }) => version === "2");
    expect(row?.chance).toBeLessThan(CHANCE);
    expect(row?.judgement).toBe("not-worse");
    expect(judgementOf(fleet(12))).toBe("worse");
  });

  test("the more is compared, the less one difference counts", () => {
    const pair = (driver: string): FleetHost[] => [
      ...many(4, (i) => host({ [driver]: "2" }, i < 3 ? { Tag1: driver } : {})),
      ...many(12, () => host({ [driver]: "1" })),
    ];
    expect(pivot(pair("acme.sys"))[0]?.chance).toBeCloseTo(4 / 560, 6);
    expect(judgementOf(pair("acme.sys"))).toBe("worse");
    const crowd = ["acme.sys", ...Array.from({ length: 9 }, (_, i) => `d${i}.sys`)].flatMap(pair);
    expect(judgementOf(crowd)).toBe("not-worse");
  });
});

describe("who is not accused", () => {
  test("an innocent driver that shares the tag, with its builds spread over the same machines", () => {
    const fleet = many(400, (i) =>
      host(
        { "acme.sys": i < 100 ? "2" : "1", "other.sys": i % 2 === 0 ? "9" : "8" },
        i < 80 ? { "Acm ": "acme.sys,other.sys" } : {},
      ),
    );
    const worse = pivot(fleet).filter(({ judgement }) => judgement === "worse");
    expect(worse.map(({ driver, version }) => `${driver} ${version}`)).toEqual(["acme.sys 2"]);
  });

  test("an innocent driver with one build has nothing to be compared with", () => {
    const fleet = many(100, (i) =>
      host({ "acme.sys": i < 30 ? "2" : "1", "other.sys": "9" }, i < 30 ? { "Acm ": "acme.sys,other.sys" } : {}),
    );
    expect(pivot(fleet).find(({ driver }) => driver === "other.sys")?.judgement).toBe("no-other-build");
  });

  test("a driver whose list of machines is not known", () => {
    const fleet = many(50, (i) => ({ ...acme("2", i < 20), builds: undefined }) as unknown as FleetHost);
    expect(judgementOf(fleet)).toBe("not-counted");
    expect(countHosts(fleet, NOW).withoutDriverList).toBe(50);
  });
});

describe("machines that say nothing", () => {
  test("are no control: neither silent ones nor those that no model looked at", () => {
    const bad = many(10, () => acme("2", true));
    const silent = many(40, () => ({ ...acme("1", false), seen: NOW - SILENT_AFTER - 1 }));
    const young = many(40, () => {
      const { judged: _, ...rest } = acme("1", false);
      return rest;
    });
    expect(judgementOf([...bad, ...silent, ...young])).toBe("no-other-build");
    expect(countHosts([...bad, ...silent, ...young], NOW)).toMatchObject({
      hosts: 90,
      leaking: 10,
      judged: 10,
      notJudged: 40,
      silent: 40,
    });
  });

  test("undecided findings are no leaks", () => {
    const undecided = acme("2", true);
    const fleet = [
      { ...undecided, findings: undecided.findings.map((finding) => ({ ...finding, state: "undecided" })) },
    ];
    expect(pivot(fleet)).toEqual([]);
  });
});
