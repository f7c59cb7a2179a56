// The sentences of `poolscope doctor`: what a rating rests on, what a setting does, and how to undo or change it.

import type { MachineSettings, RatedCase, RatedSetting, SettingName } from "../model/doctor.ts";
import { formatTag } from "../model/tag.ts";
import { formatBytes, formatCount, formatDuration } from "../model/units.ts";

/** Why a case is rated as it is. */
export function ratingReason({ basis, tags, loaded, case: known }: RatedCase): string {
  const list = tags.map((tag) => formatTag(tag).trimEnd()).join(", ");
  const isLoaded = loaded.length === 0 ? "" : ` Loaded: ${loaded.join(", ")}.`;
  const reported = known.versions === "" || loaded.length === 0 ? "" : ` Reported of ${known.versions}.`;
  return `${basisSentence(basis, list, known.drivers ?? [])}${isLoaded}${reported}`;
}

function basisSentence(basis: RatedCase["basis"], tags: string, drivers: readonly string[]): string {
  switch (basis) {
    case "own-tags-grow":
      return `${tags}: tags that only this leak's driver uses, and they are held and not freed.`;
    case "sign-holds":
      return `The published sign holds in every part (${tags}); others may use these tags too.`;
    case "own-tags-level":
      return `${tags}: the driver's own tags are there and were watched; they do not grow.`;
    case "own-tags-not-watched":
      return `${tags}: the driver's own tags are there; whether they grow was not watched long enough.`;
    case "own-tags-absent":
      return "None of its own tags is in the listing.";
    case "shared-tags-absent":
      return "None of the tags it shows itself by is in the listing.";
    case "sign-fails":
      return `${tags}: there, but the published sign does not hold.`;
    case "shared-tags-grow":
      return `${tags}: held and not freed, but many use these tags; nothing measured tells whose they are.`;
    case "shared-tags-level":
      return `${tags}: there and watched; they do not grow.`;
    case "driver-absent":
      return `${drivers.join(", ")}: not among the loaded drivers.`;
    case "other-windows":
      return "It was published for another version of Windows.";
    case "partial-listing":
      return "The listing is a part of the pool's tags: a missing tag may be there.";
    case "nothing-to-measure":
      return tags === ""
        ? "Its report names no tag or sign that could be measured."
        : `${tags}: there; its report names no sign that could be measured, and growth was not watched.`;
  }
}

/** What a setting is, what it means for leaks, and what would change it and bring it back. */
export interface SettingWords {
  readonly title: string;
  readonly text: string;
  /** Only where something should be looked at. Never carried out by the program. */
  readonly remedy?: string;
}

const TITLES: Readonly<Record<SettingName, string>> = {
  uptime: "Uptime of the kernel",
  "fast-startup": "Fast Startup",
  verifier: "Driver Verifier",
  "pool-sizes": "Fixed pool sizes",
  "pool-tagging": "Pool tagging",
  filters: "File system filters",
  "trace-sessions": "Event trace sessions",
};

export function settingWords({ name, rating }: RatedSetting, settings: MachineSettings): SettingWords {
  const title = TITLES[name];
  if (rating === "not-judged")
    return { title, text: `Not judged: ${settings.refused[name] ?? "the source does not tell it"}.` };
  const { text, remedy } = told(name, settings);
  return { title, text, ...(rating === "look" && remedy !== undefined ? { remedy } : {}) };
}

function told(name: SettingName, settings: MachineSettings): { readonly text: string; readonly remedy?: string } {
  const { uptime = 0, fastStartup, verifiedDrivers = "", pagedPoolSize = 0, nonPagedPoolSize = 0 } = settings;
  switch (name) {
    case "uptime":
      return {
        text: `The kernel has run for ${formatDuration(uptime)}; every leak since then is still held.`,
        remedy: "`shutdown /r /t 0` (Restart) starts the kernel anew; a shutdown with Fast Startup does not.",
      };
    case "fast-startup":
      return fastStartup === true
        ? {
            text: "On: a shutdown keeps the kernel with its pool, so leaks outlive it. Only a restart clears them.",
            remedy:
              "`powercfg /h off` (administrator) switches it off with hibernation, `powercfg /h on` brings both back.",
          }
        : { text: "Off: a shutdown ends the kernel and its leaks." };
    case "verifier":
      return verifiedDrivers === ""
        ? { text: "Off." }
        : {
            text: `On for ${verifiedDrivers}: it costs pool and time, and its records grow with what it watches.`,
            remedy:
              "`verifier /reset` and a restart switch it off; note the settings first with `verifier /querysettings`.",
          };
    case "pool-sizes":
      return pagedPoolSize + nonPagedPoolSize === 0
        ? { text: "None: Windows decides." }
        : {
            text: `PagedPoolSize ${formatBytes(pagedPoolSize)}, NonPagedPoolSize ${formatBytes(nonPagedPoolSize)}: an old tuning that may end the pool early.`,
            remedy: "Note the values, set both to 0 below Session Manager\\Memory Management, and restart.",
          };
    case "pool-tagging":
      return {
        text: "Always on from Windows Server 2003 on; before that it is off until it is switched on, and tags then mean nothing.",
        remedy: "`gflags /r +ptg` and a restart switch it on, `gflags /r -ptg` off.",
      };
    case "filters":
      return {
        text: `${formatCount(settings.filters ?? 0)} are registered; each may attach memory to every open file.`,
        remedy:
          "`fltmc filters` lists them; unload one of another maker (`fltmc unload NAME`, back with `fltmc load NAME`) and watch the growth.",
      };
    case "trace-sessions":
      return {
        text: `${formatCount(settings.traceSessions ?? 0)} run; their buffers are nonpaged pool (tags EtwB and others).`,
        remedy:
          "`logman query -ets` lists them; stop one that nobody needs (`logman stop NAME -ets`), a restart brings it back.",
      };
  }
}
