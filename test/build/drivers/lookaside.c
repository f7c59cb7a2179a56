// Lookaside lists: the tag is a late argument, on the stack for x64.
// proven: Lk_N ExInitializeNPagedLookasideList nonpaged
// proven: Lk_P ExInitializePagedLookasideList paged
// proven: LkE1 ExInitializeLookasideListEx paged
// proven: LkE2 ExInitializeLookasideListEx nonpaged
// proven: LkW1 ExInitializeLookasideListEx nonpaged
// proven: LkW2 ExInitializeLookasideListEx paged
#include "nt.h"
DEFINE_KEEP
static char lists[8][256];
NOINLINE static void list(PVOID where, int type, ULONG tag) {
  ExInitializeLookasideListEx(where, 0, 0, type, 0, 128, tag, 0);
  choice = 1;
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  ExInitializeNPagedLookasideList(lists[0], 0, 0, 0, 64, TAG('L', 'k', '_', 'N'), 0);
  ExInitializePagedLookasideList(lists[1], 0, 0, 0, 64, TAG('L', 'k', '_', 'P'), 0);
  ExInitializeLookasideListEx(lists[2], 0, 0, PagedPool, 0, 64, TAG('L', 'k', 'E', '1'), 0);
  ExInitializeLookasideListEx(lists[3], 0, 0, NonPagedPoolNx, 0, 64, TAG('L', 'k', 'E', '2'), 0);
  list(lists[4], NonPagedPool, TAG('L', 'k', 'W', '1'));
  list(lists[5], PagedPool, TAG('L', 'k', 'W', '2'));
  return 0;
}
