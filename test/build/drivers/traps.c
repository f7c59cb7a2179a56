// What looks like a tag and is none: references, bug checks, signatures, texts, remove locks, sizes.
// proven: Real ExAllocatePoolWithTag nonpaged
// not proven: RHMD
// not proven: HFDO
// not proven: Bugc
// not proven: Sign
// not proven: RmLk
// not proven: Text
#include "nt.h"
DEFINE_KEEP
struct object { ULONG signature; ULONG size; PVOID next; };
const char *volatile text = "Text that is only shown";
NOINLINE static void check(struct object *o) {
  if (o->signature != TAG('H', 'F', 'D', 'O')) KeBugCheckEx(0xfe, TAG('B', 'u', 'g', 'c'), (SIZE_T)o, o->signature, TAG('H', 'F', 'D', 'O'));
  choice = (int)o->size;
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  struct object *o = ExAllocatePoolWithTag(NonPagedPool, sizeof *o, TAG('R', 'e', 'a', 'l'));
  if (!o) return -1;
  o->signature = TAG('S', 'i', 'g', 'n');
  ObReferenceObjectByPointerWithTag(driver, 0, 0, 0, TAG('R', 'H', 'M', 'D'));
  IoInitializeRemoveLockEx(o, TAG('R', 'm', 'L', 'k'), 0, 0, 32);
  check(o);
  ExFreePoolWithTag(o, 0);
  keep = (PVOID)text;
  return 0;
}
