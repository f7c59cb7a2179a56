// proven: Kp_1 WdfDriverCreate
// proven: Kp_2 WdfMemoryCreate paged
// proven: Kp_3 WdfLookasideListCreate nonpaged
#include "kmdf.h"
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  WdfVersionBind(driver, path, &info, &globals);
  DRIVER_CONFIG config = {sizeof config, path, driver, 0, 0};
  config.tag = TAG('K', 'p', '_', '1');
  FUNCTION(DRIVER_CREATE, 116)(globals, driver, path, 0, &config, (PVOID *)&keep);
  FUNCTION(MEMORY_CREATE, 192)(globals, 0, PagedPool, TAG('K', 'p', '_', '2'), 64, (PVOID *)&keep, 0);
  FUNCTION(LOOKASIDE_CREATE, 198)(globals, 0, 64, NonPagedPool, 0, TAG('K', 'p', '_', '3'), (PVOID *)&keep);
  return 0;
}
