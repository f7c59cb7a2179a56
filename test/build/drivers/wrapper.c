// The driver's own allocation functions, up to three deep, the tag in any position, with a default of their own.
// proven: Wr_1 ExAllocatePoolWithTag nonpaged
// proven: Wr_2 ExAllocatePoolWithTag paged
// proven: Wr_3 ExAllocatePoolWithTag nonpaged
// proven: WrD_ ExAllocatePoolWithTag nonpaged
// proven: WrX_ ExAllocatePoolWithTag nonpaged
// proven: Wr_F ExFreePoolWithTag
// proven: Wr_6 ExAllocatePoolWithTag paged
// proven: WrSt ExAllocatePoolWithTag nonpaged
#include "nt.h"
DEFINE_KEEP
NOINLINE static PVOID plain(SIZE_T size, ULONG tag) {
  KeStallExecutionProcessor(1);
  PVOID p = ExAllocatePoolWithTag(NonPagedPool, size, tag);
  if (p) *(volatile char *)p = 0;
  return p;
}
NOINLINE static PVOID typed(ULONG tag, int type, SIZE_T size) {
  PVOID p = ExAllocatePoolWithTag(type, size + 8, tag);
  if (p) *(volatile char *)p = 1;
  return p;
}
NOINLINE static PVOID deep2(PVOID unused, ULONG tag) {
  PVOID p = plain(100, tag);
  keep = unused;
  return p;
}
NOINLINE static PVOID deep3(ULONG tag, PVOID unused) {
  PVOID p = deep2(unused, tag);
  choice = 1;
  return p;
}
NOINLINE static PVOID defaulted(SIZE_T size, ULONG tag) {
  if (tag == 0) tag = TAG('W', 'r', 'D', '_');
  PVOID p = ExAllocatePoolWithTag(NonPagedPool, size, tag);
  if (p) *(volatile char *)p = 2;
  return p;
}
NOINLINE static void release(PVOID p, int really, ULONG tag) {
  if (really && p) ExFreePoolWithTag(p, tag);
}
NOINLINE static PVOID sixth(PVOID a, PVOID b, PVOID c, PVOID d, SIZE_T size, ULONG tag) {
  keep = a; keep = b; keep = c; keep = d;
  PVOID p = ExAllocatePoolWithTag(PagedPool, size, tag);
  choice = 6;
  return p;
}
struct request { SIZE_T size; ULONG tag; ULONG flags; };
NOINLINE static PVOID asked(struct request *r) {
  PVOID p = ExAllocatePoolWithTag(NonPagedPool, r->size, r->tag);
  choice = (int)r->flags;
  return p;
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  keep = plain(10, TAG('W', 'r', '_', '1'));
  keep = typed(TAG('W', 'r', '_', '2'), PagedPool, 10);
  keep = deep3(TAG('W', 'r', '_', '3'), path);
  keep = defaulted(10, choice);
  keep = defaulted(10, TAG('W', 'r', 'X', '_'));
  release(keep, choice, TAG('W', 'r', '_', 'F'));
  keep = sixth(path, driver, path, driver, 9, TAG('W', 'r', '_', '6'));
  struct request r;
  r.size = 40;
  r.tag = TAG('W', 'r', 'S', 't');
  r.flags = 2;
  keep = asked(&r);
  return 0;
}
