// Which parts of Windows may be the culprit (inbox filters) and which only allocate for others.

import inboxFile from "../../data/inbox-drivers.json" with { type: "json" };
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
  const file = name
    .trim()
    .replace(/ *\(.*$/, "")
    .replace(/^.*[\\/]/, "");
  const filter = FILTERS.get(file) ?? FILTERS.get(`${file}.sys`);
  if (filter !== undefined) return { role: "filter", ...filter };
  const listed = ALLOCATORS.has(file) || ALLOCATORS.has(`${file}.sys`);
  return listed || file === "kernel" || file.startsWith("nt!") ? { role: "allocator" } : undefined;
}
