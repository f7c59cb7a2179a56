// What a driver's code shows that its developers may want to change, in words.

import type { DriverFinding, DriverRule } from "../model/driver.ts";
import { plural } from "../model/units.ts";

export interface RuleWords {
  /** The rule in a few words, without a finding. */
  readonly title: string;
  /** Why it matters and what to do. */
  readonly help: string;
  readonly level: "warning" | "note";
}

export const DRIVER_RULE_WORDS: Readonly<Record<DriverRule, RuleWords>> = {
  untagged: {
    title: "Memory is allocated without a tag",
    help: "Windows books these blocks under the tag None, together with those of all other drivers: a leak cannot be told from theirs. Use ExAllocatePool2 with a tag of your own.",
    level: "warning",
  },
  "default-tag": {
    title: "The tag is the one that old headers put in",
    help: "Other drivers use it too: a leak cannot be told from theirs. Define a tag of your own.",
    level: "warning",
  },
  "never-freed": {
    title: "No call of this driver frees with the tag",
    help: "Either the blocks are handed to somebody else who frees them, or they are never given back. Name the tag in ExFreePoolWithTag, so that Driver Verifier and tools can check it.",
    level: "warning",
  },
  "crowded-tag": {
    title: "One tag stands for allocations in many functions",
    help: "A leak of the tag leaves all of them to be looked at. Give each kind of object a tag of its own.",
    level: "note",
  },
  "unresolved-tag": {
    title: "The tag of an allocation could not be told",
    help: "It is computed or comes from elsewhere. A constant tag at the call is what tools and people can look for.",
    level: "note",
  },
  "deprecated-api": {
    title: "The function is deprecated",
    help: "Since Windows 10, version 2004, ExAllocatePool2 and ExAllocatePool3 take its place; they zero the memory.",
    level: "note",
  },
};

/** One finding in one sentence. */
export function driverFindingText({ rule, tag, sites }: DriverFinding): string {
  const calls = plural(sites.length, "call");
  const functions = plural(new Set(sites.map((site) => site.function)).size, "function");
  const name = `'${tag ?? ""}'`;
  const allocate = sites.length === 1 ? "allocates" : "allocate";
  switch (rule) {
    case "untagged":
      return `${calls} in ${functions} ${allocate} without a tag.`;
    case "default-tag":
      return `${calls} in ${functions} ${allocate} with ${name}, the tag that old headers put in.`;
    case "never-freed":
      return `${calls} in ${functions} ${allocate} with ${name}, and no call of this driver frees with it.`;
    case "crowded-tag":
      return `${calls} in ${functions} ${allocate} with ${name}.`;
    case "unresolved-tag":
      return `${calls} in ${functions} ${allocate} with a tag that could not be told.`;
    case "deprecated-api":
      return `${calls} of ${sites[0]?.api ?? "a deprecated function"} in ${functions}.`;
  }
}
