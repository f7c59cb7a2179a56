// One driver from its bytes to its tags, each with the strongest tier of proof found. Pure: the decoder is passed in.

import { readPdbReference } from "../formats/pe/debug.ts";
import { fileProblems } from "../formats/pe/file-state.ts";
import { PeImage, type Machine } from "../formats/pe/image.ts";
import { readImports, type Import } from "../formats/pe/imports.ts";
import { readGuardSlots } from "../formats/pe/load-config.ts";
import { readRelocations } from "../formats/pe/relocations.ts";
import { readSignatures, signedRanges, type Signature } from "../formats/pe/signature.ts";
import { readVersion, type VersionStrings } from "../formats/pe/version.ts";
import type { ServiceName, ServiceNameSource } from "../model/driver.ts";
import { FormatError } from "../model/errors.ts";
import { baseName } from "../model/file-path.ts";
import type { Tag } from "../model/tag.ts";
import { abiOf, type Abi } from "./flow/abi.ts";
import { TagAnalysis, type AnalysisResult } from "./uses/analysis.ts";
import { KMDF_REFUSED_TAG } from "./uses/api-table.ts";
import { createArm64Lifter } from "./lift/arm64.ts";
import { codeConstants, textConstants } from "./lift/code-constants.ts";
import { Functions } from "./lift/functions.ts";
import type { Lifter } from "./lift/ops.ts";
import { LocalCalls } from "./flow/local-calls.ts";
import { TIERS, type Tier } from "../model/attribution.ts";
import { counted, Steps } from "./steps.ts";
import { WHOLE_TAG, type FoundUse, type UnresolvedUse } from "./uses/uses.ts";
import { Atoms } from "./flow/values.ts";
import { derivedTag, findWdfTable } from "./uses/wdf.ts";
import { createX86Lifter } from "./lift/x86.ts";
import type { IcedModule } from "./lift/x86-tables.ts";

export type AllocationSite = Pick<FoundUse, "api" | "rva" | "function" | "pool" | "bytes">;

export interface DriverTag {
  /** The tag; where only a part of it is known, with zeroes for the rest. */
  readonly tag: Tag;
  /** The bytes of the tag that are known, as ones: all of them, but in the tier `pattern`. */
  readonly mask: number;
  readonly tier: Tier;
  readonly uses: readonly AllocationSite[];
  /** Where the service's name is from that the tag is derived of; only in the tier `predicted`. */
  readonly from?: ServiceNameSource;
}

export interface DriverScan {
  readonly machine: Machine | "unknown";
  /** `ok`, or why the code was not read, or what was cut short. */
  readonly status: string;
  readonly version: VersionStrings;
  readonly pdb?: string;
  /** Embedded signatures, nested ones too; empty where there are none. */
  readonly signatures: readonly Signature[];
  /** The parts of the file that a signature's digest is of; empty where there is no signature. */
  readonly signedRanges: readonly (readonly [start: number, end: number])[];
  readonly tags: readonly DriverTag[];
  /** Calls that take a tag which could not be told: computed as a whole, or read from elsewhere. */
  readonly unresolved: readonly UnresolvedUse[];
  /** Names of imported functions. */
  readonly imports: readonly string[];
  /** What the scan has cost, see steps.ts. */
  readonly steps: number;
}

export interface ScanTools {
  readonly iced: IcedModule;
  /** Bytes of stack that imported x86 functions take off, by name; unknown names are found out otherwise. */
  readonly stdcall: ReadonlyMap<string, number>;
  /** Look for the size of every block, also where that takes the whole function; costs about half as much again. */
  readonly isThorough?: boolean;
}

/**
 * Scans a driver. `name` is the file's base name, `service` its service's where the registry or an INF tells it, for the tag
 * that KMDF derives from it. `known` are imports learned elsewhere, by slot RVA: an image out of memory has lost its own list, as Windows frees it
 * once a driver has started. Never throws for what a file holds: what cannot be read is said in `status`.
 */
export function scanDriver(
  data: Uint8Array,
  name: string,
  tools: ScanTools,
  known: ReadonlyMap<number, Import> = new Map(),
  service?: ServiceName,
): DriverScan {
  let image: PeImage;
  try {
    image = new PeImage(data);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return {
      machine: "unknown",
      status: `not a driver: ${error.message}`,
      version: {},
      ...NOTHING,
    };
  }
  const problems = known.size > 0 ? [] : fileProblems(image);
  const attempt = <T>(what: string, read: () => T, fallback: T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.push(`${what}: ${error.message}`);
      return fallback;
    }
  };
  const version = attempt("version resource", () => readVersion(image), {});
  const pdb = attempt("debug directory", () => readPdbReference(image), undefined)?.path;
  const signatures = attempt("signature", () => readSignatures(image), []);
  const abi = abiOf(image.machine);
  let found: FoundTags = NOTHING;
  if (abi === undefined) problems.push(`code for ${image.machine} is not read`);
  else
    found = attempt(
      "code",
      () => findTags(image, abi, service ?? serviceNameOf(name, pdb), tools, known, problems),
      found,
    );
  return {
    machine: image.machine,
    status: problems.length === 0 ? "ok" : problems.join("; "),
    version,
    ...(pdb === undefined || pdb === "" ? {} : { pdb }),
    signatures,
    signedRanges: signatures.length === 0 ? [] : signedRanges(image),
    ...found,
  };
}

/** The service's name as the PDB spells it where it is the file's, else as the file is called. */
function serviceNameOf(name: string, pdb: string | undefined): ServiceName {
  const file = pdb === undefined ? undefined : baseName(pdb).replace(/\.pdb$/i, "");
  return file !== undefined && file !== name && file.toLowerCase() === name.toLowerCase()
    ? { name: file, from: "PDB" }
    : { name, from: "file name" };
}

type FoundTags = Pick<DriverScan, "tags" | "unresolved" | "imports" | "steps">;

/** What is found in a file whose code is not read. */
const NOTHING = { signatures: [], signedRanges: [], tags: [], unresolved: [], imports: [], steps: 0 } as const;

function findTags(
  image: PeImage,
  abi: Abi,
  service: ServiceName,
  tools: ScanTools,
  known: ReadonlyMap<number, Import>,
  problems: string[],
): FoundTags {
  const imports = new Map([...known, ...readImports(image)]);
  const relocations = readRelocations(image);
  const relocated = new Set(relocations);
  const steps = new Steps(image.bytes.length);
  const lifter: Lifter = counted(
    abi.machine === "arm64" ? createArm64Lifter(image) : createX86Lifter(tools.iced, image, relocated),
    steps,
  );
  try {
    const functions = new Functions(image, lifter, relocations, steps);
    const wdf = findWdfTable(image, imports, relocations);
    const local = new LocalCalls(image, abi, lifter, imports, tools.stdcall);
    const analysis = new TagAnalysis(
      {
        abi,
        steps,
        atoms: new Atoms(),
        image,
        imports,
        guard: readGuardSlots(image),
        relocated,
        wdf,
        poppedBy: (callee) => local.poppedBy(callee),
        poppedByName: (name) => tools.stdcall.get(name),
        changedBy: (rva) => local.changedBy(rva),
        roleOf: (rva) => local.roleOf(rva),
      },
      functions,
      imports,
      relocations,
      tools.isThorough === true,
    );
    const result = analysis.run();
    if (steps.areSpent)
      problems.push(`damaged or hostile: more than ${steps.most} steps for a file of ${image.bytes.length} bytes`);
    return {
      tags: tiered(image, imports, relocated, result, wdf === undefined ? undefined : service),
      unresolved: [...result.unresolved].sort((a, b) => a.rva - b.rva),
      imports: [...new Set([...imports.values()].map((each) => each.name))],
      steps: steps.taken,
    };
  } finally {
    lifter.dispose();
  }
}

/** Sorts what was found into tiers; a tag appears once, in its strongest. */
function tiered(
  image: PeImage,
  imports: ReadonlyMap<number, Import>,
  relocated: ReadonlySet<number>,
  result: AnalysisResult,
  kmdf: ServiceName | undefined,
): DriverTag[] {
  const byTag = new Map<string, FoundUse[]>();
  for (const use of result.uses) {
    const key = `${use.tag} ${use.mask}`;
    const list = byTag.get(key);
    if (list === undefined) byTag.set(key, [use]);
    else list.push(use);
  }
  const tags = new Map<Tag, DriverTag>();
  const patterns: DriverTag[] = [];
  for (const uses of byTag.values()) {
    const [first] = uses;
    if (first === undefined) continue;
    const { tag, mask } = first;
    uses.sort((a, b) => a.rva - b.rva || (a.api < b.api ? -1 : 1));
    const found = uses.map(({ api, rva, function: start, pool, bytes }) => ({
      api,
      rva,
      function: start,
      pool,
      bytes,
    }));
    if (mask !== WHOLE_TAG) {
      patterns.push({ tag, mask, tier: "pattern", uses: found });
      continue;
    }
    // KMDF refuses `Ddk ` as a driver's tag and derives its own instead.
    const refused = tag === KMDF_REFUSED_TAG && uses.every((use) => use.api === "WdfDriverCreate");
    const tier = refused || uses.every((use) => use.weak) ? "code" : "proven";
    tags.set(tag, { tag, mask, tier, uses: found });
  }
  const add = (tag: Tag, tier: Tier): void => {
    if (!tags.has(tag)) tags.set(tag, { tag, mask: WHOLE_TAG, tier, uses: [] });
  };
  if (kmdf !== undefined && result.wdfDriver.seen && !result.wdfDriver.setsTag) {
    const tag = derivedTag(kmdf.name);
    if (!tags.has(tag)) tags.set(tag, { tag, mask: WHOLE_TAG, tier: "predicted", uses: [], from: kmdf.from });
  }
  if (imports.size > 0 || tags.size > 0) {
    for (const tag of codeConstants(image, relocated).keys()) add(tag, "code");
    for (const tag of textConstants(image)) add(tag, "text");
  }
  return [...tags.values(), ...patterns].sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.tag - b.tag);
}
