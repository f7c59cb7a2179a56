// The 64-bit flags of ExAllocatePool2 and 3, which take two places on x86.
// proven: P2_N ExAllocatePool2 nonpaged
// proven: P2_P ExAllocatePool2 paged
// proven: P3_N ExAllocatePool3 nonpaged
// proven: P2_W ExAllocatePool2 paged
// proven: P2_F ExFreePool2
#include "nt.h"
DEFINE_KEEP
NOINLINE static PVOID wrapped(ULONG64 flags, ULONG tag) { PVOID p = ExAllocatePool2(flags | 2, 64, tag); choice = 1; return p; }
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  keep = ExAllocatePool2(0x40, 64, TAG('P', '2', '_', 'N'));
  keep = ExAllocatePool2(0x102, 64, TAG('P', '2', '_', 'P'));
  keep = ExAllocatePool3(0x40, 64, TAG('P', '3', '_', 'N'), 0, 0);
  keep = wrapped(0x100, TAG('P', '2', '_', 'W'));
  ExFreePool2(keep, TAG('P', '2', '_', 'F'), 0, 0);
  return 0;
}
