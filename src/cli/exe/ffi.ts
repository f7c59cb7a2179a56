// Native calls of the single-file program; its bundle takes this in place of koffi. Node 26 brings node:ffi, which needs no
// file on disk. Where that is missing or fails, koffi's addon is written from the asset to a file and loaded from there:
// Windows loads libraries only from files. POOLSCOPE_FFI=koffi asks for the second way.

import type { Ffi } from "../../sources/windows-live/native.ts";
import { assetFile } from "./assets.ts";

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

function loadKoffiAsset(): Ffi {
  const module = { exports: {} };
  process.dlopen(module, assetFile("koffi.node"));
  return module.exports as Ffi;
}

function choose(): Ffi {
  const nodeFfi = process.getBuiltinModule("node:ffi") as NodeFfi | undefined;
  return nodeFfi === undefined || process.env["POOLSCOPE_FFI"] === "koffi" ? loadKoffiAsset() : overNodeFfi(nodeFfi);
}

const chosen = choose();
export const load: Ffi["load"] = (path) => chosen.load(path);
export const sizeof: Ffi["sizeof"] = (type) => chosen.sizeof(type);
