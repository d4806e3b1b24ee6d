#define _GNU_SOURCE
#include "CMicrohttpd.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

size_t cmhd_keep_escapes(void *closure, struct MHD_Connection *connection, char *text) {
  (void)closure;
  (void)connection;
  return strlen(text);
}

int cmhd_peer_address(int fd, char *text, size_t size) {
  struct sockaddr_storage address;
  socklen_t address_size = sizeof address;
  if (getpeername(fd, (struct sockaddr *)&address, &address_size) != 0) return 0;
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return 0;
  return getnameinfo((struct sockaddr *)&address, address_size, text, (socklen_t)size, NULL, 0,
                     NI_NUMERICHOST) == 0;
}

void cmhd_shut_down(int fd) { (void)shutdown(fd, SHUT_RDWR); }

void cmhd_set_silence_limit(int fd, unsigned int milliseconds) {
  // Fails on a unix socket, where the kernel knows at once that the other end is gone.
  (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}
