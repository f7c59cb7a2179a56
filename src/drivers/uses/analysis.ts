// Follows tags through a driver: decodes only the functions that refer to a sink, runs the data flow over them, and goes on
// to the callers wherever a function merely hands the tag on.

import { bookedTag, isTagLike } from "../../model/tag.ts";
import type { Import } from "../../formats/pe/imports.ts";
import { readExportNames } from "../../formats/pe/exports.ts";
import type { PeImage } from "../../formats/pe/image.ts";
import { API_RULES, NO_TAG, ruleOf, WDF_ARGUMENT_BYTES, WDF_RULES } from "./api-table.ts";
import type { ControlFlowGraph } from "../lift/control-flow-graph.ts";
import { filterContextTags } from "./filter-contexts.ts";
import type { Call } from "../flow/call.ts";
import { Flow } from "../flow/flow.ts";
import type { Callee, DriverContext } from "../flow/driver-context.ts";
import type { Visitor } from "../flow/visitor.ts";
import type { Functions } from "../lift/functions.ts";
import { findReferences } from "../lift/references.ts";
import { RoutineNames } from "./routine-names.ts";
import { directCalls, isSettled } from "./local-uses.ts";
import { poolOf, sinkKey, sinkOfRule, sizeOf, type Sink } from "./sinks.ts";
import { patternMask, WHOLE_TAG, type FoundUse, type UnresolvedUse } from "./uses.ts";
import { ATOM, soleAtom, type Atom, type Value } from "../flow/values.ts";

/** Rounds from callee to caller; depth 3 has been seen in real drivers. */
const MAX_ROUNDS = 8;
/** Instructions of an import thunk: a jump through its slot, on ARM64 after loading it. */
const THUNK_INSTRUCTIONS = { x64: 1, x86: 1, arm64: 3 } as const;
const MAX_SINKS_PER_FUNCTION = 48;
/** Functions of a driver that hand a tag on; real drivers have some dozens. */
const MAX_LOCAL_SINKS = 4096;
/** Bytes searched for references, and bytes looked at around one to the KMDF table, that cost as much as one operation. */
const BYTES_PER_STEP = 16;
const KMDF_REACH = 512;
const MAX_ROWS = 64;

/** A tag read from a variable at a call; the variable's values are looked for afterwards. */
interface Pending {
  readonly sink: Sink;
  readonly pool: FoundUse["pool"];
  readonly bytes: FoundUse["bytes"];
  readonly rva: number;
  readonly function: number;
}

export interface AnalysisResult {
  readonly uses: readonly FoundUse[];
  /** Calls that take a tag which could not be told. */
  readonly unresolved: readonly UnresolvedUse[];
  /** A WdfDriverCreate call was seen, and whether every one of them leaves the tag to the framework. */
  readonly wdfDriver: { readonly seen: boolean; readonly setsTag: boolean };
}

export class TagAnalysis {
  /** Run every function as a whole, also where the answer stands beside the call: sizes may come from further away. */
  readonly #isThorough: boolean;
  readonly #context: DriverContext;
  readonly #image: PeImage;
  readonly #functions: Functions;
  readonly #flow: Flow;
  readonly #names: RoutineNames;
  readonly #relocations: readonly number[];
  readonly #importSinks = new Map<number, Sink[]>();
  readonly #localSinks = new Map<number, Map<string, Sink>>();
  readonly #variables = new Map<number, Map<string, Pending>>();
  /** Variables that hold a function with sinks. */
  readonly #pointers = new Map<number, Callee>();
  readonly #uses = new Map<string, FoundUse>();
  /** Calls whose tag could not be told, and those where it could, by API and address. */
  readonly #unresolved = new Map<string, UnresolvedUse>();
  readonly #resolved = new Set<string>();
  #targets = new Set<number>();
  #wdfSeen = false;
  #wdfSetsTag = false;

  constructor(
    context: DriverContext,
    functions: Functions,
    imports: ReadonlyMap<number, Import>,
    relocations: readonly number[],
    isThorough = false,
  ) {
    this.#isThorough = isThorough;
    this.#context = context;
    this.#image = context.image;
    this.#functions = functions;
    this.#flow = new Flow(context);
    this.#relocations = relocations;
    this.#names = new RoutineNames(context);
    for (const [slot, { name }] of imports) {
      const found = ruleOf(name);
      if (found !== undefined) this.#importSinks.set(slot, [sinkOfRule(found.api, found.rule, context.abi)]);
    }
  }

  run(): AnalysisResult {
    this.#targets = new Set(this.#importSinks.keys());
    // The kernel and its libraries call what they export: there the function itself is the sink.
    for (const [rva, name] of readExportNames(this.#image)) {
      const found = ruleOf(name);
      if (found !== undefined && this.#image.sectionAt(rva)?.executable === true) {
        this.#addLocalSink(rva, sinkOfRule(found.api, found.rule, this.#context.abi));
      }
    }
    for (const rva of this.#names.references()) this.#targets.add(rva);
    const { steps } = this.#context;
    const codeBytes = this.#image.sections.reduce((sum, each) => sum + (each.executable ? each.rawSize : 0), 0);
    for (let round = 0; round < MAX_ROUNDS && !steps.areSpent; round++) {
      steps.take(Math.ceil(codeBytes / BYTES_PER_STEP));
      const references = findReferences(this.#image, this.#targets);
      const graphs = this.#graphsAt(round === 0 ? [...references, ...this.#wdfReferences()] : references);
      this.#targets = new Set();
      for (const [graph, places] of graphs) {
        if (steps.areSpent) return this.#result();
        this.#visit(graph, places);
      }
      if (this.#targets.size === 0) break;
      this.#addPointersToTargets();
    }
    return this.#result();
  }

  /** Follows what some references in a function are for, with as little of the function as that needs. */
  #visit(graph: ControlFlowGraph, references: readonly number[]): void {
    const visitor = this.#visitor(graph);
    // On x86 what stands on the stack depends on all calls before: a block alone tells too little.
    const isAloneEnough = !this.#isThorough && this.#context.abi.machine !== "x86";
    const calls = isAloneEnough ? directCalls(graph, references, this.#context.abi.volatile) : undefined;
    if (calls === undefined) {
      this.#flow.run(graph, visitor);
      return;
    }
    const settled: (readonly [Sink, Call])[] = [];
    let isWhole = true;
    for (const [index, wanted] of calls) {
      const left = new Set(wanted);
      const probe: Visitor = {
        ...visitor,
        call: (call) => {
          if (!wanted.has(call.at)) return;
          const sinks = [...this.#sinksOf(this.#throughPointer(call.callee))];
          if (sinks.length > 0 && sinks.every((sink) => isSettled(sink, call))) left.delete(call.at);
          // The state goes on changing behind the call: what it says is noted at once, and kept if all others say theirs.
          for (const sink of sinks) if (isSettled(sink, call)) settled.push([sink, call.kept()]);
        },
        stored: () => {},
      };
      this.#flow.runAlone(graph, index, probe);
      isWhole &&= left.size === 0;
      if (!isWhole) break;
    }
    if (!isWhole) this.#flow.run(graph, visitor, calls.keys());
    else for (const [sink, call] of settled) this.#apply(sink, call, graph);
  }

  #result(): AnalysisResult {
    return {
      uses: [...this.#uses.values()],
      unresolved: [...this.#unresolved.values()],
      wdfDriver: { seen: this.#wdfSeen, setsTag: this.#wdfSetsTag },
    };
  }

  /** The functions that hold some references, each with those in it. */
  #graphsAt(references: readonly number[]): Map<ControlFlowGraph, number[]> {
    const graphs = new Map<ControlFlowGraph, number[]>();
    for (const rva of references) {
      if (this.#context.steps.areSpent) break;
      const graph = this.#functions.at(rva);
      if (graph === undefined) continue;
      const places = graphs.get(graph);
      if (places === undefined) graphs.set(graph, [rva]);
      else places.push(rva);
    }
    return graphs;
  }

  /** Where code refers to the KMDF table and holds the offset of one of the functions that take a tag. */
  #wdfReferences(): number[] {
    const wdf = this.#context.wdf;
    if (wdf === undefined) return [];
    const size = this.#context.abi.pointerSize;
    const offsets = Object.keys(WDF_RULES).map((index) => Number(index) * size);
    if (wdf.isArray) return findReferences(this.#image, new Set(offsets.map((at) => wdf.rva + at)));
    const data = this.#image.bytes.data;
    return findReferences(this.#image, new Set([wdf.rva])).filter((rva) => {
      const start = this.#image.offsetOf(rva);
      if (start < 0 || this.#image.machine === "arm64") return start >= 0;
      this.#context.steps.take(KMDF_REACH / BYTES_PER_STEP);
      if (this.#context.steps.areSpent) return false;
      for (let i = start + 4; i < Math.min(start + KMDF_REACH, data.length - 4); i++) {
        const value =
          (data[i] ?? 0) | ((data[i + 1] ?? 0) << 8) | ((data[i + 2] ?? 0) << 16) | ((data[i + 3] ?? 0) << 24);
        if (offsets.includes(value)) return true;
      }
      return false;
    });
  }

  /** Static pointers to functions that became sinks: calls through them count too. */
  #addPointersToTargets(): void {
    const functions = new Set([...this.#targets].filter((rva) => this.#localSinks.has(rva)));
    if (functions.size === 0) return;
    for (const at of this.#relocations) {
      const target = this.#image.pointer(at);
      if (target !== undefined && functions.has(target)) this.#targets.add(at);
    }
  }

  #visitor(graph: ControlFlowGraph): Visitor {
    return {
      call: (call) => {
        const callee = this.#throughPointer(call.callee);
        for (const sink of this.#sinksOf(callee)) this.#apply(sink, call, graph);
        if (callee.kind === "wdf" && callee.index === 116) this.#wdfSeen = true;
      },
      resultOf: (call) => this.#names.call(this.#throughPointer(call.callee), call),
      poppedBy: (callee) => this.#poppedBy(this.#throughPointer(callee)),
      stored: (rva, value) => {
        this.#stored(rva, value, graph);
      },
    };
  }

  #poppedBy(callee: Callee): number | undefined {
    if (callee.kind === "wdf") return WDF_ARGUMENT_BYTES[callee.index];
    if (callee.kind !== "routine") return this.#context.poppedBy(callee);
    return this.#context.poppedByName(this.#names.name(callee.name) ?? "");
  }

  #throughPointer(callee: Callee): Callee {
    return callee.kind === "variable" ? (this.#pointers.get(callee.rva) ?? callee) : callee;
  }

  #sinksOf(callee: Callee): Iterable<Sink> {
    if (callee.kind === "import") return this.#importSinks.get(callee.slot) ?? [];
    if (callee.kind === "local") return [...(this.#localSinks.get(callee.rva)?.values() ?? [])];
    const name = callee.kind === "routine" ? this.#names.name(callee.name) : undefined;
    const rule = callee.kind === "wdf" ? WDF_RULES[callee.index] : name === undefined ? undefined : API_RULES[name];
    if (rule === undefined) return [];
    return [
      sinkOfRule(callee.kind === "wdf" ? (WDF_RULES[callee.index]?.name ?? "") : (name ?? ""), rule, this.#context.abi),
    ];
  }

  #apply(sink: Sink, call: Call, graph: ControlFlowGraph): void {
    if (sink.only !== undefined) {
      const value = soleAtom(call.argument(sink.only.place));
      if (value?.kind !== ATOM.constant || value.a !== sink.only.value) return;
    }
    const pool = poolOf(sink.pool, call);
    const known = pool.kind === "fixed" ? pool.pool : null;
    const size = sizeOf(sink.size, call);
    const bytes = size.kind === "fixed" ? size.bytes : null;
    const site: Pending = { sink, pool: known, bytes, rva: call.at, function: graph.start };
    if (sink.place < 0) {
      // Through an import thunk the call that allocates is the thunk's caller.
      if (call.isTail && graph.instructions <= THUNK_INSTRUCTIONS[this.#context.abi.machine])
        this.#addLocalSink(graph.start, { ...sink, pool, size });
      else this.#use(NO_TAG, site);
      return;
    }
    const argument = call.argument(sink.place);
    const width = sink.isFilterRegistration ? this.#context.abi.pointerSize : 4;
    const value = sink.field < 0 ? argument : call.behind(argument, sink.field, width);
    if (sink.isFilterRegistration) {
      for (const tag of filterContextTags(this.#image, call, value)) this.#use(tag, site);
    }
    const isSole = soleAtom(value) !== undefined;
    let isFollowed = sink.isFilterRegistration;
    for (const atom of value.atoms) {
      if (atom.kind === ATOM.parameter && atom.b === 0) {
        this.#addLocalSink(graph.start, { ...sink, place: atom.a, field: -1, pool, size });
        isFollowed = true;
      } else if (atom.kind === ATOM.field) {
        this.#addLocalSink(graph.start, { ...sink, place: atom.a, field: atom.b, pool, size });
        isFollowed = true;
      } else if (sink.isFilterRegistration) continue;
      // A form beside values of which nothing is known says too little.
      else if (atom.kind === ATOM.bits && value.open) continue;
      else if (atom.kind === ATOM.load) {
        this.#wantVariable(atom.a, site);
        isFollowed = true;
      } else isFollowed = this.#useAtom(atom, isSole, site) || isFollowed;
    }
    const key = `${sink.api} ${call.at}`;
    if (isFollowed) this.#unresolved.delete(key);
    else if (!this.#resolved.has(key)) {
      this.#unresolved.set(key, { api: sink.api, rva: call.at, function: graph.start });
    }
    if (isFollowed) this.#resolved.add(key);
  }

  /** Notes what an atom says of a tag; answers whether it says anything. */
  #useAtom(atom: Atom, isSole: boolean, site: Pending): boolean {
    if (atom.kind === ATOM.constant) {
      const tag = bookedTag(atom.a);
      // Among several values only what reads as a tag is believed; small numbers and negative ones are counts and flags.
      const isPlausible = isTagLike(tag) || (isSole && tag >= 0x100 && atom.a < 0xffff_0000);
      if (isPlausible) this.#use(tag, site);
      return isPlausible;
    }
    if (atom.kind === ATOM.bits) {
      const mask = patternMask(atom.a, atom.b);
      if (mask !== 0) this.#use((bookedTag(atom.a) & mask) >>> 0, site, mask);
      return mask !== 0;
    }
    if (atom.kind !== ATOM.row) return false;
    let isAny = false;
    for (let i = 0; i < MAX_ROWS; i++) {
      const value = this.#image.u32(atom.a + i * atom.b);
      if (value === undefined || !isTagLike(bookedTag(value))) break;
      this.#use(bookedTag(value), site);
      isAny = true;
    }
    return isAny;
  }

  #use(tag: number, site: Pending, mask = WHOLE_TAG): void {
    const key = `${tag} ${mask} ${site.sink.api} ${site.rva}`;
    const before = this.#uses.get(key);
    // Where the same call is reached with different pools or sizes, neither is said.
    const pool = before === undefined || before.pool === site.pool ? site.pool : null;
    const bytes = before === undefined || before.bytes === site.bytes ? site.bytes : null;
    this.#uses.set(key, {
      tag,
      mask,
      api: site.sink.api,
      rva: site.rva,
      function: site.function,
      pool,
      bytes,
      weak: site.sink.weak,
    });
    if (site.sink.api === "WdfDriverCreate") this.#wdfSetsTag = true;
  }

  #addLocalSink(start: number, sink: Sink): void {
    let sinks = this.#localSinks.get(start);
    if (sinks === undefined) {
      if (this.#localSinks.size >= MAX_LOCAL_SINKS) return;
      sinks = new Map();
      this.#localSinks.set(start, sinks);
    }
    const key = sinkKey(sink);
    if (sinks.has(key) || sinks.size >= MAX_SINKS_PER_FUNCTION) return;
    sinks.set(key, sink);
    this.#targets.add(start);
  }

  /** A tag in a variable: what the file holds there, and what code stores to it. */
  #wantVariable(rva: number, site: Pending): void {
    let sites = this.#variables.get(rva);
    if (sites === undefined) {
      sites = new Map();
      this.#variables.set(rva, sites);
      this.#targets.add(rva);
    }
    const key = `${site.sink.api} ${site.rva}`;
    if (sites.has(key)) return;
    sites.set(key, site);
    const initial = bookedTag(this.#image.u32(rva) ?? 0);
    if (isTagLike(initial)) this.#use(initial, site);
  }

  #stored(rva: number, value: Value, graph: ControlFlowGraph): void {
    const sites = this.#variables.get(rva);
    if (sites !== undefined) {
      this.#context.steps.take(sites.size);
      for (const site of sites.values()) {
        for (const atom of value.atoms) {
          if (atom.kind === ATOM.parameter && atom.b === 0) {
            const pool = { kind: "fixed", pool: site.pool } as const;
            const size = { kind: "fixed", bytes: site.bytes } as const;
            this.#addLocalSink(graph.start, { ...site.sink, place: atom.a, field: -1, pool, size });
          } else if (atom.kind === ATOM.constant && isTagLike(bookedTag(atom.a))) this.#use(bookedTag(atom.a), site);
        }
      }
    }
    if (this.#pointers.has(rva)) return;
    for (const atom of value.atoms) {
      const callee = this.#calleeOf(atom);
      if (callee === undefined) continue;
      this.#pointers.set(rva, callee);
      this.#targets.add(rva);
    }
  }

  /** The function with sinks that a value points to. */
  #calleeOf(atom: Atom): Callee | undefined {
    if (atom.kind === ATOM.routine) return { kind: "routine", name: atom.a };
    if (atom.kind === ATOM.import && this.#importSinks.has(atom.a)) return { kind: "import", slot: atom.a };
    if (atom.kind === ATOM.address && this.#localSinks.has(atom.a)) return { kind: "local", rva: atom.a };
    return undefined;
  }
}
