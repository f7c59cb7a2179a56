// proven: Km_1 WdfDriverCreate
// proven: Km_2 WdfMemoryCreate nonpaged
// proven: Km_3 WdfLookasideListCreate paged
#define LAYOUT_ARRAY
#include "kmdf.h"
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  WdfVersionBind(driver, path, &info, &globals);
  DRIVER_CONFIG config = {sizeof config, path, driver, 0, TAG('K', 'm', '_', '1')};
  FUNCTION(DRIVER_CREATE, 116)(globals, driver, path, 0, &config, (PVOID *)&keep);
  FUNCTION(MEMORY_CREATE, 192)(globals, 0, NonPagedPoolNx, TAG('K', 'm', '_', '2'), 64, (PVOID *)&keep, 0);
  FUNCTION(LOOKASIDE_CREATE, 198)(globals, 0, 64, PagedPool, 0, TAG('K', 'm', '_', '3'), (PVOID *)&keep);
  return 0;
}
