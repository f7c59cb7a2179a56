// proven: Dir1 ExAllocatePoolWithTag nonpaged
// proven: Dir2 ExAllocatePoolWithTag paged
// proven: Dir3 ExAllocatePoolWithQuotaTag paged
// proven: Dir4 ExAllocatePoolWithTagPriority nonpaged
// proven: Dir5 ExFreePoolWithTag
// proven: None ExAllocatePool paged
// proven: Nx__ ExAllocatePoolWithTag nonpaged
#include "nt.h"
DEFINE_KEEP
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, TAG('D', 'i', 'r', '1'));
  keep = ExAllocatePoolWithTag(PagedPool, (SIZE_T)path, TAG('D', 'i', 'r', '2'));
  keep = ExAllocatePoolWithQuotaTag(PagedPool, 64, TAG('D', 'i', 'r', '3'));
  keep = ExAllocatePoolWithTagPriority(NonPagedPool, 64, TAG('D', 'i', 'r', '4'), 32);
  ExFreePoolWithTag(keep, TAG('D', 'i', 'r', '5'));
  ExFreePoolWithTag(keep, 0);
  keep = ExAllocatePool(PagedPool, 5);
  keep = ExAllocatePoolWithTag(NonPagedPoolNx, 64, TAG('N', 'x', '_', '_'));
  return 0;
}
