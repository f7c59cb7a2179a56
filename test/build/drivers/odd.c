// Tags that are no text, that end in NUL, or carry the bit for protected pool.
// proven: \xAB\xEB\x00\x00 ExAllocatePoolWithTag nonpaged
// proven: Lis\x00 ExAllocatePoolWithTag nonpaged
// proven: A B  ExAllocatePoolWithTag nonpaged
// proven: Prot ExAllocatePoolWithTag paged
// proven: Prot ExFreePoolWithTag
// proven: Ct_1 ExAllocateCacheAwareRundownProtection nonpaged
// proven: Mm_1 MmAllocateMappingAddress
// proven: Mm_1 MmFreeMappingAddress
// proven: Vp_1 VideoPortAllocatePool paged
// proven: En_1 EngAllocMem paged
// proven: Sp_1 StorPortExtendedFunction nonpaged
// not proven: Sp_2
#include "nt.h"
DEFINE_KEEP
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  PVOID out;
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, 0xEBAB);
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, TAG('L', 'i', 's', 0));
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, TAG('A', ' ', 'B', ' '));
  keep = ExAllocatePoolWithTag(PagedPool, 64, TAG('P', 'r', 'o', 't') | 0x80000000);
  ExFreePoolWithTag(keep, TAG('P', 'r', 'o', 't') | 0x80000000);
  keep = ExAllocateCacheAwareRundownProtection(NonPagedPool, TAG('C', 't', '_', '1'));
  keep = MmAllocateMappingAddress(4096, TAG('M', 'm', '_', '1'));
  MmFreeMappingAddress(keep, TAG('M', 'm', '_', '1'));
  keep = VideoPortAllocatePool(driver, PagedPool, 64, TAG('V', 'p', '_', '1'));
  keep = EngAllocMem(1, 64, TAG('E', 'n', '_', '1'));
  StorPortExtendedFunction(0, driver, 64, TAG('S', 'p', '_', '1'), &out);
  StorPortExtendedFunction(1, driver, 64, TAG('S', 'p', '_', '2'), &out);
  return 0;
}
