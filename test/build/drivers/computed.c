// Tags of which a part is computed: the known letters are proven, and no whole tag is.
// proven: Cp_1 ExAllocatePoolWithTag nonpaged
// pattern: Ca_?
// pattern: Cb_?
// pattern: Cc??
// not proven: Ca_0
// not proven: Ca_1
// not proven: Ca_2
// not proven: Ca_3
// not proven: Cb_x
// not proven: Cx_1
// not proven: Cy_1
#include "nt.h"
DEFINE_KEEP
volatile UCHAR letters[4];
typedef union { volatile ULONG whole; volatile UCHAR part[4]; } LABEL;
/* Counted up in a loop. */
NOINLINE static void counted(int count) {
  for (int i = 0; i < count; i++) {
    keep = ExAllocatePoolWithTag(NonPagedPool, 64, TAG('C', 'a', '_', '0') + ((ULONG)i << 24));
    KeStallExecutionProcessor(i);
  }
}
/* A letter that is not known over a constant. */
NOINLINE static void overwritten(int k) {
  LABEL label;
  label.whole = TAG('C', 'b', '_', 'x');
  label.part[3] = (UCHAR)k;
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, label.whole);
}
/* Two letters put in place by shifts. */
NOINLINE static void composed(void) {
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, TAG('C', 'c', 0, 0) | (ULONG)letters[0] << 16 | (ULONG)letters[1] << 24);
}
/* A known letter over a constant makes another constant. */
NOINLINE static void replaced(void) {
  LABEL label;
  label.whole = TAG('C', 'p', '_', '0');
  label.part[3] = '1';
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, label.whole);
}
/* Nobody knows which letter: nothing is left of the constant. */
NOINLINE static void anywhere(int k) {
  LABEL label;
  label.whole = TAG('C', 'x', '_', '1');
  label.part[k & 3] = '#';
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, label.whole);
}
/* Letter by letter, as far as a name goes. */
NOINLINE static void named(const UCHAR *name) {
  LABEL label;
  label.whole = TAG('C', 'y', '_', '1');
  for (int i = 0; i < 4 && name[i]; i++) label.part[i] = name[i];
  keep = ExAllocatePoolWithTag(NonPagedPool, 64, label.whole);
}
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  counted(choice);
  overwritten(choice);
  composed();
  replaced();
  anywhere(choice);
  named(path);
  return 0;
}
