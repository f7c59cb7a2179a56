// Native calls of the single-file program; its bundle takes this in place of koffi. Node 26 brings node:ffi, which needs no
// file on disk. Where that is missing or fails, koffi's addon is written from the asset to a file and loaded from there:
// Windows loads libraries only from files. POOLSCOPE_FFI=koffi asks for the second way.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRawAsset } from "node:sea";
import type { Ffi } from "../../sources/windows-live/native.ts";

type Call = (...args: unknown[]) => number;

/** The part of node:ffi that is used; it is experimental and has no types yet. */
interface NodeFfi {
  dlopen(
    path: string,
    functions: Readonly<Record<string, { readonly return: string; readonly arguments: readonly string[] }>>,
  ): { readonly lib: { close(): void }; readonly functions: Readonly<Record<string, Call>> };
  getRawPointer(view: ArrayBufferView): bigint;
}

const NODE_TYPES: Readonly<Record<string, string>> = { uint32: "u32", "void *": "pointer" };

function overNodeFfi(ffi: NodeFfi): Ffi {
  return {
    sizeof: () => 8,
    load(path) {
      const opened: (() => void)[] = [];
      return {
        func(_convention, name, result, parameters) {
          const types = parameters.map((type) => NODE_TYPES[type] ?? type);
          const library = ffi.dlopen(path, { [name]: { return: NODE_TYPES[result] ?? result, arguments: types } });
          opened.push(() => library.lib.close());
          const call = library.functions[name];
          if (call === undefined) throw new Error(`${path} has no ${name}`);
          return (...args) => call(...args.map((arg) => (ArrayBuffer.isView(arg) ? ffi.getRawPointer(arg) : arg)));
        },
        unload() {
          for (const close of opened.splice(0)) close();
        },
      };
    },
  };
}

/** Writes koffi's addon into the user's own folder, by its hash, so that it is written once; loads it. */
function loadKoffiAsset(): Ffi {
  const bytes = Buffer.from(getRawAsset("koffi.node"));
  const hash = createHash("sha256").update(bytes).digest("hex");
  const folder = join(process.env["LOCALAPPDATA"] ?? tmpdir(), "poolscope");
  const path = join(folder, `koffi-${hash.slice(0, 16)}.node`);
  if (!isFileOf(path, hash)) {
    mkdirSync(folder, { recursive: true });
    const temporary = `${path}.${randomBytes(4).toString("hex")}`;
    writeFileSync(temporary, bytes, { mode: 0o700 });
    renameSync(temporary, path);
  }
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Ffi;
}

function isFileOf(path: string, hash: string): boolean {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex") === hash;
  } catch {
    return false;
  }
}

function choose(): Ffi {
  const nodeFfi = process.getBuiltinModule("node:ffi") as NodeFfi | undefined;
  return nodeFfi === undefined || process.env["POOLSCOPE_FFI"] === "koffi" ? loadKoffiAsset() : overNodeFfi(nodeFfi);
}

const chosen = choose();
export const load: Ffi["load"] = (path) => chosen.load(path);
export const sizeof: Ffi["sizeof"] = (type) => chosen.sizeof(type);
