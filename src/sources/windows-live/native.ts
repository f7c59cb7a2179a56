// The one small interface to Windows' native calls, and its koffi implementation. Everything else in this folder works on
// the interface, so that another FFI can take koffi's place. koffi is loaded only when a library is really opened.

import { existsSync } from "node:fs";
import { AccessError } from "../../model/errors.ts";
import { STATUS_NOT_IMPLEMENTED } from "./ntstatus.ts";

/** What NtQuerySystemInformation answered. */
export interface QueryResult {
  /** NTSTATUS as an unsigned number; 0 is success. */
  readonly status: number;
  /** Bytes written, or needed where the buffer was too small; 0 where it did not say. */
  readonly length: number;
}

/** Windows as the sampler sees it. */
export interface NativeSystem {
  readonly pointerBytes: 4 | 8;
  /** NtQuerySystemInformation into `buffer`, which must start on an 8-byte boundary. */
  query(informationClass: number, buffer: Uint8Array): QueryResult;
  /** NtQueryObject without a handle, into `buffer` as above. A library without it answers STATUS_NOT_IMPLEMENTED. */
  queryObject?(informationClass: number, buffer: Uint8Array): QueryResult;
  /** Build number by RtlGetVersion, e.g. 19045; undefined where it is not told. */
  buildNumber(): number | undefined;
  /** A value of HKEY_LOCAL_MACHINE, of the 64-bit view, as its bytes; undefined where it is not told. */
  registryValue?(key: string, name: string): Uint8Array | undefined;
  close(): void;
}

type NativeFunction = (...args: unknown[]) => number;

/** The part of koffi that is used. Its own types are wider than what we rely on. */
export interface Ffi {
  load(path: string): {
    func(convention: string, name: string, result: string, parameters: string[]): NativeFunction;
    unload(): void;
  };
  sizeof(type: string): number;
}

/** Loads koffi. Replaceable, for a single-file program that carries the addon as an asset. */
export type LoadFfi = () => Promise<Ffi>;

/** koffi itself; the single-file program has its own in its place. */
export async function loadKoffi(): Promise<Ffi> {
  const module = (await import("koffi")) as unknown as { default?: Ffi } & Ffi;
  return module.default ?? module;
}

/** Opens the library that speaks the protocol: ntdll.dll, or a stand-in for it. Throws AccessError where it cannot be loaded. */
export async function openNative(path: string, loadFfi: LoadFfi = loadKoffi): Promise<NativeSystem> {
  let ffi: Ffi;
  try {
    ffi = await loadFfi();
  } catch (error) {
    throw new AccessError(
      `cannot load the koffi addon for ${process.platform} ${process.arch}: ${messageOf(error)}`,
      "install poolscope again without --omit=optional and with the right architecture, or use `poolscope collector`",
      error,
    );
  }
  let library: ReturnType<Ffi["load"]>;
  let query: NativeFunction;
  try {
    library = ffi.load(path);
    query = library.func("__stdcall", "NtQuerySystemInformation", "uint32", ["uint32", "void *", "uint32", "void *"]);
  } catch (error) {
    const missing = (path.includes("/") || path.includes("\\")) && !existsSync(path);
    throw new AccessError(
      `cannot use ${path}: ${missing ? "no such file" : messageOf(error)}`,
      "it must export NtQuerySystemInformation",
      error,
    );
  }
  const returned = new Uint32Array(1);
  let registry: ReadValue | undefined;
  let queryObject: NativeFunction | undefined;
  try {
    queryObject = library.func("__stdcall", "NtQueryObject", "uint32", [
      "void *",
      "uint32",
      "void *",
      "uint32",
      "void *",
    ]);
  } catch {
    // Object types are welcome, not needed.
  }
  return {
    pointerBytes: ffi.sizeof("void *") === 4 ? 4 : 8,
    query(informationClass, buffer) {
      returned[0] = 0;
      const status = query(informationClass, buffer, buffer.byteLength, returned) >>> 0;
      return { status, length: returned[0] ?? 0 };
    },
    queryObject(informationClass, buffer) {
      returned[0] = 0;
      if (queryObject === undefined) return { status: STATUS_NOT_IMPLEMENTED, length: 0 };
      const status = queryObject(null, informationClass, buffer, buffer.byteLength, returned) >>> 0;
      return { status, length: returned[0] ?? 0 };
    },
    buildNumber() {
      try {
        const info = new Uint32Array(69);
        info[0] = 276;
        const status = library.func("__stdcall", "RtlGetVersion", "uint32", ["void *"])(info);
        return status === 0 ? info[3] : undefined;
      } catch {
        return undefined;
      }
    },
    registryValue: (key, name) => {
      registry ??= openRegistry(ffi, path, library);
      return registry(key, name);
    },
    close() {
      library.unload();
    },
  };
}

type ReadValue = (key: string, name: string) => Uint8Array | undefined;

/** `(HKEY)(ULONG_PTR)(LONG)0x80000002` of winreg.h, with and without sign extension. */
const HKEY_LOCAL_MACHINE = { 4: 0x80000002n, 8: 0xffffffff80000002n } as const;

/** RRF_RT_ANY and RRF_SUBKEY_WOW6464KEY: any type, and the 64-bit view also for a 32-bit process. */
const ANY_TYPE_64_BIT_VIEW = 0x0001ffff;

/** Longer than any value that is asked for. */
const MOST_VALUE_BYTES = 512;

/** RegGetValueW of advapi32, or of the stand-in where one stands for ntdll. */
function openRegistry(ffi: Ffi, path: string, standIn: ReturnType<Ffi["load"]>): ReadValue {
  try {
    const library = path === "ntdll.dll" ? ffi.load("advapi32.dll") : standIn;
    // Only types that every FFI here knows; texts and the handle are pointers.
    const parameters = ["void *", "void *", "void *", "uint32", "void *", "void *", "void *"];
    const read = library.func("__stdcall", "RegGetValueW", "uint32", parameters);
    const root = HKEY_LOCAL_MACHINE[ffi.sizeof("void *") === 4 ? 4 : 8];
    return (key, name) => {
      const value = new Uint8Array(MOST_VALUE_BYTES);
      const length = Uint32Array.of(MOST_VALUE_BYTES);
      const type = new Uint32Array(1);
      const status = read(root, wideText(key), wideText(name), ANY_TYPE_64_BIT_VIEW, type, value, length);
      return status === 0 ? value.subarray(0, length[0]) : undefined;
    };
  } catch {
    // What it tells is welcome, not needed.
    return () => undefined;
  }
}

/** UTF-16 with its terminator; on an even address, since it owns its buffer. */
function wideText(text: string): Uint16Array {
  return Uint16Array.from(`${text}\0`, (character) => character.charCodeAt(0));
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
