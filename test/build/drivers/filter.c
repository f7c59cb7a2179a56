// A minifilter: tags in the rows of its static context registrations.
// proven: Fc_1 FltRegisterFilter
// proven: Fc_2 FltRegisterFilter
// proven: Fl_A FltAllocatePoolAlignedWithTag paged
// proven: Fl_F FltFreePoolAlignedWithTag
// proven: Fl_E FltAllocateExtraCreateParameter paged
// proven: Fs_1 FsRtlAllocatePoolWithTag paged
// proven: Fs_2 FsRtlAllocateExtraCreateParameter paged
// proven: Fs_3 FsRtlAllocateAePushLock nonpaged
// not proven: Fc_X
#include "nt.h"
DEFINE_KEEP
typedef struct { USHORT type, flags; PVOID cleanup; SIZE_T size; ULONG tag; PVOID allocate, release, reserved; } CONTEXT;
typedef struct { USHORT size, version; ULONG flags; const CONTEXT *contexts; const void *operations; PVOID rest[12]; } REGISTRATION;
static const CONTEXT contexts[] = {
  {1, 0, 0, 40, TAG('F', 'c', '_', '1'), 0, 0, 0},
  {0x10, 0, 0, 80, TAG('F', 'c', '_', '2'), 0, 0, 0},
  {0xffff, 0, 0, 0, 0, 0, 0, 0},
  {8, 0, 0, 80, TAG('F', 'c', '_', 'X'), 0, 0, 0},
};
static const REGISTRATION registration = {sizeof(REGISTRATION), 0x203, 0, contexts, 0, {0}};
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  PVOID out;
  FltRegisterFilter(driver, &registration, &out);
  keep = FltAllocatePoolAlignedWithTag(out, PagedPool, 512, TAG('F', 'l', '_', 'A'));
  FltFreePoolAlignedWithTag(out, keep, TAG('F', 'l', '_', 'F'));
  FltAllocateExtraCreateParameter(out, path, 8, 0, 0, TAG('F', 'l', '_', 'E'), &out);
  keep = FsRtlAllocatePoolWithTag(PagedPool, 16, TAG('F', 's', '_', '1'));
  FsRtlAllocateExtraCreateParameter(path, 8, 0, 0, TAG('F', 's', '_', '2'), &out);
  keep = FsRtlAllocateAePushLock(NonPagedPool, TAG('F', 's', '_', '3'));
  return 0;
}
