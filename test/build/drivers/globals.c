// Tags in variables: an initial value, one written at start-up, a table walked by a loop, a table indexed.
// proven: Gl_1 ExAllocatePoolWithTag nonpaged
// proven: Gl_2 ExAllocatePoolWithTag nonpaged
// proven: Gl_3 ExAllocatePoolWithTag paged
// proven: Gt_0 ExAllocatePoolWithTag nonpaged
// proven: Gt_1 ExAllocatePoolWithTag nonpaged
// proven: Gt_2 ExAllocatePoolWithTag nonpaged
// proven: Gt_3 ExAllocatePoolWithTag nonpaged
// proven: Gp_1 ExAllocatePoolWithTag nonpaged
#include "nt.h"
DEFINE_KEEP
ULONG initial = TAG('G', 'l', '_', '1');
ULONG unset;
int optIn;
struct row { ULONG size; ULONG tag; };
struct row rows[] = {{16, TAG('G', 't', '_', '0')}, {32, TAG('G', 't', '_', '1')}, {64, TAG('G', 't', '_', '2')}, {128, TAG('G', 't', '_', '3')}};
NOINLINE static PVOID first(SIZE_T size) { PVOID p = ExAllocatePoolWithTag(NonPagedPool, size, initial); choice = 1; return p; }
NOINLINE static PVOID second(SIZE_T size) { PVOID p = ExAllocatePoolWithTag(PagedPool, size, unset); choice = 2; return p; }
NOINLINE static void start(ULONG tag) { KeStallExecutionProcessor(tag); unset = tag; }
NOINLINE static void walk(void) {
  for (int i = 0; i < 4; i++) { keep = ExAllocatePoolWithTag(NonPagedPool, rows[i].size, rows[i].tag); KeStallExecutionProcessor(4); }
}
NOINLINE static PVOID indexed(ULONG i) { PVOID p = ExAllocatePoolWithTag(NonPagedPool, 9, rows[i].tag); choice = 4; return p; }
NOINLINE static PVOID optedIn(void) { PVOID p = ExAllocatePoolWithTag(optIn | 0x400, 9, TAG('G', 'p', '_', '1')); choice = 4; return p; }
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  keep = first(5);
  if (choice) initial = TAG('G', 'l', '_', '2');
  start(TAG('G', 'l', '_', '3'));
  keep = second(6);
  walk();
  keep = indexed(choice);
  optIn = choice ? 0x200 : 0;
  keep = optedIn();
  return 0;
}
