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

void cmhd_defer_accept(int listener, int seconds) {
  // Fails on a unix socket, where nobody speaks TLS.
  (void)setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
}

int cmhd_answer_plain(int fd, const void *answer, size_t count) {
  char bytes[4096];
  if (recv(fd, bytes, 1, MSG_PEEK | MSG_DONTWAIT) != 1) return 0;
  if (bytes[0] < 'A' || bytes[0] > 'Z') return 0;
  // What is left unread when a connection is closed has the kernel throw away the answer.
  for (int reads = 0; reads < 8 && recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0; reads++) {}
  (void)send(fd, answer, count, MSG_NOSIGNAL | MSG_DONTWAIT);
  (void)shutdown(fd, SHUT_RDWR);
  return 1;
}
