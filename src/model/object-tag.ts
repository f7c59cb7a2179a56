// Under which pool tag objects of a type are allocated. The object manager takes the first four characters of the type's name,
// padded with spaces; `Type` itself is the one exception. Sources: pooltag.txt's "... objects" lines and Volatility's tables.

import { parseTag, type Tag } from "./tag.ts";

/**
 * certain: lists name the tag as that of these objects; rule: the rule alone says so; shared: others allocate under the tag as
 * well, or several types have it, so that it can only hold more than the objects.
 */
export type ObjectTagBasis = "certain" | "rule" | "shared";

export interface ObjectTag {
  readonly tag: Tag;
  readonly basis: ObjectTagBasis;
}

const CERTAIN: ReadonlySet<string> = new Set([
  "Event",
  "File",
  "Token",
  "Process",
  "Thread",
  "Key",
  "Section",
  "Semaphore",
  "Mutant",
  "Timer",
  "Directory",
  "SymbolicLink",
  "Driver",
  "Device",
  "Type",
  "ALPC Port",
  "TpWorkerFactory",
  "WaitCompletionPacket",
  "Profile",
  "Adapter",
  "WindowStation",
  "TmTm",
  "TmTx",
  "TmRm",
  "TmEn",
]);

const SHARED = /^(?:Etw|IoCompletion|Activ|Filter|Dxgk|PsSilo|Controller|UserApc|Callback|WmiGuid|IoRing)|StateChange$/;

/** The tag of an object type. */
export function tagOfObjectType(type: string): ObjectTag {
  const text = type === "Type" ? "ObjT" : type.slice(0, 4).padEnd(4, " ");
  const basis = CERTAIN.has(type) ? "certain" : SHARED.test(type) ? "shared" : "rule";
  return { tag: parseTag(text) ?? 0, basis };
}
