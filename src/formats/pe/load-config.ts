// The slots through which Control Flow Guard checks and makes indirect calls, from the load configuration directory.

import { DIRECTORY, type PeImage } from "./image.ts";

export interface GuardSlots {
  /** Slots whose function checks a target and returns: the call itself follows. */
  readonly check: ReadonlySet<number>;
  /** Slots whose function jumps to the target in rax. */
  readonly dispatch: ReadonlySet<number>;
}

/** Offsets in IMAGE_LOAD_CONFIG_DIRECTORY64: CF check and dispatch, XFG check, dispatch and table dispatch. */
const CHECKS_64 = [0x70, 0x118];
const DISPATCHES_64 = [0x78, 0x120, 0x128];
/** The same in IMAGE_LOAD_CONFIG_DIRECTORY32, where only the check exists. */
const CHECKS_32 = [0x48];

export function readGuardSlots(image: PeImage): GuardSlots {
  const directory = image.directory(DIRECTORY.loadConfig);
  const size = directory === undefined ? 0 : (image.u32(directory.rva) ?? 0);
  const slots = (offsets: readonly number[]): Set<number> => {
    const found = new Set<number>();
    for (const offset of offsets) {
      if (directory === undefined || offset + image.pointerSize > size) continue;
      const slot = image.pointer(directory.rva + offset);
      if (slot !== undefined) found.add(slot);
    }
    return found;
  };
  const wide = image.pointerSize === 8;
  return { check: slots(wide ? CHECKS_64 : CHECKS_32), dispatch: slots(wide ? DISPATCHES_64 : []) };
}
