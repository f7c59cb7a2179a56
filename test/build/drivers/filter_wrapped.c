// A minifilter that registers through the linker's thunk and a function of its own; one registration filled in on the stack.
// proven: Fw_1 FltRegisterFilter
// proven: Fw_2 FltRegisterFilter
// proven: Fw_3 FltRegisterFilter
// not proven: Fw_X
#define NO_IMPORT
#include "nt.h"
DEFINE_KEEP
typedef struct { USHORT type, flags; PVOID cleanup; SIZE_T size; ULONG tag; PVOID allocate, release, reserved; } CONTEXT;
typedef struct { USHORT size, version; ULONG flags; const CONTEXT *contexts; const void *operations; PVOID rest[12]; } REGISTRATION;
static const CONTEXT contexts[] = {
  {8, 0, 0, 64, TAG('F', 'w', '_', '1'), 0, 0, 0},
  {16, 0, 0, 64, TAG('F', 'w', '_', '2'), 0, 0, 0},
  {0xffff, 0, 0, 0, 0, 0, 0, 0},
  {8, 0, 0, 64, TAG('F', 'w', '_', 'X'), 0, 0, 0},
};
static const CONTEXT later[] = {{8, 0, 0, 64, TAG('F', 'w', '_', '3'), 0, 0, 0}, {0xffff, 0, 0, 0, 0, 0, 0, 0}};
static const REGISTRATION registration = {sizeof(REGISTRATION), 0x203, 0, contexts, 0, {0}};
PVOID filter;
NOINLINE static NTSTATUS start(PVOID driver, const REGISTRATION *what) {
  NTSTATUS status = FltRegisterFilter(driver, what, &filter);
  choice = status;
  return status < 0 ? status : 1;
}
NOINLINE static NTSTATUS onStack(PVOID driver) {
  REGISTRATION local = {0};
  local.size = sizeof local;
  local.contexts = later;
  return start(driver, &local);
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  NTSTATUS status = start(driver, &registration);
  return status < 0 ? onStack(driver) : status;
}
