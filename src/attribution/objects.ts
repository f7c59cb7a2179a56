// Tags of kernel objects that programs hold handles to: a handle leak shows under them before any driver is to blame.
// Source: the object types of Windows and their tags as pooltag.txt and public debugger output name them.

import { bookedTag, formatTag, type Tag } from "../model/tag.ts";

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

/** Whether programs hold handles to what the tag stands for. */
export function isHandleTag(tag: Tag): boolean {
  return HANDLE_TAGS.has(formatTag(bookedTag(tag)));
}

/** Tags that a file system filter can pin, by their first letters: files, their contexts and names. */
const FILE_TAGS = /^(?:File|Io[NF]|FM|Nt|FS|Cc|Mm(?:Ca|Sm|St))/;
/** Owners behind which stands a network filter or callout driver. */
const NETWORK_OWNERS = /^(?:netio|tcpip|ndis|afd|fwpkclnt|http)\.sys/i;

export function isFileTag(tag: Tag): boolean {
  return FILE_TAGS.test(formatTag(tag));
}

export function isNetworkOwner(component: string): boolean {
  return NETWORK_OWNERS.test(component);
}
