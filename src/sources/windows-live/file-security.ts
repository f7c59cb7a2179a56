// Who owns a file and may change it, and folders made with their access list in one step: the calls of Windows, over the same
// small interface as everything native here.

import { loadKoffi, type LoadFfi } from "./native.ts";

export interface FileSecurity {
  /** Owner and access list of a file or folder as a self-relative descriptor; undefined where Windows does not tell. */
  read(path: string): Uint8Array | undefined;
  /** Makes a folder that has the owner and the list of an SDDL text from its first instant; false where that failed. */
  createFolder(path: string, sddl: string): boolean;
  close(): void;
}

/** OWNER_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION. */
const OWNER_AND_DACL = 1 | 4;
/** An access list is at most 64 KiB. */
const LARGEST_DESCRIPTOR = 128 * 1024;
const SDDL_REVISION_1 = 1;
/** SECURITY_ATTRIBUTES of 64-bit Windows: nLength at 0, lpSecurityDescriptor at 8, bInheritHandle at 16. */
const ATTRIBUTES_BYTES = 24;
const DESCRIPTOR_OFFSET = 8;

const wide = (text: string): Buffer => Buffer.from(`${text}\0`, "utf16le");

/** Opens the calls; undefined where this system has none of them. */
export async function openFileSecurity(loadFfi: LoadFfi = loadKoffi): Promise<FileSecurity | undefined> {
  if (process.platform !== "win32") return undefined;
  try {
    const ffi = await loadFfi();
    const advapi = ffi.load("advapi32.dll");
    const kernel = ffi.load("kernel32.dll");
    const pointer = "void *";
    const getSecurity = advapi.func("__stdcall", "GetFileSecurityW", "uint32", [
      pointer,
      "uint32",
      pointer,
      "uint32",
      pointer,
    ]);
    const fromSddl = advapi.func("__stdcall", "ConvertStringSecurityDescriptorToSecurityDescriptorW", "uint32", [
      pointer,
      "uint32",
      pointer,
      pointer,
    ]);
    const createDirectory = kernel.func("__stdcall", "CreateDirectoryW", "uint32", [pointer, pointer]);
    return {
      read(path) {
        const bytes = new Uint8Array(LARGEST_DESCRIPTOR);
        const needed = new Uint32Array(1);
        if (getSecurity(wide(path), OWNER_AND_DACL, bytes, bytes.length, needed) === 0) return undefined;
        return bytes.slice(0, Math.min(needed[0] || bytes.length, bytes.length));
      },
      createFolder(path, sddl) {
        const attributes = new Uint8Array(ATTRIBUTES_BYTES);
        new DataView(attributes.buffer).setUint32(0, ATTRIBUTES_BYTES, true);
        // Windows writes the address of the descriptor right into the attributes. It stays allocated: some hundred bytes, once.
        const place = attributes.subarray(DESCRIPTOR_OFFSET, DESCRIPTOR_OFFSET + 8);
        if (fromSddl(wide(sddl), SDDL_REVISION_1, place, null) === 0) return false;
        return createDirectory(wide(path), attributes) !== 0;
      },
      close() {
        advapi.unload();
        kernel.unload();
      },
    };
  } catch {
    return undefined;
  }
}
