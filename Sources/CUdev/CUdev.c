#include "CUdev.h"

#include <errno.h>

struct udev_device *cudev_receive(struct udev_monitor *monitor, int *error) {
  errno = 0;
  struct udev_device *device = udev_monitor_receive_device(monitor);
  *error = device ? 0 : errno;
  return device;
}
