// Calls through import thunks, as they come from functions that are not declared as imported.
// proven: Th_1 ExAllocatePoolWithTag nonpaged
// proven: Th_2 ExFreePoolWithTag
// proven: Th_3 NdisAllocateNetBufferListPool nonpaged
// proven: Th_4 ExInitializeNPagedLookasideList nonpaged
#define NO_IMPORT
#include "nt.h"
DEFINE_KEEP
typedef struct { UCHAR type, revision; USHORT size; UCHAR protocol, allocate; USHORT context; ULONG tag, data; } LIST_POOL;
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  keep = ExAllocatePoolWithTag(NonPagedPool, 12, TAG('T', 'h', '_', '1'));
  ExFreePoolWithTag(keep, TAG('T', 'h', '_', '2'));
  LIST_POOL list = {0x80, 1, sizeof list, 0, 1, 0, 0, 0};
  list.tag = TAG('T', 'h', '_', '3');
  keep = NdisAllocateNetBufferListPool(driver, &list);
  ExInitializeNPagedLookasideList(path, 0, 0, 0, 64, TAG('T', 'h', '_', '4'), 0);
  return 0;
}
