// A kernel, or a library of one: it exports the allocation functions and calls them itself.
// proven: Kn_1 ExAllocatePoolWithTag paged
// proven: Kn_2 ExFreePoolWithTag
// proven: Kn_3 NdisAllocateNetBufferListPool nonpaged
#define NO_IMPORT
#include "nt.h"
DEFINE_KEEP
typedef struct { UCHAR type, revision; USHORT size; UCHAR protocol, allocate; USHORT context; ULONG tag, data; } LIST_POOL;
__declspec(dllexport) NOINLINE PVOID API ExAllocatePoolWithTag(int type, SIZE_T size, ULONG tag) {
  keep = (PVOID)(size + type);
  choice = (int)tag;
  return keep;
}
__declspec(dllexport) NOINLINE void API ExFreePoolWithTag(PVOID p, ULONG tag) { keep = p; choice = (int)tag; }
__declspec(dllexport) NOINLINE PVOID API NdisAllocateNetBufferListPool(PVOID h, const void *parameters) {
  choice = (int)((const LIST_POOL *)parameters)->tag;
  return h;
}
__declspec(dllexport) NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  keep = ExAllocatePoolWithTag(PagedPool, 64, TAG('K', 'n', '_', '1'));
  ExFreePoolWithTag(keep, TAG('K', 'n', '_', '2'));
  LIST_POOL list = {0x80, 1, sizeof list, 0, 1, 0, 0, 0};
  list.tag = TAG('K', 'n', '_', '3');
  keep = NdisAllocateNetBufferListPool(driver, &list);
  return 0;
}
