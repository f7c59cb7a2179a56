// Who holds handles to what, on demand: the whole handle table of the machine, counted by process and object type.

import { countHandles } from "../../formats/kernel-lists/handle-table.ts";
import { parseObjectTypes } from "../../formats/kernel-lists/object-types.ts";
import { parseProcessList } from "../../formats/kernel-lists/process-list.ts";
import { AccessError } from "../../model/errors.ts";
import type { Holder } from "../../model/surroundings.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import type { NativeSystem } from "./native.ts";
import { STATUS_INFO_LENGTH_MISMATCH, STATUS_NOT_IMPLEMENTED, statusError } from "./ntstatus.ts";

const OBJECT_TYPES = 3;
const PROCESSES = 5;
const HANDLE_TABLE = 64;

/** 40 bytes a handle: 6.7 million handles. A machine with more is told of as such instead of read. */
const MOST_TABLE_BYTES = 256 * 1024 * 1024;

/**
 * Holders, most handles first; a type without a name is `type N`. Throws AccessError where Windows refuses one of the lists,
 * FormatError where one makes no sense.
 */
export function readHolders(native: NativeSystem): readonly Holder[] {
  const { pointerBytes } = native;
  const query = (informationClass: number, buffer: Uint8Array): ReturnType<NativeSystem["query"]> =>
    native.query(informationClass, buffer);
  const types = new GrowingBuffer(
    (informationClass, buffer) =>
      native.queryObject?.(informationClass, buffer) ?? { status: STATUS_NOT_IMPLEMENTED, length: 0 },
  ).ask(OBJECT_TYPES);
  const names = new Map(
    types.bytes === undefined
      ? []
      : parseObjectTypes(types.bytes, pointerBytes).map(({ index, type }) => [index, type] as const),
  );
  const list = new GrowingBuffer(query).ask(PROCESSES);
  if (list.bytes === undefined) throw statusError("the process list (class 5)", list.status);
  const programs = new Map(parseProcessList(list.bytes, pointerBytes).programs.map(({ pid, name }) => [pid, name]));
  const table = new GrowingBuffer(query, MOST_TABLE_BYTES, 4 * 1024 * 1024).ask(HANDLE_TABLE);
  if (table.bytes === undefined) {
    if (table.status !== STATUS_INFO_LENGTH_MISMATCH) throw statusError("the handle table (class 64)", table.status);
    throw new AccessError(
      `the handle table is larger than ${MOST_TABLE_BYTES / 1024 / 1024} MiB`,
      "see `poolscope processes` for the process with millions of handles",
    );
  }
  return countHandles(table.bytes, pointerBytes).map(({ pid, typeIndex, handles }) => ({
    type: names.get(typeIndex) ?? `type ${typeIndex}`,
    pid,
    name: programs.get(pid) ?? `process ${pid}`,
    handles,
  }));
}
