// The kernel functions that take a pool tag: which argument it is, and where the pool type stands. Argument numbers count
// from zero. Source: Microsoft's driver interface reference (windows-driver-docs-ddi); netio.sys from its callers.

/** Where the pool is said: POOL_TYPE or 64-bit POOL_FLAGS in an argument, create-parameter flags, or always the same. */
export type PoolRule =
  | { readonly kind: "type" | "flags" | "ecp"; readonly argument: number }
  | { readonly kind: "fixed"; readonly pool: "nonpaged" | "paged" | null };

export interface ApiRule {
  /** Argument that is the tag, or points to the structure that holds it. -1: the call has none, the kernel's is `None`. */
  readonly tag: number;
  /** The same for x86, where 64-bit arguments take two places. */
  readonly tagX86?: number;
  /** Offset of the tag in the structure: 64-bit, 32-bit. */
  readonly field?: readonly [number, number];
  readonly pool: PoolRule;
  /** Argument that is the number of bytes, where the call allocates a block. */
  readonly size?: number;
  readonly sizeX86?: number;
  /** Gives memory back: proves the tag, says nothing of the pool. */
  readonly frees?: boolean;
  /** Used by Driver Verifier alone: no proof of a pool tag by itself. */
  readonly weak?: boolean;
  /** The call allocates only where this argument has this value. */
  readonly only?: { readonly argument: number; readonly value: number };
  /** The structure is an FLT_REGISTRATION with an array of context registrations. */
  readonly isFilterRegistration?: boolean;
}

const type = (argument: number): PoolRule => ({ kind: "type", argument });
const flags = (argument: number): PoolRule => ({ kind: "flags", argument });
const ecp = (argument: number): PoolRule => ({ kind: "ecp", argument });
const NONPAGED: PoolRule = { kind: "fixed", pool: "nonpaged" };
const PAGED: PoolRule = { kind: "fixed", pool: "paged" };
const UNSAID: PoolRule = { kind: "fixed", pool: null };

const free = (tag: number): ApiRule => ({ tag, pool: UNSAID, frees: true });

export const API_RULES: Readonly<Record<string, ApiRule>> = {
  ExAllocatePoolWithTag: { tag: 2, pool: type(0), size: 1 },
  ExAllocatePoolWithQuotaTag: { tag: 2, pool: type(0), size: 1 },
  ExAllocatePoolWithTagPriority: { tag: 2, pool: type(0), size: 1 },
  ExAllocatePool2: { tag: 2, tagX86: 3, pool: flags(0), size: 1, sizeX86: 2 },
  ExAllocatePool3: { tag: 2, tagX86: 3, pool: flags(0), size: 1, sizeX86: 2 },
  ExAllocatePool: { tag: -1, pool: type(0), size: 1 },
  ExAllocatePoolWithQuota: { tag: -1, pool: type(0), size: 1 },
  ExFreePoolWithTag: free(1),
  ExFreePool2: free(1),
  ExInitializeNPagedLookasideList: { tag: 5, pool: NONPAGED, size: 4 },
  ExInitializePagedLookasideList: { tag: 5, pool: PAGED, size: 4 },
  ExInitializeLookasideListEx: { tag: 6, pool: type(3), size: 5 },
  ExAllocateCacheAwareRundownProtection: { tag: 1, pool: type(0) },
  ExCreatePool: { tag: 1, pool: UNSAID },
  FsRtlAllocateAePushLock: { tag: 1, pool: type(0) },
  FsRtlAllocatePoolWithTag: { tag: 2, pool: type(0), size: 1 },
  FsRtlAllocatePoolWithQuotaTag: { tag: 2, pool: type(0), size: 1 },
  FsRtlAllocateExtraCreateParameter: { tag: 4, pool: ecp(2) },
  FsRtlInitExtraCreateParameterLookasideList: { tag: 3, pool: ecp(1) },
  FltAllocatePoolAlignedWithTag: { tag: 3, pool: type(1), size: 2 },
  FltFreePoolAlignedWithTag: free(2),
  FltAllocateExtraCreateParameter: { tag: 5, pool: ecp(3) },
  FltInitExtraCreateParameterLookasideList: { tag: 4, pool: ecp(2) },
  FltRegisterFilter: { tag: 1, pool: UNSAID, isFilterRegistration: true },
  IoInitializeRemoveLockEx: { tag: 1, pool: UNSAID, weak: true },
  MmAllocateMappingAddress: { tag: 1, pool: UNSAID },
  MmAllocateMappingAddressEx: { tag: 1, pool: UNSAID },
  MmFreeMappingAddress: free(1),
  MmMapLockedPagesWithReservedMapping: { tag: 1, pool: UNSAID },
  MmUnmapReservedMapping: { tag: 1, pool: UNSAID },
  MmAllocateContiguousMemoryEx: { tag: 7, tagX86: 10, pool: NONPAGED },
  NdisAllocateMemoryWithTag: { tag: 2, pool: NONPAGED, size: 1 },
  NdisAllocateMemoryWithTagPriority: { tag: 2, pool: NONPAGED, size: 1 },
  NdisFreeMemoryWithTag: free(1),
  NdisFreeMemoryWithTagPriority: free(2),
  NdisInitializeNPagedLookasideList: { tag: 5, pool: NONPAGED },
  NdisAllocateNetBufferListPool: { tag: 1, field: [8, 8], pool: NONPAGED },
  NdisAllocateNetBufferPool: { tag: 1, field: [4, 4], pool: NONPAGED },
  NdisAllocateTimerObject: { tag: 1, field: [4, 4], pool: NONPAGED },
  NdisAllocateNetBufferListContext: { tag: 3, pool: NONPAGED },
  NdisAllocateGenericObject: { tag: 1, pool: NONPAGED },
  NdisAllocateCloneOidRequest: { tag: 2, pool: NONPAGED },
  StorPortExtendedFunction: { tag: 3, pool: NONPAGED, only: { argument: 0, value: 0 }, size: 2 },
  VideoPortAllocatePool: { tag: 3, pool: type(1), size: 2 },
  EngAllocMem: { tag: 2, pool: PAGED, size: 1 },
  EngAllocUserMem: { tag: 1, pool: PAGED },
  EngAllocPrivateUserMem: { tag: 2, pool: PAGED },
  _KsEdit: { tag: 4, pool: UNSAID },
  FsbCreatePool: { tag: 2, pool: NONPAGED },
  NetioAllocateAndInitializeStackBlock: { tag: 1, pool: NONPAGED },
  NetioFreeStackBlock: free(1),
  NetioQueryValueKey: { tag: 4, pool: UNSAID },
  NetioAllocateNetBufferMdlAndDataPool: { tag: 1, pool: NONPAGED },
  NetioAllocateNetBufferListNetBufferMdlAndDataPool: { tag: 2, pool: NONPAGED },
  NetioAllocateOpaquePerProcessorContext: { tag: 2, pool: NONPAGED },
};

/** KMDF functions by their index in the function table. Argument 0 is WdfDriverGlobals. Source: KMDF, wdffuncenum.h. */
export const WDF_RULES: Readonly<Record<number, ApiRule & { readonly name: string }>> = {
  116: { name: "WdfDriverCreate", tag: 4, field: [28, 16], pool: UNSAID },
  192: { name: "WdfMemoryCreate", tag: 3, pool: type(2), size: 4 },
  198: { name: "WdfLookasideListCreate", tag: 5, pool: type(3) },
};

/** Bytes of arguments of these functions on x86. */
export const WDF_ARGUMENT_BYTES: Readonly<Record<number, number>> = { 116: 24, 192: 28, 198: 28 };

/** The tag under which the kernel books allocations made without one: `None`. */
export const NO_TAG = 0x656e_6f4e;

/** The tag that KMDF refuses as a driver's own, `Ddk `, and so replaces by the derived one. */
export const KMDF_REFUSED_TAG = 0x206b_6444;

/** The rule for a function by its name in an import or export table; x86 names may be decorated (`_Name@12`). */
export function ruleOf(name: string): { readonly api: string; readonly rule: ApiRule } | undefined {
  const api = /^[_@]?([^@]+)@\d+$/.exec(name)?.[1] ?? name;
  const rule = Object.hasOwn(API_RULES, api) ? API_RULES[api] : undefined;
  return rule === undefined ? undefined : { api, rule };
}
