// Tail calls and leaf functions: a jump to the import, a jump to a local function, no frame and no unwind data of their own.
// proven: Tl_1 ExAllocatePoolWithTag nonpaged
// proven: Tl_2 ExFreePoolWithTag
// proven: Tl_3 ExAllocatePoolWithTag paged
// proven: Tl_4 ExAllocatePoolWithTag paged
#include "nt.h"
DEFINE_KEEP
NOINLINE static PVOID toImport(SIZE_T size) { return ExAllocatePoolWithTag(NonPagedPool, size, TAG('T', 'l', '_', '1')); }
NOINLINE static void freeTail(PVOID p) { ExFreePoolWithTag(p, TAG('T', 'l', '_', '2')); }
NOINLINE static PVOID helper(SIZE_T size, ULONG tag) { return ExAllocatePoolWithTag(PagedPool, size, tag); }
NOINLINE static PVOID toLocal3(SIZE_T size) { return helper(size, TAG('T', 'l', '_', '3')); }
NOINLINE static PVOID toLocal4(SIZE_T size) { return helper(size + 1, TAG('T', 'l', '_', '4')); }
PVOID (*volatile table[])(SIZE_T) = {toImport, toLocal3, toLocal4};
void (*volatile freer)(PVOID) = freeTail;
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  for (int i = 0; i < 3; i++) keep = table[i](8);
  freer(keep);
  return 0;
}
