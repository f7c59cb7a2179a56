// Tags chosen by a switch: jump tables with side effects in the cases, two switches in one function, one inside a loop.
// proven: Sa_0 ExAllocatePoolWithTag nonpaged
// proven: Sa_1 ExAllocatePoolWithTag nonpaged
// proven: Sa_2 ExAllocatePoolWithTag nonpaged
// proven: Sa_3 ExAllocatePoolWithTag nonpaged
// proven: Sa_4 ExAllocatePoolWithTag nonpaged
// proven: Sa_5 ExAllocatePoolWithTag nonpaged
// proven: Sa_6 ExAllocatePoolWithTag nonpaged
// proven: Sa_7 ExAllocatePoolWithTag nonpaged
// proven: Sa_8 ExAllocatePoolWithTag nonpaged
// proven: Sb_0 ExAllocatePoolWithTag paged
// proven: Sb_1 ExAllocatePoolWithTag paged
// proven: Sb_2 ExAllocatePoolWithTag paged
// proven: Sb_3 ExAllocatePoolWithTag paged
// proven: Sb_4 ExAllocatePoolWithTag paged
// proven: Sb_5 ExAllocatePoolWithTag paged
// proven: Sb_6 ExAllocatePoolWithTag paged
// proven: Sc_0 ExAllocatePoolWithTag nonpaged
// proven: Sc_1 ExAllocatePoolWithTag nonpaged
// proven: Sc_2 ExAllocatePoolWithTag nonpaged
// proven: Sc_3 ExAllocatePoolWithTag nonpaged
// proven: Sc_4 ExAllocatePoolWithTag nonpaged
// proven: Sc_5 ExAllocatePoolWithTag nonpaged
// not proven: Sx_1
#include "nt.h"
DEFINE_KEEP
volatile short narrow;
volatile char byte;
NOINLINE static void first(int k) {
  ULONG tag = TAG('S', 'a', '_', '0');
  switch (k) {
    case 10: choice = 5; tag = TAG('S', 'a', '_', '1'); break;
    case 11: narrow = 7; KeStallExecutionProcessor(1); tag = TAG('S', 'a', '_', '2'); break;
    case 12: KeStallExecutionProcessor(k); tag = TAG('S', 'a', '_', '3'); break;
    case 13: byte = 1; tag = TAG('S', 'a', '_', '4'); break;
    case 14: choice = 9; narrow = 1; tag = TAG('S', 'a', '_', '5'); break;
    case 15: KeStallExecutionProcessor(choice); tag = TAG('S', 'a', '_', '6'); break;
    case 16: byte = narrow; tag = TAG('S', 'a', '_', '7'); break;
    case 17: choice = narrow; tag = TAG('S', 'a', '_', '8'); break;
  }
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, tag);
}
/* Two switches: what the first one leaves in a register is no case of the second. */
NOINLINE static void second(int k, int other) {
  ULONG mark = TAG('S', 'x', '_', '1');
  switch (other) {
    case 0: choice = 1; break;
    case 1: narrow = 1; mark = 3; break;
    case 2: byte = 1; mark = 17; break;
    case 3: choice = 2; mark = 29; break;
    case 4: narrow = 5; mark = 31; break;
    case 5: byte = 9; mark = 57; break;
  }
  KeStallExecutionProcessor(mark);
  ULONG tag;
  switch (k) {
    case 0: choice = 3; tag = TAG('S', 'b', '_', '0'); break;
    case 1: narrow = 3; tag = TAG('S', 'b', '_', '1'); break;
    case 2: byte = 3; tag = TAG('S', 'b', '_', '2'); break;
    case 3: choice = 4; tag = TAG('S', 'b', '_', '3'); break;
    case 4: narrow = 4; tag = TAG('S', 'b', '_', '4'); break;
    case 5: byte = 4; tag = TAG('S', 'b', '_', '5'); break;
    default: choice = 6; tag = TAG('S', 'b', '_', '6'); break;
  }
  keep = ExAllocatePoolWithTag(PagedPool, 64, tag);
}
NOINLINE static void looped(const int *kinds, int count) {
  for (int i = 0; i < count; i++) {
    ULONG tag;
    switch (kinds[i]) {
      case 0: choice = 3; tag = TAG('S', 'c', '_', '0'); break;
      case 1: narrow = 3; tag = TAG('S', 'c', '_', '1'); break;
      case 2: byte = 3; tag = TAG('S', 'c', '_', '2'); break;
      case 3: choice = 4; tag = TAG('S', 'c', '_', '3'); break;
      case 4: narrow = 4; tag = TAG('S', 'c', '_', '4'); break;
      default: byte = 4; tag = TAG('S', 'c', '_', '5'); break;
    }
    keep = ExAllocatePoolWithTag(NonPagedPool, 64, tag);
  }
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  first(choice);
  second(choice, narrow);
  looped(path, choice);
  return 0;
}
