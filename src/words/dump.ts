// Sentences about what a kernel dump says: how certain its figures are, who holds objects, what a bug check tells of pool.

import { plural } from "../model/units.ts";

/** A share in percent, never rounded up to 100. */
export function percentText(share: number): string {
  if (share >= 1) return "100 %";
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

/** A check that the figures of the tag table rest on, as the reader made it. */
export interface CertaintyCheck {
  readonly name: string;
  readonly state: "passed" | "failed" | "not-made";
  readonly share: number;
}

export interface CertaintyFacts {
  /** The product of the checks, 0 to 1. */
  readonly certainty: number;
  readonly checks: readonly CertaintyCheck[];
  readonly cpusSummed: number;
  readonly cpus: number | undefined;
  /** Object types whose own count agrees with their tag, of those compared. */
  readonly types: { readonly agreeing: number; readonly compared: number } | undefined;
}

/** How certain the figures are, and by what; what was not looked at is named. */
export function certaintyText({ certainty, checks, cpusSummed, cpus, types }: CertaintyFacts): string {
  const made = checks.filter((each) => each.state !== "not-made").map((each) => madeText(each));
  const counted =
    cpus === undefined ? `${cpusSummed} of an unknown number of CPUs` : `${cpusSummed} of ${plural(cpus, "CPU")}`;
  const witness =
    types === undefined || types.compared === 0
      ? []
      : [`the object manager's own counts agree for ${types.agreeing} of ${plural(types.compared, "type")}`];
  const unmade = checks.filter((each) => each.state === "not-made").map(({ name }) => UNMADE[name] ?? name);
  const parts = [...made.filter((text) => text !== ""), `${counted} summed`, ...witness];
  const rest = unmade.length === 0 ? "" : `; not checked: ${unmade.join(", ")}`;
  return `${percentText(certainty)}: ${parts.join("; ")}${rest}`;
}

function madeText({ name, share }: CertaintyCheck): string {
  if (name === "hash") return `${percentText(share)} of its keys are where the hash puts them`;
  if (name === "size") {
    return share >= 1 ? "size confirmed by the kernel's own variables" : "the kernel's own variables say another size";
  }
  if (name === "coverage") return `${percentText(share)} of the tables are in the dump`;
  if (name === "pages") return share >= 1 ? "" : `${percentText(share)} of its pages are sound`;
  if (name === "rows") return share >= 1 ? "" : `${percentText(share)} of its rows are sound`;
  if (name === "ram") return share >= 1 ? "" : "it adds up to more than the machine's RAM";
  if (name === "pool-total") {
    return share >= 1
      ? "the memory manager's own total fits the sum"
      : "the memory manager's own total does not fit the sum";
  }
  return "";
}

const UNMADE: Readonly<Record<string, string>> = {
  size: "its size (the kernel's variables do not say it)",
  pages: "emptied pages (too few tags on a page to tell)",
  cpus: "the number of CPUs",
  ram: "the machine's RAM",
  "pool-total": "the memory manager's own total",
  "object-types": "the object manager's own counts",
};
