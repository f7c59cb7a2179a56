// Whether the console is this program's alone: a window that Windows opened for it, as after a double click, and closes
// with it.

import { loadKoffi, type LoadFfi } from "./native.ts";

/**
 * Asks kernel32's GetConsoleProcessList (Microsoft Learn), which answers how many processes are attached to the console and
 * writes no more of their numbers than fit. False where it cannot be asked: then nobody waits for a key in vain.
 */
export async function hasOwnWindow(loadFfi: LoadFfi = loadKoffi, library = "kernel32.dll"): Promise<boolean> {
  try {
    const ffi = await loadFfi();
    const kernel = ffi.load(library);
    try {
      const list = kernel.func("__stdcall", "GetConsoleProcessList", "uint32", ["void *", "uint32"]);
      const processes = new Uint32Array(1);
      return list(processes, processes.length) === 1;
    } finally {
      kernel.unload();
    }
  } catch {
    return false;
  }
}
