// A tag set far from its calls: held in a saved register, chosen by a condition, carried round a loop, picked by a switch.
// proven: Far1 ExAllocatePoolWithTag nonpaged
// proven: Far1 ExFreePoolWithTag
// proven: Fr_A ExAllocatePoolWithTag paged
// proven: xB_2 ExAllocatePoolWithTag paged
// proven: Sw_0 ExAllocatePoolWithTag nonpaged
// proven: Sw_1 ExAllocatePoolWithTag nonpaged
// proven: Sw_2 ExAllocatePoolWithTag paged
// proven: Sw_3 ExAllocatePoolWithTag paged
// proven: Sw_4 ExAllocatePoolWithTag nonpaged
#include "nt.h"
DEFINE_KEEP
NOINLINE static void often(ULONG n) {
  for (ULONG i = 0; i < n; i++) {
    PVOID a = ExAllocatePoolWithTag(NonPagedPool, i, TAG('F', 'a', 'r', '1'));
    KeStallExecutionProcessor(i);
    PVOID b = ExAllocatePoolWithTag(NonPagedPool, i * 3, TAG('F', 'a', 'r', '1'));
    if (choice) KeStallExecutionProcessor((ULONG)(SIZE_T)b);
    ExFreePoolWithTag(a, TAG('F', 'a', 'r', '1'));
    ExFreePoolWithTag(b, TAG('F', 'a', 'r', '1'));
  }
}
NOINLINE static PVOID either(int which, SIZE_T size) {
  ULONG tag = which ? TAG('F', 'r', '_', 'A') : TAG('x', 'B', '_', '2');
  KeStallExecutionProcessor(5);
  return ExAllocatePoolWithTag(PagedPool, size, tag);
}
NOINLINE static void cases(int which) {
  switch (which) {
    case 0: keep = ExAllocatePoolWithTag(NonPagedPool, 16, TAG('S', 'w', '_', '0')); KeStallExecutionProcessor(1); break;
    case 1: keep = ExAllocatePoolWithTag(NonPagedPool, 32, TAG('S', 'w', '_', '1')); choice = 4; break;
    case 2: keep = ExAllocatePoolWithTag(PagedPool, 48, TAG('S', 'w', '_', '2')); KeStallExecutionProcessor(3); break;
    case 3: keep = ExAllocatePoolWithTag(PagedPool, 64, TAG('S', 'w', '_', '3')); choice = 9; break;
    case 4: keep = ExAllocatePoolWithTag(NonPagedPool, 80, TAG('S', 'w', '_', '4')); KeStallExecutionProcessor(7); break;
    case 5: KeStallExecutionProcessor(99); choice = 2; break;
    case 6: KeStallExecutionProcessor(98); choice = 3; break;
    default: break;
  }
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  often(choice);
  keep = either(choice, 4);
  cases(choice);
  return 0;
}
