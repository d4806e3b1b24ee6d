// Apart from raw.c: the kernel's termios2 and the C library's termios cannot be had in one file.
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <string.h>

#include "CUdev.h"

int ioctl(int fd, unsigned long request, ...);

int cserial_speed(int fd, uint32_t baud) {
  struct termios2 settings;
  memset(&settings, 0, sizeof settings);
  if (ioctl(fd, TCGETS2, &settings) < 0) return -1;
  settings.c_cflag &= ~(tcflag_t)(CBAUD | (CBAUD << IBSHIFT));
  settings.c_cflag |= BOTHER | (BOTHER << IBSHIFT);
  settings.c_ispeed = baud;
  settings.c_ospeed = baud;
  return ioctl(fd, TCSETS2, &settings);
}
