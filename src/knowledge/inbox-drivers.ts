// Which parts of Windows may be the culprit (inbox filters) and which only allocate for others.

import inboxFile from "../../data/inbox-drivers.json" with { type: "json" };
import type { Nature } from "../model/attribution.ts";
import type { InboxRole } from "../model/known-case.ts";

const FILTERS = new Map(inboxFile.filters.map((each) => [each.file, each]));
const ALLOCATORS: ReadonlySet<string> = new Set(inboxFile.allocators);

/**
 * The role of an owner or driver file (`wcifs.sys`, `kernel (I/O manager)`, `C:\Windows\System32\drivers\afd.sys`);
 * undefined where it is no part of Windows that is listed. Of several names (`a.sys or b.sys`) all must be Windows' own.
 */
export function inboxRoleOf(component: string): InboxRole | undefined {
  const names = component.toLowerCase().split(/,? (?:or|and) |, /);
  const roles = names.map(roleOfName);
  const filter = roles.find((role) => role?.role === "filter");
  if (roles.some((role) => role === undefined)) return undefined;
  return filter ?? roles[0];
}

function roleOfName(name: string): InboxRole | undefined {
  const [start = ""] = name.split("(", 1);
  const file = start.trim().replace(/^.*[\\/]/, "");
  const filter = FILTERS.get(file) ?? FILTERS.get(`${file}.sys`);
  if (filter !== undefined) return { role: "filter", ...filter };
  const listed = ALLOCATORS.has(file) || ALLOCATORS.has(`${file}.sys`);
  return listed || file === "kernel" || file.startsWith("nt!") ? { role: "allocator" } : undefined;
}

/** Owners that our notes describe as code linked into drivers of many vendors, or as no driver in particular. */
const SHARED = /\b(?:many|printer)\b.{0,60}\bdrivers\b|^drivers built\b|^printer drivers$/i;

/**
 * What a component is, from its name and the company of its version resource. A driver of Microsoft that is not listed as an
 * inbox filter counts as one that allocates for others; a file without any company is not known to be anybody's.
 */
export function natureOf(component: string, company?: string): Nature {
  if (SHARED.test(component)) return "shared";
  const role = inboxRoleOf(component);
  if (role?.role === "filter") return "inbox-filter";
  if (role !== undefined) return /^(?:kernel|nt)\b|^ntoskrnl|^ntkrnl|^hal\.dll/i.test(component) ? "kernel" : "inbox";
  if (company !== undefined) return /^microsoft\b/i.test(company) ? "inbox" : "third-party";
  return /\.(?:sys|dll|exe)\b/i.test(component) ? "third-party" : "unknown";
}
