// Functions looked up by name and called through a variable, and pointers to the driver's own allocation functions.
// proven: Dy_1 ExAllocatePool2 nonpaged
// proven: Dy_2 ExAllocatePoolWithTag paged
// proven: Dy_3 ExAllocatePoolWithTag nonpaged
// proven: Dy_4 ExAllocatePoolWithTag nonpaged
// proven: Dy_5 ExFreePoolWithTag
// proven: Dy_6 ExFreePool2
#include "nt.h"
DEFINE_KEEP
typedef PVOID(API *POOL2)(ULONG64, SIZE_T, ULONG);
typedef PVOID(API *WITHTAG)(int, SIZE_T, ULONG);
typedef void(API *FREE)(PVOID, ULONG);
typedef void(API *FREE2)(PVOID, ULONG, PVOID, ULONG);
static POOL2 pool2;
static WITHTAG imported;
static FREE freer;
static FREE2 freer2;
NOINLINE static PVOID own(SIZE_T size, ULONG tag) { PVOID p = ExAllocatePoolWithTag(NonPagedPool, size, tag); choice = 1; return p; }
struct ops { PVOID (*allocate)(SIZE_T, ULONG); int version; };
struct ops ops = {own, 3};
NOINLINE static PVOID lookUp(const void *name) {
  STRING text;
  RtlInitUnicodeString(&text, name);
  return MmGetSystemRoutineAddress(&text);
}
NOINLINE static void use(PVOID p) {
  if (pool2) keep = pool2(0x40, 64, TAG('D', 'y', '_', '1'));
  keep = imported(PagedPool, 64, TAG('D', 'y', '_', '2'));
  keep = ops.allocate(64, TAG('D', 'y', '_', '3'));
  if (freer) freer(p, TAG('D', 'y', '_', '5'));
  if (freer2) freer2(p, TAG('D', 'y', '_', '6'), 0, 0);
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  STRING name;
  RtlInitUnicodeString(&name, L"ExAllocatePool2");
  pool2 = (POOL2)MmGetSystemRoutineAddress(&name);
  freer2 = (FREE2)lookUp(L"ExFreePool2");
  freer = (FREE)FltGetRoutineAddress("ExFreePoolWithTag");
  imported = choice ? ExAllocatePoolWithTag : imported;
  use(path);
  WITHTAG local = (WITHTAG)lookUp(L"ExAllocatePoolWithTag");
  if (local) keep = local(NonPagedPool, 3, TAG('D', 'y', '_', '4'));
  return 0;
}
