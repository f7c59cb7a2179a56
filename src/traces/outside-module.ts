// Which frame of a chain is the answer: the first outside the kernel, and the first in a module that is none of Windows' own.

import type { ChainFrame, OutsideBasis } from "../model/stacks.ts";

/** The kernel under its names on disk since Windows XP, the HAL, and the verifier's extension. */
const KERNEL_MODULES = new Set([
  "ntoskrnl.exe",
  "ntkrnlmp.exe",
  "ntkrnlpa.exe",
  "ntkrpamp.exe",
  "hal.dll",
  "halmacpi.dll",
  "halacpi.dll",
  "verifierext.sys",
  "vrfcore.sys",
]);

export function isKernelModule(module: string): boolean {
  return KERNEL_MODULES.has(module);
}

/** Whether a version resource names Microsoft as the company. */
export function isMicrosoft(company: string): boolean {
  return /^microsoft\b/i.test(company.trim());
}

export interface ChainRoles {
  readonly allocating?: number;
  readonly outside?: number;
  readonly outsideBasis?: OutsideBasis;
}

/** Whether a file name is that of a listed part of Windows; for modules without a version resource. */
export type IsWindowsModule = (module: string) => boolean;

/** The roles of a chain's frames, innermost frame first. `hasVersions`: the trace holds version resources. */
export function rolesOf(
  frames: readonly ChainFrame[],
  hasVersions: boolean,
  isWindowsModule: IsWindowsModule,
): ChainRoles {
  const inKernel = (frame: ChainFrame): boolean => frame.module !== undefined && isKernelModule(frame.module);
  const allocating = frames.findIndex((frame) => !inKernel(frame));
  if (allocating < 0) return {};
  for (let index = allocating; index < frames.length; index++) {
    const frame = frames[index];
    if (frame?.module === undefined || inKernel(frame)) continue;
    const basis = outsideBasis(frame.module, frame.company, hasVersions, isWindowsModule);
    if (basis !== undefined) return { allocating, outside: index, outsideBasis: basis };
  }
  return { allocating };
}

function outsideBasis(
  module: string,
  company: string | undefined,
  hasVersions: boolean,
  isWindowsModule: IsWindowsModule,
): OutsideBasis | undefined {
  if (company !== undefined && company !== "") return isMicrosoft(company) ? undefined : "company";
  // `dump_x.sys` is Windows' own copy of a storage driver.
  if (isWindowsModule(module) || module.startsWith("dump_")) return undefined;
  return hasVersions ? "no-version" : "name";
}
