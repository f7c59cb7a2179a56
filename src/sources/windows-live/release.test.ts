import { expect, test } from "vitest";
import type { NativeSystem } from "./native.ts";
import { readRelease } from "./release.ts";

function nativeWith(values: Readonly<Record<string, Uint8Array>>): NativeSystem {
  return {
    pointerBytes: 8,
    query: () => ({ status: 1, length: 0 }),
    buildNumber: () => 19045,
    registryValue: (key, name) => (key.endsWith("CurrentVersion") ? values[name] : undefined),
    close: () => {},
  };
}

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(`${value}\0`, "utf16le"));

test("update and edition as the registry has them", () => {
  const values = { UBR: Uint8Array.of(0x2b, 0x12, 0, 0), EditionID: text("Professional") };
  expect(readRelease(nativeWith(values))).toEqual({ windowsRevision: 4651, windowsEdition: "Professional" });
});

test("what is missing, of another type or no name of an edition is left out", () => {
  expect(readRelease(nativeWith({}))).toEqual({});
  expect(readRelease(nativeWith({ UBR: Uint8Array.of(1), EditionID: text('Pro"\n') }))).toEqual({});
  const without = {
    pointerBytes: 8,
    query: () => ({ status: 1, length: 0 }),
    buildNumber: () => 1,
    close: () => {},
  } as const;
  expect(readRelease(without)).toEqual({});
});
