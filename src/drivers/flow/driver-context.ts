// What the data flow is told of the driver context a function, and what it tells of the function in turn.

import type { Import } from "../../formats/pe/imports.ts";
import type { PeImage } from "../../formats/pe/image.ts";
import type { GuardSlots } from "../../formats/pe/load-config.ts";
import type { Abi } from "./abi.ts";
import type { Steps } from "../steps.ts";
import type { Atoms } from "./values.ts";

/** What the flow needs to know of the driver context the function. */
export interface DriverContext {
  readonly abi: Abi;
  /** What the scan of the driver may still cost. */
  readonly steps: Steps;
  readonly atoms: Atoms;
  readonly image: PeImage;
  readonly imports: ReadonlyMap<number, Import>;
  readonly guard: GuardSlots;
  readonly relocated: ReadonlySet<number>;
  readonly wdf: WdfTable | undefined;
  /** x86: bytes of arguments that an import or a local function takes off the stack; undefined where unknown. */
  poppedBy(target: Callee): number | undefined;
  /** The same for an imported function by its name. */
  poppedByName(name: string): number | undefined;
  /** Registers that a short local function changes: compilers rely on what it leaves alone. Undefined: all volatile ones. */
  changedBy(rva: number): ReadonlySet<number> | undefined;
  /** What a local function is, where that matters to the flow. */
  roleOf(rva: number): LocalRole;
}

export type LocalRole = "function" | "jump-to-target" | "nothing" | "frame-prologue";

export interface WdfTable {
  /** RVA of the table itself, or of the variable that points to it. */
  readonly rva: number;
  readonly isArray: boolean;
  readonly count: number;
}

export type Callee =
  | { readonly kind: "import"; readonly slot: number }
  | { readonly kind: "local"; readonly rva: number }
  | { readonly kind: "wdf"; readonly index: number }
  | { readonly kind: "routine"; readonly name: number }
  | { readonly kind: "variable"; readonly rva: number };
