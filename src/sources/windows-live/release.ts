// Update and edition of this Windows, which no information class tells: values of the registry.

import type { Origin } from "../../model/snapshot.ts";
import type { NativeSystem } from "./native.ts";

const CURRENT_VERSION = String.raw`SOFTWARE\Microsoft\Windows NT\CurrentVersion`;

/** What the registry tells, each part absent where it does not or where it makes no sense. */
export function readRelease(native: NativeSystem): Pick<Origin, "windowsRevision" | "windowsEdition"> {
  const revision = parseDword(native.registryValue?.(CURRENT_VERSION, "UBR"));
  const edition = parseText(native.registryValue?.(CURRENT_VERSION, "EditionID"));
  return {
    ...(revision !== undefined && { windowsRevision: revision }),
    ...(edition !== undefined && /^[A-Za-z0-9]{1,64}$/.test(edition) && { windowsEdition: edition }),
  };
}

/** A REG_DWORD. */
export function parseDword(bytes: Uint8Array | undefined): number | undefined {
  if (bytes?.length !== 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** A REG_SZ: UTF-16, up to its terminator. */
export function parseText(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder("utf-16le").decode(bytes).split("\0")[0];
}
