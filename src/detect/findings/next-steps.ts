// What to type next, one step a line: commands that exist on every Windows or in Microsoft's free kits.

import type { PoolKind } from "../../model/snapshot.ts";
import { formatTag, isPrintableTag, formatTagHex, type Tag } from "../../model/tag.ts";

/** Objects that programs hold handles to: a handle leak shows under them before any driver is to blame. */
const HANDLE_TAGS: ReadonlySet<string> = new Set([
  "Even",
  "File",
  "Key ",
  "Muta",
  "Port",
  "ALPC",
  "Proc",
  "Sect",
  "Sema",
  "Thre",
  "Time",
  "Toke",
  "AfdE",
]);

export function isHandleTag(tag: Tag): boolean {
  return HANDLE_TAGS.has(formatTag(tag));
}

function quoted(tag: Tag): string {
  const text = formatTag(tag);
  return /^[A-Za-z0-9_]+$/.test(text) ? text : `"${text}"`;
}

/** Steps for growth that goes on. `suspect` is the tag that points at the driver, where a group has a better one than its lead. */
export function stepsForLeak(tag: Tag, kind: PoolKind, suspect: Tag): string[] {
  const steps = [`poolscope tag ${quoted(suspect)}   (on the machine itself: which drivers use this tag)`];
  if (isHandleTag(tag)) {
    steps.push(
      "handle -s   (Sysinternals: counts of handle types), then handle -s -p PID of the process with the most: a program that never closes them is the usual cause",
    );
  }
  if (isPrintableTag(suspect)) {
    steps.push(
      `xperf -on PROC_THREAD+LOADER+POOL -stackwalk PoolAlloc+PoolFree -PoolTag ${quoted(suspect)}, wait, xperf -stop -d pool.etl   (who allocates, with stacks)`,
    );
  }
  steps.push(
    `!poolused ${kind === "paged" ? 4 : 2} ${debuggerTag(tag)}   (in a kernel debugger: what the tag holds now)`,
  );
  steps.push(
    "verifier /flags 0x8 /driver NAME.sys   (pool tracking of the suspected driver, after a restart; then !verifier 3 NAME.sys)",
  );
  return steps;
}

/** Steps for memory that is held though growth has stopped: only its contents can tell who holds it. */
export function stepsForHeld(tag: Tag, suspect: Tag): string[] {
  const steps = [`poolscope tag ${quoted(suspect)}   (on the machine itself: which drivers use this tag)`];
  if (isHandleTag(tag)) {
    steps.push(
      "handle -s   (Sysinternals: counts of handle types): is the process that leaked still running? Its end gives the memory back",
    );
  }
  steps.push(`poolscope dump MEMORY.DMP find ${quoted(tag)}   (out of a full or kernel dump: what the blocks contain)`);
  return steps;
}

function debuggerTag(tag: Tag): string {
  return isPrintableTag(tag) ? formatTag(tag).trimEnd() : formatTagHex(tag);
}
