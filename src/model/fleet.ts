// A fleet: what is known of each machine, and what the comparison of driver builds says of all of them.

import type { Milliseconds, PoolKind } from "./snapshot.ts";

/** An open finding on one machine as it was told there. Drivers are file names in small letters, version "" where not known. */
export interface HostFinding {
  /** As all outputs display it. */
  readonly tag: string;
  readonly kind: PoolKind;
  readonly state: string;
  readonly drivers: readonly DriverBuild[];
  readonly bytesPerHour?: number;
  readonly exhaustionSeconds?: number;
  /** When the growth began, as far as the machine was watched. */
  readonly since?: Milliseconds;
}

export interface DriverBuild {
  readonly driver: string;
  readonly version: string;
}

/** One machine of the fleet. */
export interface FleetHost {
  readonly name: string;
  /** The job or file through which it is known, where two machines could have one name. */
  readonly from: string;
  /** Newest snapshot; absent where none is known. */
  readonly seen?: Milliseconds;
  /** Until when it was judged; absent where no model looked: then nothing is said of it, neither leak nor health. */
  readonly judged?: Milliseconds;
  readonly findings: readonly HostFinding[];
  /** Builds that may be at fault and are loaded; absent where the list of drivers is not known. */
  readonly builds?: readonly DriverBuild[];
  /** Objects and handles by type, as last counted; absent where not counted. */
  readonly objects?: readonly { readonly type: string; readonly objects: number; readonly handles: number }[];
}

/** What the comparison says of a build. */
export type BuildJudgement =
  /** Its share of leaking machines is higher than that of the other builds, beyond chance and by a factor that matters. */
  | "worse"
  /** Compared, and not shown to be worse. */
  | "not-worse"
  /** The driver has this one build only, as far as is known. */
  | "no-other-build"
  /** Too few machines have another build. */
  | "too-few-others"
  /** Too few machines leak to say anything of the build. */
  | "too-few-leaking"
  /** On how many machines the build is at all is not known. */
  | "not-counted";

/** One row of the pivot. */
export interface BuildRow {
  readonly tag: string;
  readonly driver: string;
  readonly version: string;
  /** Machines whose open leak of the tag points to this build. */
  readonly leaking: number;
  /** Machines that have the build and were judged; 0 where that is not known. */
  readonly having: number;
  readonly share?: { readonly value: number; readonly low: number; readonly high: number };
  /** The same of all other builds of the driver. */
  readonly others: {
    readonly leaking: number;
    readonly having: number;
    readonly builds: number;
    readonly share?: { readonly value: number; readonly low: number; readonly high: number };
  };
  /** Chance of such a difference without one, corrected for all builds that were compared; absent where none was. */
  readonly chance?: number;
  readonly judgement: BuildJudgement;
  /** When the first of its machines began to leak, as far as known. */
  readonly firstSeen?: Milliseconds;
  readonly hosts: readonly string[];
}

/** Machines by what is known of them; they never enter a share without having been judged. */
export interface FleetCounts {
  readonly hosts: number;
  readonly leaking: number;
  readonly judged: number;
  readonly notJudged: number;
  /** No snapshot for longer than the bound. */
  readonly silent: number;
  readonly withoutDriverList: number;
}
