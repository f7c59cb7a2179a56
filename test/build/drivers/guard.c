// Indirect calls under Control Flow Guard: dispatched through rax on x64, checked beforehand on x86 and ARM64.
// flags: -Xclang -cfguard
// proven: Cf_1 ExAllocatePoolWithTag paged
// proven: Cf_2 ExAllocatePoolWithTag nonpaged
// proven: Cf_3 ExFreePoolWithTag
#include "nt.h"
DEFINE_KEEP
typedef PVOID(API *WITHTAG)(int, SIZE_T, ULONG);
typedef void(API *FREE)(PVOID, ULONG);
NOINLINE static PVOID API other(int type, SIZE_T size, ULONG tag) { PVOID p = ExAllocatePoolWithTag(type, size * 2, tag); choice = 1; return p; }
#if defined(__x86_64__)
__attribute__((naked)) void guardDispatch(void) { __asm__("jmp *%rax"); }
void (*const __guard_dispatch_icall_fptr)(void) = guardDispatch;
#else
void guardCheck(void) {}
void (*const __guard_check_icall_fptr)(void) = guardCheck;
#endif
NOINLINE static void calls(WITHTAG *hidden) {
  WITHTAG allocate = choice ? ExAllocatePoolWithTag : other;
  FREE release = choice ? ExFreePoolWithTag : 0;
  keep = allocate(PagedPool, 3, TAG('C', 'f', '_', '1'));
  keep = allocate(NonPagedPool, (SIZE_T)hidden, TAG('C', 'f', '_', '2'));
  if (release) release(keep, TAG('C', 'f', '_', '3'));
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  calls((WITHTAG *)path);
  return 0;
}
