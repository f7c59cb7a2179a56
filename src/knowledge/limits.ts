// The sizes at which the pools stop growing: as Windows tells them, else by the rules of its version.
// Source of the rules: learn.microsoft.com "Memory Limits for Windows and Windows Server Releases".

import type { PoolLimit, PoolLimits } from "../model/limits.ts";
import { formatBytes } from "../model/units.ts";
import { windowsName } from "./windows-versions.ts";

/** What is known of a machine; sizes in bytes. */
export interface LimitInput {
  readonly windowsBuild?: number | undefined;
  readonly architecture?: "x64" | "x86" | "arm64" | undefined;
  readonly physicalBytes?: number | undefined;
  readonly commitLimitBytes?: number | undefined;
  readonly nonpagedLimitBytes?: number | undefined;
  readonly pagedLimitBytes?: number | undefined;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

/** One Windows generation: from which build, and how its limits follow from RAM and the fixed caps. */
interface Rule {
  readonly fromBuild: number;
  /** Nonpaged pool on 64-bit: this share of RAM, at most the cap. */
  readonly nonpagedShare: number;
  readonly nonpagedCap: number;
  /** Paged pool on 64-bit: the commit limit, at most the cap. */
  readonly pagedCap: number;
  /** Nonpaged pool on 32-bit: this share of RAM, at most the cap. */
  readonly nonpagedShare32: number;
  readonly nonpagedCap32: number;
  readonly pagedCap32: number;
  /** Said with the result where the published table leaves something open. */
  readonly doubt?: string;
}

const RULES: readonly Rule[] = [
  {
    fromBuild: 2600,
    nonpagedShare: 1,
    nonpagedCap: 128 * GIB,
    pagedCap: 128 * GIB,
    nonpagedShare32: 1,
    nonpagedCap32: 256 * MIB,
    pagedCap32: 490 * MIB,
    doubt: "less with /3GB or registry limits",
  },
  {
    fromBuild: 3790,
    nonpagedShare: 1,
    nonpagedCap: 128 * GIB,
    pagedCap: 128 * GIB,
    nonpagedShare32: 1,
    nonpagedCap32: 256 * MIB,
    pagedCap32: 530 * MIB,
    doubt: "less with /3GB or registry limits",
  },
  {
    fromBuild: 6000,
    nonpagedShare: 0.4,
    nonpagedCap: 128 * GIB,
    pagedCap: 128 * GIB,
    nonpagedShare32: 1,
    nonpagedCap32: 2 * GIB,
    pagedCap32: 2 * GIB,
    doubt: "Vista's rule; Server 2008 with the same build allows nonpaged pool 75 % of RAM",
  },
  {
    fromBuild: 7600,
    nonpagedShare: 0.75,
    nonpagedCap: 128 * GIB,
    pagedCap: 128 * GIB,
    nonpagedShare32: 0.75,
    nonpagedCap32: 2 * GIB,
    pagedCap32: 2 * GIB,
  },
  {
    fromBuild: 9200,
    nonpagedShare: 1,
    nonpagedCap: 128 * GIB,
    pagedCap: 384 * GIB,
    nonpagedShare32: 0.75,
    nonpagedCap32: 2 * GIB,
    pagedCap32: 2 * GIB,
  },
  {
    fromBuild: 9600,
    nonpagedShare: 1,
    nonpagedCap: 16 * TIB,
    pagedCap: 15.5 * TIB,
    nonpagedShare32: 0.75,
    nonpagedCap32: 2 * GIB,
    pagedCap32: 2 * GIB,
  },
  {
    fromBuild: 10240,
    nonpagedShare: 1,
    nonpagedCap: 16 * TIB,
    pagedCap: 15.5 * TIB,
    nonpagedShare32: 0.75,
    nonpagedCap32: 2 * GIB,
    pagedCap32: 2 * GIB,
    doubt: "Microsoft publishes no figure for this version, the rule of Windows 8.1 is taken",
  },
];

/**
 * The limits of a machine, each with how it is known. What Windows tells comes first. A derived limit needs the amount
 * that bounds it (RAM for the nonpaged, the commit limit for the paged pool) or a fixed cap of 32-bit Windows; where
 * neither is known it is absent. Without a Windows version, RAM and commit limit still stand as upper bounds.
 */
export function poolLimits(input: LimitInput): PoolLimits {
  const nonpaged = told(input.nonpagedLimitBytes) ?? nonpagedLimit(input);
  const paged = told(input.pagedLimitBytes) ?? pagedLimit(input);
  return { ...(nonpaged === undefined ? {} : { nonpaged }), ...(paged === undefined ? {} : { paged }) };
}

function told(bytes: number | undefined): PoolLimit | undefined {
  return positive(bytes) === undefined ? undefined : { bytes: bytes ?? 0, basis: "told by Windows" };
}

function positive(bytes: number | undefined): number | undefined {
  return bytes !== undefined && Number.isFinite(bytes) && bytes > 0 ? bytes : undefined;
}

function ruleOf(build: number | undefined): Rule | undefined {
  return build === undefined ? undefined : RULES.findLast((rule) => rule.fromBuild <= build);
}

function nonpagedLimit(input: LimitInput): PoolLimit | undefined {
  const ram = positive(input.physicalBytes);
  const rule = ruleOf(input.windowsBuild);
  if (rule === undefined || input.architecture === undefined) {
    return ram === undefined ? undefined : { bytes: ram, basis: upperBound("RAM", ram, input) };
  }
  const is32 = input.architecture === "x86";
  const share = is32 ? rule.nonpagedShare32 : rule.nonpagedShare;
  const cap = is32 ? rule.nonpagedCap32 : rule.nonpagedCap;
  if (ram === undefined && !is32) return undefined;
  const ofRam = share === 1 ? "RAM" : `${Math.round(share * 100)} % of RAM`;
  return derive(ram === undefined ? undefined : Math.floor(ram * share), ofRam, cap, rule, input);
}

function pagedLimit(input: LimitInput): PoolLimit | undefined {
  const commit = positive(input.commitLimitBytes);
  const rule = ruleOf(input.windowsBuild);
  if (rule === undefined || input.architecture === undefined) {
    return commit === undefined ? undefined : { bytes: commit, basis: upperBound("the commit limit", commit, input) };
  }
  const is32 = input.architecture === "x86";
  if (commit === undefined && !is32) return undefined;
  return derive(commit, "the commit limit", is32 ? rule.pagedCap32 : rule.pagedCap, rule, input);
}

/** The nearer of what the machine has and the fixed cap, in words. */
function derive(bound: number | undefined, boundName: string, cap: number, rule: Rule, input: LimitInput): PoolLimit {
  const version = `${windowsName(input.windowsBuild ?? 0)}, ${input.architecture ?? "x64"}`;
  const capped = bound === undefined || cap <= bound;
  const bytes = capped ? cap : bound;
  const what = capped ? `fixed maximum of ${formatBytes(cap)}` : `${boundName}, ${formatBytes(bytes)}`;
  const doubt = rule.doubt === undefined ? "" : `; ${rule.doubt}`;
  return { bytes, basis: `derived for ${version}: ${what}${doubt}` };
}

function upperBound(name: string, bytes: number, input: LimitInput): string {
  const missing = input.windowsBuild === undefined ? "Windows version" : "rule of this Windows version or architecture";
  return `${name}, ${formatBytes(bytes)}, as upper bound: ${missing} not known`;
}
