// Where tags go: a sink is an argument of an imported function, or of a local function that hands its parameter on to one.

import type { PoolKind } from "../../model/snapshot.ts";
import { placeOfArgument, type Abi } from "../flow/abi.ts";
import type { ApiRule, PoolRule } from "./api-table.ts";
import type { Call } from "../flow/call.ts";
import { ATOM, constantOf, soleAtom, type Value } from "../flow/values.ts";

/** How the pool of an allocation is known where a sink is called. */
export type SinkPool =
  | { readonly kind: "fixed"; readonly pool: PoolKind | null }
  | { readonly kind: "type" | "flags" | "ecp"; readonly place: number };

/** How many bytes a call allocates: known, unknown (null), or told by an argument. */
export type SinkSize =
  | { readonly kind: "fixed"; readonly bytes: number | null }
  | { readonly kind: "argument"; readonly place: number };

export interface Sink {
  readonly api: string;
  /** Place of the tag, or of the pointer to the structure that holds it; -1 where the call takes no tag. */
  readonly place: number;
  /** Offset in the structure, or -1 where the argument is the tag itself. */
  readonly field: number;
  readonly pool: SinkPool;
  readonly size: SinkSize;
  readonly weak: boolean;
  readonly only?: { readonly place: number; readonly value: number };
  readonly isFilterRegistration: boolean;
}

export function sinkOfRule(api: string, rule: ApiRule, abi: Abi): Sink {
  const narrow = abi.pointerSize === 4;
  const tag = narrow ? (rule.tagX86 ?? rule.tag) : rule.tag;
  return {
    api,
    place: tag < 0 ? -1 : placeOfArgument(abi, tag),
    field: rule.field === undefined ? -1 : rule.field[narrow ? 1 : 0],
    pool: sinkPool(rule.pool, abi),
    size: sinkSize(narrow ? (rule.sizeX86 ?? rule.size) : rule.size, abi),
    weak: rule.weak === true,
    ...(rule.only === undefined
      ? {}
      : { only: { place: placeOfArgument(abi, rule.only.argument), value: rule.only.value } }),
    isFilterRegistration: rule.isFilterRegistration === true,
  };
}

function sinkPool(rule: PoolRule, abi: Abi): SinkPool {
  return rule.kind === "fixed" ? rule : { kind: rule.kind, place: placeOfArgument(abi, rule.argument) };
}

function sinkSize(argument: number | undefined, abi: Abi): SinkSize {
  return argument === undefined
    ? { kind: "fixed", bytes: null }
    : { kind: "argument", place: placeOfArgument(abi, argument) };
}

/** The size of a call: a constant, unknown (null), or handed on from a parameter of the calling function. */
export function sizeOf(size: SinkSize, call: Call): SinkSize {
  if (size.kind === "fixed") return size;
  const value = call.argument(size.place);
  const parameter = soleAtom(value);
  if (parameter?.kind === ATOM.parameter && parameter.b === 0) return { kind: "argument", place: parameter.a };
  return { kind: "fixed", bytes: constantOf(value) ?? null };
}

const PAGED_TYPE = 1;
const FLAG_PAGED = 0x100;
const FLAGS_NONPAGED = 0xc0;
const ECP_NONPAGED = 2;

/** The pool of a call: known, unknown (null), or handed on from a parameter of the calling function. */
export function poolOf(pool: SinkPool, call: Call): SinkPool {
  if (pool.kind === "fixed") return pool;
  const value = call.argument(pool.place);
  const parameter = soleAtom(value);
  if (parameter?.kind === ATOM.parameter && parameter.b === 0) return { kind: pool.kind, place: parameter.a };
  return { kind: "fixed", pool: poolOfValue(pool.kind, value) };
}

/** A pool type that is loaded from a variable is the kernel's opt-in to no-execute nonpaged pool. */
function poolOfValue(kind: "type" | "flags" | "ecp", value: Value): PoolKind | null {
  if (kind === "type" && value.atoms.length > 0 && !value.open) {
    const pools = value.atoms.map((atom): PoolKind | null => {
      if (atom.kind === ATOM.load) return "nonpaged";
      if (atom.kind !== ATOM.constant) return null;
      return (atom.a & PAGED_TYPE) === 0 ? "nonpaged" : "paged";
    });
    const [first = null] = pools;
    return pools.every((pool) => pool === first) ? first : null;
  }
  const constant = constantOf(value);
  if (constant === undefined || kind === "type") return null;
  if (kind === "ecp") return (constant & ECP_NONPAGED) === 0 ? "paged" : "nonpaged";
  if ((constant & FLAG_PAGED) !== 0) return "paged";
  return (constant & FLAGS_NONPAGED) === 0 ? null : "nonpaged";
}

/** Identity of a sink, so that one is not kept twice. */
export function sinkKey(sink: Sink): string {
  const pool = sink.pool.kind === "fixed" ? String(sink.pool.pool) : `${sink.pool.kind}@${sink.pool.place}`;
  const size = sink.size.kind === "fixed" ? String(sink.size.bytes) : `@${sink.size.place}`;
  return `${sink.api} ${sink.place} ${sink.field} ${pool} ${size}`;
}
