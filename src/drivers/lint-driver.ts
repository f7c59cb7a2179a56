// What a scan shows that a driver's developers may want to change: untagged and deprecated calls, tags that are never freed,
// tags that say too little. Only what the scan has seen is judged.

import type { DriverFinding, DriverRule, DriverSite } from "../model/driver.ts";
import { formatTag, formatTagPattern } from "../model/tag.ts";
import type { DriverScan, DriverTag } from "./scan.ts";
import { NO_TAG } from "./uses/api-table.ts";
import { WHOLE_TAG } from "./uses/uses.ts";

/** Functions that allocate under one tag, above which a leak of the tag leaves too many places to look at. */
export const CROWDED_FUNCTIONS = 8;

/** Calls that take a block out of pool, to be given back with one of `FREES`. Lookaside lists and NDIS have ways of their own. */
const BLOCKS = /^(?:Ex|FsRtl)AllocatePool/;
const FREES: ReadonlySet<string> = new Set(["ExFreePoolWithTag", "ExFreePool2"]);
/** Deprecated since Windows 10, version 2004, for ExAllocatePool2 and ExAllocatePool3. */
const DEPRECATED: ReadonlySet<string> = new Set([
  "ExAllocatePool",
  "ExAllocatePoolWithQuota",
  "ExAllocatePoolWithTag",
  "ExAllocatePoolWithQuotaTag",
  "ExAllocatePoolWithTagPriority",
]);
/** Tags that headers of old kits put in where a driver names none: `Ddk ` and `Wdm `. */
const DEFAULT_TAGS: ReadonlySet<number> = new Set([0x206b_6444, 0x206d_6457]);

export interface DriverLint {
  readonly findings: readonly DriverFinding[];
  /** Calls that free without telling a tag: where there are any, no tag can be said never to be freed. */
  readonly anonymousFrees: number;
}

/** The findings of a scan, the weightiest rule first. */
export function lintDriver(scan: DriverScan): DriverLint {
  const tags = scan.tags.filter(({ tier }) => tier === "proven" || tier === "pattern");
  const findings: DriverFinding[] = [];
  const add = (rule: DriverRule, tag: string | null, sites: readonly DriverSite[]): void => {
    if (sites.length > 0) findings.push({ rule, tag, sites });
  };
  const untagged = tags.find(({ tag, mask }) => tag === NO_TAG && mask === WHOLE_TAG);
  add(
    "untagged",
    null,
    sitesOf(untagged, (api) => api === "ExAllocatePool" || api === "ExAllocatePoolWithQuota"),
  );
  for (const tag of tags) if (DEFAULT_TAGS.has(tag.tag)) add("default-tag", nameOf(tag), sitesOf(tag, isBlock));
  const anonymousFrees =
    scan.unresolved.filter(({ api }) => FREES.has(api)).length + (scan.imports.includes("ExFreePool") ? 1 : 0);
  const own = tags.filter((tag) => tag !== untagged);
  if (anonymousFrees === 0) {
    for (const tag of own) {
      if (!tag.uses.some(({ api }) => FREES.has(api)) && !isFreedAsForm(tag, own)) {
        add("never-freed", nameOf(tag), sitesOf(tag, isBlock));
      }
    }
  }
  for (const tag of own) {
    const sites = sitesOf(tag, isBlock);
    if (new Set(sites.map((site) => site.function)).size > CROWDED_FUNCTIONS) add("crowded-tag", nameOf(tag), sites);
  }
  const unknown = scan.unresolved.filter(({ api }) => isBlock(api));
  add("unresolved-tag", null, unknown);
  for (const api of DEPRECATED) {
    const sites = tags.flatMap((tag) => sitesOf(tag, (name) => name === api));
    const all = [...sites, ...unknown.filter((site) => site.api === api)];
    add("deprecated-api", null, [...new Map(all.map((site) => [site.rva, site])).values()]);
  }
  return { findings, anonymousFrees };
}

function isBlock(api: string): boolean {
  return BLOCKS.test(api);
}

/** Whether another tag known in part, under which something is freed, may be this one. */
function isFreedAsForm(tag: DriverTag, tags: readonly DriverTag[]): boolean {
  return tags.some(({ tag: value, mask, uses }) => {
    const both = mask & tag.mask;
    return ((value ^ tag.tag) & both) === 0 && uses.some(({ api }) => FREES.has(api));
  });
}

function sitesOf(tag: DriverTag | undefined, isWanted: (api: string) => boolean): DriverSite[] {
  const uses = tag?.uses.filter(({ api }) => isWanted(api)) ?? [];
  return uses.map(({ api, rva, function: start }) => ({ api, rva, function: start }));
}

function nameOf({ tag, mask }: DriverTag): string {
  return mask === WHOLE_TAG ? formatTag(tag) : formatTagPattern(tag, mask);
}
