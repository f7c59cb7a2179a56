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

/**
 * Modules of Windows that allocate for others or call into drivers, for traces without version resources. Names from the
 * Windows driver documentation; a module that is not listed is not thereby a third party's, and the basis says so.
 */
const WINDOWS_MODULES = new Set(
  (
    "acpi.sys afd.sys ataport.sys bthport.sys cdfs.sys cdrom.sys ci.dll classpnp.sys clfs.sys cng.sys condrv.sys csc.sys dfsc.sys disk.sys " +
    "dxgkrnl.sys dxgmms1.sys dxgmms2.sys exfat.sys fastfat.sys fileinfo.sys fltmgr.sys fvevol.sys fwpkclnt.sys hidclass.sys " +
    "hidparse.sys http.sys intelppm.sys kbdclass.sys ks.sys ksecdd.sys ksecpkg.sys luafv.sys mouclass.sys mountmgr.sys mpsdrv.sys mrxsmb.sys mrxsmb10.sys " +
    "mrxsmb20.sys msfs.sys msrpc.sys mup.sys ndis.sys ndiswan.sys netbt.sys netio.sys npfs.sys nsiproxy.sys ntfs.sys null.sys " +
    "pacer.sys partmgr.sys pci.sys pcw.sys portcls.sys qwavedrv.sys rasl2tp.sys rdbss.sys refs.sys scsiport.sys spaceport.sys " +
    "srv.sys srv2.sys srvnet.sys storahci.sys storport.sys stornvme.sys tcpip.sys tdi.sys tdx.sys tm.sys usbhub.sys usbhub3.sys usbport.sys " +
    "usbxhci.sys ucx01000.sys vhdmp.sys vmbus.sys volmgr.sys volsnap.sys watchdog.sys wcifs.sys wdf01000.sys wdfilter.sys win32k.sys " +
    "win32kbase.sys win32kfull.sys wfplwfs.sys wimmount.sys wof.sys wpprecorder.sys bowser.sys"
  ).split(" "),
);

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

/** The roles of a chain's frames, innermost frame first. `hasVersions`: the trace holds version resources. */
export function rolesOf(frames: readonly ChainFrame[], hasVersions: boolean): ChainRoles {
  const inKernel = (frame: ChainFrame): boolean => frame.module !== undefined && isKernelModule(frame.module);
  const allocating = frames.findIndex((frame) => !inKernel(frame));
  if (allocating < 0) return {};
  for (let index = allocating; index < frames.length; index++) {
    const frame = frames[index];
    if (frame?.module === undefined || inKernel(frame)) continue;
    const basis = outsideBasis(frame.module, frame.company, hasVersions);
    if (basis !== undefined) return { allocating, outside: index, outsideBasis: basis };
  }
  return { allocating };
}

function outsideBasis(module: string, company: string | undefined, hasVersions: boolean): OutsideBasis | undefined {
  if (company !== undefined && company !== "") return isMicrosoft(company) ? undefined : "company";
  // `dump_x.sys` is Windows' own copy of a storage driver.
  if (WINDOWS_MODULES.has(module) || module.startsWith("dump_")) return undefined;
  return hasVersions ? "no-version" : "name";
}
