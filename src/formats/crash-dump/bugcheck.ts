// Names of bug checks that dumps about memory commonly carry. Source: Microsoft Learn, "Bug Check Code Reference".

const NAMES: Readonly<Record<number, string>> = {
  0x0a: "IRQL_NOT_LESS_OR_EQUAL",
  0x19: "BAD_POOL_HEADER",
  0x1a: "MEMORY_MANAGEMENT",
  0x1e: "KMODE_EXCEPTION_NOT_HANDLED",
  0x3b: "SYSTEM_SERVICE_EXCEPTION",
  0x3f: "NO_MORE_SYSTEM_PTES",
  0x41: "MUST_SUCCEED_POOL_EMPTY",
  0x4e: "PFN_LIST_CORRUPT",
  0x50: "PAGE_FAULT_IN_NONPAGED_AREA",
  0x7e: "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED",
  0x76: "PROCESS_HAS_LOCKED_PAGES",
  0x9f: "DRIVER_POWER_STATE_FAILURE",
  0xab: "SESSION_HAS_VALID_POOL_ON_EXIT",
  0xc1: "SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION",
  0xc2: "BAD_POOL_CALLER",
  0xc4: "DRIVER_VERIFIER_DETECTED_VIOLATION",
  0xc5: "DRIVER_CORRUPTED_EXPOOL",
  0xcb: "DRIVER_LEFT_LOCKED_PAGES_IN_PROCESS",
  0xd1: "DRIVER_IRQL_NOT_LESS_OR_EQUAL",
  0xd8: "DRIVER_USED_EXCESSIVE_PTES",
  0xe2: "MANUALLY_INITIATED_CRASH",
  0xef: "CRITICAL_PROCESS_DIED",
  0x124: "WHEA_UNCORRECTABLE_ERROR",
  0x133: "DPC_WATCHDOG_VIOLATION",
  0x139: "KERNEL_SECURITY_CHECK_FAILURE",
  0x13a: "KERNEL_MODE_HEAP_CORRUPTION",
  0x161: "LIVE_SYSTEM_DUMP",
  0x1c8: "MANUALLY_INITIATED_POWER_BUTTON_HOLD",
};

/** The name of a code, undefined where it is not listed. Bit 28 marks the form in which small dumps carry a few of them. */
export function bugcheckName(code: number): string | undefined {
  return NAMES[code & ~0x1000_0000];
}
