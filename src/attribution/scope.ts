// Which machine a driver index is of, seen from the machine of a record. Proof about one is no proof about another.

import type { DriverMatch, MachineName, Scope } from "../model/attribution.ts";
import type { Origin } from "../model/snapshot.ts";

/**
 * The scope of what an index proves for a record. An index of files that no machine loads (a folder that was copied
 * somewhere) is of an unknown machine, and so is every index for a record without a host name. `here` is the host name of
 * the machine that the program runs on, where the record is of live counters.
 */
export function scopeOf(
  match: Pick<DriverMatch, "installed">,
  index: MachineName,
  origin: Pick<Origin, "host" | "windowsBuild" | "source">,
): Scope {
  if (match.installed === false || origin.host === undefined) return "unknown";
  if (!sameName(index.host, origin.host)) return "other-machine";
  const builds = index.windowsBuild !== null && origin.windowsBuild !== undefined;
  if (builds && index.windowsBuild !== origin.windowsBuild) return "other-machine";
  return origin.source === "windows-live" ? "this-machine" : "same-host-name";
}

/** Host names without their domain, in any case: logs write both forms. */
function sameName(a: string, b: string): boolean {
  return shortName(a) === shortName(b);
}

function shortName(host: string): string {
  return (host.split(".")[0] ?? host).toLowerCase();
}

/** Whether a proof of this scope may accuse in a headline. */
export function isOwnScope(scope: Scope | undefined): boolean {
  return scope === "this-machine" || scope === "same-host-name" || scope === "same-file-version";
}
