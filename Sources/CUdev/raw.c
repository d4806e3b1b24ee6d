#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "CUdev.h"

static int constant_of(uint32_t baud, speed_t *speed) {
  static const struct {
    uint32_t baud;
    speed_t speed;
  } known[] = {
      {300, B300},         {600, B600},         {1200, B1200},       {2400, B2400},
      {4800, B4800},       {9600, B9600},       {19200, B19200},     {38400, B38400},
      {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
      {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000},
      {1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000},
      {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (known[i].baud == baud) {
      *speed = known[i].speed;
      return 1;
    }
  }
  return 0;
}

int cserial_raw(int fd, uint32_t baud) {
  struct termios settings;
  memset(&settings, 0, sizeof settings);
  settings.c_cflag = CS8 | CREAD | CLOCAL;
  // With VMIN 0 a read of an empty line would say 0, which must mean that the line is gone.
  settings.c_cc[VMIN] = 1;
  speed_t speed = B115200;
  int exact = constant_of(baud, &speed);
  cfsetispeed(&settings, speed);
  cfsetospeed(&settings, speed);
  if (tcsetattr(fd, TCSANOW, &settings) < 0) return -1;
  return exact ? 0 : 1;
}

int cserial_is_raw(int fd) {
  struct termios settings;
  if (tcgetattr(fd, &settings) < 0) return -1;
  return (settings.c_lflag & (ECHO | ECHONL | ICANON | ISIG | IEXTEN)) == 0 &&
         (settings.c_iflag & (ICRNL | INLCR | IGNCR | ISTRIP | IXON)) == 0 &&
         (settings.c_oflag & OPOST) == 0 && (settings.c_cflag & (HUPCL | CRTSCTS)) == 0;
}

int cserial_claim(int fd) { return ioctl(fd, TIOCEXCL); }
