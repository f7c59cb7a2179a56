// Tags in structures: on the stack, in static data, merged by the compiler into wider stores, through a helper.
// proven: Nb_1 NdisAllocateNetBufferListPool nonpaged
// proven: Nb_2 NdisAllocateNetBufferPool nonpaged
// proven: Nb_3 NdisAllocateNetBufferListPool nonpaged
// proven: Nb_4 NdisAllocateTimerObject nonpaged
// proven: Nb_5 NdisAllocateNetBufferListPool nonpaged
// proven: Nd_1 NdisAllocateMemoryWithTag nonpaged
// proven: Nd_2 NdisAllocateMemoryWithTagPriority nonpaged
// proven: Nd_3 NdisFreeMemoryWithTag
// proven: Nd_4 NdisAllocateGenericObject nonpaged
// proven: Nd_5 NdisAllocateCloneOidRequest nonpaged
#include "nt.h"
DEFINE_KEEP
typedef struct { UCHAR type, revision; USHORT size; UCHAR protocol, allocate; USHORT context; ULONG tag, data; } LIST_POOL;
typedef struct { UCHAR type, revision; USHORT size; ULONG tag, data; } BUFFER_POOL;
typedef struct { UCHAR type, revision; USHORT size; ULONG tag; PVOID function, context; } TIMER;
static const LIST_POOL constant = {0x80, 1, 16, 0, 1, 0, TAG('N', 'b', '_', '3'), 0};
static LIST_POOL writable;
void *memset(void *p, int c, SIZE_T n);
NOINLINE void *memset(void *p, int c, SIZE_T n) { for (SIZE_T i = 0; i < n; i++) ((volatile char *)p)[i] = (char)c; return p; }
NOINLINE static PVOID make(PVOID h, const LIST_POOL *p) { PVOID q = NdisAllocateNetBufferListPool(h, p); choice = 3; return q; }
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  LIST_POOL list;
  memset(&list, 0, sizeof list);
  list.type = 0x80; list.revision = 1; list.size = sizeof list; list.allocate = 1;
  list.tag = TAG('N', 'b', '_', '1');
  keep = make(driver, &list);
  BUFFER_POOL buffer = {0};
  buffer.type = 0x81; buffer.revision = 1; buffer.size = sizeof buffer;
  buffer.tag = TAG('N', 'b', '_', '2');
  buffer.data = 1500;
  keep = NdisAllocateNetBufferPool(driver, &buffer);
  keep = NdisAllocateNetBufferListPool(driver, &constant);
  TIMER timer = {0x97, 1, sizeof timer, TAG('N', 'b', '_', '4'), path, driver};
  NdisAllocateTimerObject(driver, &timer, (PVOID *)&keep);
  writable.size = sizeof writable;
  writable.tag = TAG('N', 'b', '_', '5');
  keep = NdisAllocateNetBufferListPool(driver, &writable);
  PVOID p;
  NdisAllocateMemoryWithTag(&p, 77, TAG('N', 'd', '_', '1'));
  keep = NdisAllocateMemoryWithTagPriority(driver, 77, TAG('N', 'd', '_', '2'), 32);
  NdisFreeMemoryWithTag(p, TAG('N', 'd', '_', '3'));
  keep = NdisAllocateGenericObject(driver, TAG('N', 'd', '_', '4'), 8);
  NdisAllocateCloneOidRequest(driver, path, TAG('N', 'd', '_', '5'), &p);
  return 0;
}
