// What a scan needs from outside the pure code: the x86 decoder and the table of argument bytes.

import stdcall from "../../data/stdcall.json" with { type: "json" };
import type { ScanTools } from "../drivers/scan.ts";

let loaded: ScanTools | undefined;

/** Loads the decoder (its package instantiates its WebAssembly when first imported) once per process or worker. */
export async function loadScanTools(): Promise<ScanTools> {
  if (loaded !== undefined) return loaded;
  const { default: iced } = await import("iced-x86");
  const bytes = new Map<string, number>();
  for (const [count, names] of Object.entries(stdcall.bytes)) {
    for (const name of names.split(" ")) bytes.set(name, Number(count));
  }
  loaded = { iced, stdcall: bytes };
  return loaded;
}
