// Kernel functions that a driver looks up by name at run time, and then calls through a variable.

import type { PeImage } from "../../formats/pe/image.ts";
import { placeOfArgument } from "../flow/abi.ts";
import { API_RULES } from "./api-table.ts";
import type { Call } from "../flow/call.ts";
import type { Callee, DriverContext } from "../flow/driver-context.ts";
import { ATOM, soleAtom, type Value } from "../flow/values.ts";

const MAX_NAME = 64;
/** Arguments in which a driver's own look-up function may take the name. */
const NAME_ARGUMENTS = 4;

type Role = "counted-string" | "copy" | "look-up" | "look-up-text";

const ROLES: ReadonlyMap<string, Role> = new Map([
  ...[
    "RtlInitUnicodeString",
    "RtlInitString",
    "RtlInitAnsiString",
    "RtlInitUnicodeStringEx",
    "NdisInitUnicodeString",
  ].map((name) => [name, "counted-string"] as const),
  ...["memcpy", "memmove", "RtlCopyMemory", "RtlMoveMemory"].map((name) => [name, "copy"] as const),
  ["MmGetSystemRoutineAddress", "look-up"],
  ["NdisGetRoutineAddress", "look-up"],
  ["FltGetRoutineAddress", "look-up-text"],
]);

export class RoutineNames {
  readonly #context: DriverContext;
  readonly #names: string[] = [];
  /** Name of an API by the RVA of its text in the image. */
  readonly #texts: ReadonlyMap<number, string>;

  /** What imported functions do to names and memory, by slot. */
  readonly #roles = new Map<number, Role>();

  constructor(context: DriverContext) {
    this.#context = context;
    let takesTag = false;
    let looksUp = false;
    for (const [slot, { name }] of context.imports) {
      takesTag ||= Object.hasOwn(API_RULES, name);
      const role = ROLES.get(name);
      if (role === undefined) continue;
      this.#roles.set(slot, role);
      looksUp ||= role === "look-up" || role === "look-up-text";
    }
    // A driver that imports neither may look functions up with code of its own.
    this.#texts = looksUp || !takesTag ? findApiNames(context.image) : new Map();
  }

  /** RVAs that code refers to where it looks up a function that takes a tag. */
  references(): number[] {
    const rvas = [...this.#texts.keys()];
    const { image } = this.#context;
    // Counted strings made at compile time: a pointer to the text stands behind two lengths.
    for (const at of this.#context.relocated) {
      const target = image.pointer(at);
      if (target !== undefined && this.#texts.has(target)) rvas.push(at - image.pointerSize, at);
    }
    return rvas;
  }

  name(index: number): string | undefined {
    return this.#names[index];
  }

  /** What a call gives back, where it looks up a function by name. Keeps track of counted strings on the way. */
  call(callee: Callee, call: Call): Value | undefined {
    const { abi } = this.#context;
    if (callee.kind === "import") {
      const role = this.#roles.get(callee.slot);
      if (role === undefined) return undefined;
      const first = call.argument(placeOfArgument(abi, 0));
      if (role === "look-up") return this.#routine(call.behind(first, abi.pointerSize, abi.pointerSize));
      if (role === "look-up-text") return this.#routine(first);
      const second = call.argument(placeOfArgument(abi, 1));
      if (role === "counted-string") {
        const target = soleAtom(first);
        if (target?.kind === ATOM.stack) call.state.setSlot(target.a + abi.pointerSize, second);
        if (target?.kind === ATOM.address) call.state.setStatic(target.a + abi.pointerSize, second);
        return undefined;
      }
      const length = soleAtom(call.argument(placeOfArgument(abi, 2)));
      if (length?.kind === ATOM.constant) call.copyMemory(first, second, length.a);
      return undefined;
    }
    if (callee.kind !== "local" || this.#texts.size === 0) return undefined;
    // A driver's own look-up: whatever local function is handed the name of an API gives back that API.
    const places = abi.machine === "x86" ? [...abi.entryRegisters] : [];
    for (let i = 0; i < NAME_ARGUMENTS; i++) places.push(placeOfArgument(abi, i));
    for (const place of places) {
      const value = call.argument(place);
      const found = this.#routine(value) ?? this.#routine(call.behind(value, abi.pointerSize, abi.pointerSize));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #routine(text: Value): Value | undefined {
    for (const atom of text.atoms) {
      const at =
        atom.kind === ATOM.address ? atom.a : atom.kind === ATOM.load ? this.#context.image.pointer(atom.a) : undefined;
      const name = at === undefined ? undefined : this.#texts.get(at);
      if (name === undefined) continue;
      let index = this.#names.indexOf(name);
      if (index < 0) index = this.#names.push(name) - 1;
      return this.#context.atoms.get(ATOM.routine, index);
    }
    return undefined;
  }
}

/** Texts in the image, outside the import tables, that are the name of an API with `Pool` in it. */
function findApiNames(image: PeImage): Map<number, string> {
  const found = new Map<number, string>();
  const data = image.bytes.data;
  const names = new Set(Object.keys(API_RULES));
  for (const section of image.sections) {
    const end = section.offset + section.rawSize;
    for (let offset = section.offset; offset + 8 <= end; offset++) {
      if (data[offset] !== 0x50) continue;
      const step = data[offset + 1] === 0x6f ? 1 : data[offset + 1] === 0 && data[offset + 2] === 0x6f ? 2 : 0;
      if (step === 0 || data[offset + 2 * step] !== 0x6f || data[offset + 3 * step] !== 0x6c) continue;
      // What stands before the name may read as more letters of it: every beginning is tried.
      for (let start = offset - step; start >= section.offset && offset - start < MAX_NAME; start -= step) {
        if (!isLetter(data[start] ?? 0)) break;
        const text = step === 1 ? image.bytes.latin1(start, MAX_NAME) : image.bytes.utf16(start, MAX_NAME);
        if (names.has(text)) found.set(section.rva + start - section.offset, text);
      }
    }
  }
  return found;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
