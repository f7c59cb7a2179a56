// The scene of the two weeks with what stands beside its counters: programs of which one opens and does not close, object
// types, drivers of which one is exchanged. The numbers are invented.

import { BesideRecord } from "../../src/attribution/beside/record.ts";
import { besideSummary } from "../../src/attribution/beside/summary.ts";
import { besideTables } from "../../src/attribution/beside/tables.ts";
import { isNewBoot } from "../../src/detect/series/boots.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import type { LoadedDriver, Surroundings } from "../../src/model/surroundings.ts";
import type { Dashboard, DashboardOptions } from "../../src/web/server/dashboard.ts";
import { dashboardOf } from "./dashboards.ts";
import { trueDiagnosis } from "./scene-diagnosis.ts";
import { DAY, HOUR, scene, START, type SceneOptions } from "./two-weeks.ts";

const MIB = 1024 ** 2;

/** When the driver of the scene is exchanged. */
export const EXCHANGED = START + 8 * DAY;

const DRIVERS: readonly LoadedDriver[] = Array.from({ length: 180 }, (_, i) => ({
  file: `drv${String(i).padStart(3, "0")}.sys`,
  path: `\\SystemRoot\\System32\\drivers\\drv${String(i).padStart(3, "0")}.sys`,
  imageBytes: 40_000 + 4096 * i,
  version: `10.0.19041.${i + 1}`,
  company: i % 3 === 0 ? "Contoso" : "Microsoft Corporation",
  fileTime: START - i * DAY,
}));
const before: readonly LoadedDriver[] = [...DRIVERS, { file: "acflt.sys", version: "1.2", company: "Acme" }];
const after: readonly LoadedDriver[] = [...DRIVERS, { file: "acflt.sys", version: "1.3", company: "Acme" }];

function surroundingsAt(time: number): Surroundings {
  const hours = (time - START) / HOUR;
  const opened = Math.round(400 * hours);
  const programs = Array.from({ length: 70 }, (_, i) => ({
    pid: 400 + 4 * i,
    name: i === 3 ? "leaky.exe" : `service${i}.exe`,
    started: START - HOUR,
    handles: i === 3 ? 300 + opened : 200 + 13 * i,
    threads: 4 + i,
    nonpagedQuota: i === 9 ? 90 * MIB : 20_000 + i,
    pagedQuota: 200_000 + i,
    otherOperations: Math.round((i === 20 ? 9000 : 3 + i / 10) * hours * 3600),
    privateBytes: (5 + i) * MIB,
  }));
  return {
    objects: [
      { type: "File", objects: 88_000, handles: 9000, peakObjects: 99_000, peakHandles: 12_000 },
      { type: "Process", objects: 190 + Math.round(6 * hours), handles: 900, peakObjects: 9000, peakHandles: 1000 },
      { type: "Event", objects: 14_000 + opened, handles: 15_000 + opened },
    ],
    live: { processes: 71, threads: 1400, handles: 30_000 + opened },
    programs: { time, programs, isWhole: true },
    drivers: time < EXCHANGED ? before : after,
  };
}

/** The scene, read to its end, with what stands beside it. */
export function besideDashboard(options: SceneOptions & Partial<DashboardOptions> = {}): Dashboard {
  const record = new BesideRecord(isNewBoot);
  const snapshots = Array.from(scene(options), (snapshot): Snapshot => {
    const full = { ...snapshot, surroundings: surroundingsAt(snapshot.time) };
    record.push(full);
    return full;
  });
  const dashboard = dashboardOf(snapshots, {
    beside: () => besideTables(record),
    enrich: (found) => {
      const beside = besideSummary(record);
      return { ...trueDiagnosis(found, options.days), ...(beside !== undefined && { beside }) };
    },
    ...options,
  });
  dashboard.setPhase("complete");
  return dashboard;
}
