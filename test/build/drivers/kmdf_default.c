// A KMDF driver that sets no tag: the framework takes the first four characters of the service's name.
// predicted: kmdf
#include "kmdf.h"
NTSTATUS API DriverEntry(PVOID driver, PVOID path) {
  WdfVersionBind(driver, path, &info, &globals);
  DRIVER_CONFIG config = {sizeof config, path, driver, 0, 0};
  return FUNCTION(DRIVER_CREATE, 116)(globals, driver, path, 0, &config, (PVOID *)&keep);
}
