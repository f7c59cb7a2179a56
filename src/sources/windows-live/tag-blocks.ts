// Where the blocks of one tag are, on demand: lookaside lists and big blocks of this machine. Each fails alone.

import { bigBlocksOf } from "../../formats/kernel-lists/big-pool.ts";
import { LOOKASIDE_BYTES, idleBlocksOf } from "../../formats/kernel-lists/lookasides.ts";
import { isKnownError } from "../../model/errors.ts";
import type { Gap } from "../../model/snapshot.ts";
import type { TagBlocks } from "../../model/tag-blocks.ts";
import type { Tag } from "../../model/tag.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import type { NativeSystem } from "./native.ts";
import { statusError } from "./ntstatus.ts";

const LOOKASIDES = 45;
const BIG_POOL = 66;

const FIRST_BYTES = 4096 * LOOKASIDE_BYTES;
/** Half a million lists: no Windows has them. */
const MOST_BYTES = 128 * FIRST_BYTES;

export function readTagBlocks(native: NativeSystem, tag: Tag): TagBlocks {
  const gaps: Gap[] = [];
  const orGap = <Part>(read: () => Part): Part | undefined => {
    try {
      return read();
    } catch (error) {
      if (!isKnownError(error)) throw error;
      gaps.push({ where: "this machine", problem: error.message });
      return undefined;
    }
  };
  const idle = orGap(() => idleBlocksOf(readLookasides(native), tag));
  const big = orGap(() => bigBlocksOf(readBigPool(native), native.pointerBytes, tag));
  return { ...(idle !== undefined && { idle }), ...(big !== undefined && { big }), gaps };
}

/** The call answers with what fits and does not say what is missing: only an answer with room left is whole. */
function readLookasides(native: NativeSystem): Uint8Array {
  for (let size = FIRST_BYTES; ; size *= 2) {
    const buffer = new Uint8Array(size);
    const { status, length } = native.query(LOOKASIDES, buffer);
    if (status !== 0) throw statusError("lookaside lists (class 45)", status);
    if (length < size || size >= MOST_BYTES) return buffer.subarray(0, length);
  }
}

function readBigPool(native: NativeSystem): Uint8Array {
  const { bytes, status } = new GrowingBuffer((informationClass, buffer) => native.query(informationClass, buffer)).ask(
    BIG_POOL,
  );
  if (bytes === undefined) throw statusError("big pool blocks (class 66)", status);
  return bytes;
}
