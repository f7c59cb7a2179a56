// Dashboards for tests: the two weeks of the scene with its true diagnosis, or whatever a test needs.

import { Detector } from "../../src/detect/detector.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { parseTag } from "../../src/model/tag.ts";
import { Dashboard, type DashboardOptions } from "../../src/web/server/dashboard.ts";
import { trueDiagnosis } from "./scene-diagnosis.ts";
import { scene, type SceneOptions } from "./two-weeks.ts";

const OWNERS = new Map<number, string>(
  Object.entries({
    Ntff: "ntfs.sys",
    FMfn: "fltmgr.sys",
    NDnd: "ndis.sys",
    File: "kernel (objects)",
    MmSt: "kernel",
  }).map(([name, owner]) => [parseTag(name) ?? 0, owner]),
);

export function dashboardOf(snapshots: Iterable<Snapshot>, options: Partial<DashboardOptions> = {}): Dashboard {
  const dashboard = new Dashboard({
    detector: new Detector(),
    version: "0.0.0",
    source: "two-weeks.pool",
    now: () => Date.now(),
    ownerOf: (tag) => {
      const component = OWNERS.get(tag);
      return component === undefined ? undefined : { component, description: "", from: "poolscope notes" };
    },
    ...options,
  });
  for (const snapshot of snapshots) dashboard.push(snapshot);
  return dashboard;
}

/** The scene, read to its end, with the verdicts that are true of it. */
export function sceneDashboard(
  options: SceneOptions = {},
  change: (snapshots: Iterable<Snapshot>) => Iterable<Snapshot> = (snapshots) => snapshots,
): Dashboard {
  const dashboard = dashboardOf(change(scene(options)), { enrich: (found) => trueDiagnosis(found, options.days) });
  dashboard.setPhase("complete");
  return dashboard;
}
