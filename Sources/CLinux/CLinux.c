#define _GNU_SOURCE
#include "CLinux.h"

#include <stdbool.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

const char *clinux_errno_name(int code) { return strerrorname_np(code); }
const char *clinux_errno_text(int code) { return strerrordesc_np(code); }

int clinux_epoll_control(int epoll, int operation, int fd, uint32_t flags, uint64_t data) {
  struct epoll_event event = {.events = flags, .data = {.u64 = data}};
  return epoll_ctl(epoll, operation, fd, &event);
}

int clinux_epoll_wait(int epoll, struct clinux_event *out, int room, int mayBlock) {
  struct epoll_event events[CLINUX_EVENTS_MAX];
  if (room > CLINUX_EVENTS_MAX) room = CLINUX_EVENTS_MAX;
  int count = epoll_wait(epoll, events, room, mayBlock ? -1 : 0);
  for (int i = 0; i < count; i++) {
    out[i].flags = events[i].events;
    out[i].data = events[i].data.u64;
  }
  return count;
}

int clinux_accept(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_pipe(int ends[2], int blocking) {
  return pipe2(ends, O_CLOEXEC | (blocking ? 0 : O_NONBLOCK));
}

int clinux_open(const char *path, int flags, unsigned int mode) {
  return open(path, flags | O_CLOEXEC, mode);
}

int clinux_set_nonblocking(int fd, int nonblocking) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -1;
  int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return wanted == flags ? 0 : fcntl(fd, F_SETFL, wanted);
}

int clinux_dup(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 0); }

static int close_keeping_errno(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

int clinux_pty_master(void) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (master < 0) return -1;
  if (grantpt(master) < 0 || unlockpt(master) < 0) return close_keeping_errno(master);
  return master;
}

int clinux_pty_name(int master, char *name, size_t size) {
  int code = ptsname_r(master, name, size);
  if (code == 0) return 0;
  errno = code;
  return -1;
}

int clinux_tty_raw(int fd) {
  struct termios settings;
  if (tcgetattr(fd, &settings) < 0) return -1;
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~(tcflag_t)HUPCL;
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  return tcsetattr(fd, TCSANOW, &settings);
}

int clinux_unix_socket(void) {
  return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int clinux_raise_file_limit(int wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
  rlim_t now = limit.rlim_cur;
  if (now < (rlim_t)wanted) {
    limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
    // A sandbox may forbid it: what there is must do.
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) now = limit.rlim_cur;
  }
  return now > INT_MAX ? INT_MAX : (int)now;
}

int clinux_listen_internet(const char *host, uint16_t port, int backlog) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  bool is_six = inet_pton(AF_INET6, host, &six.sin6_addr) == 1;
  if (!is_six && inet_pton(AF_INET, host, &four.sin_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int on = 1;
  // Connections of the daemon before linger in TIME_WAIT: they are no reason to wait.
  bool is_ready = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                  (!is_six || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
                  (is_six ? bind(fd, (struct sockaddr *)&six, sizeof six)
                          : bind(fd, (struct sockaddr *)&four, sizeof four)) == 0 &&
                  listen(fd, backlog) == 0;
  if (is_ready) return fd;
  int why = errno;
  close(fd);
  errno = why;
  return -1;
}

int clinux_local_port(int fd) {
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  if (getsockname(fd, (struct sockaddr *)&name, &size) != 0) return -1;
  return ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
                                          : ((struct sockaddr_in *)&name)->sin_port);
}

static int address(struct sockaddr_un *out, const char *path) {
  size_t size = strlen(path);
  if (size == 0 || size >= sizeof out->sun_path) {
    errno = size == 0 ? ENOENT : ENAMETOOLONG;
    return -1;
  }
  memset(out, 0, sizeof *out);
  out->sun_family = AF_UNIX;
  memcpy(out->sun_path, path, size + 1);
  return 0;
}

int clinux_unix_bind(int fd, const char *path) {
  struct sockaddr_un name;
  if (address(&name, path) < 0) return -1;
  return bind(fd, (struct sockaddr *)&name, sizeof name);
}

int clinux_unix_connect(int fd, const char *path) {
  struct sockaddr_un name;
  if (address(&name, path) < 0) return -1;
  return connect(fd, (struct sockaddr *)&name, sizeof name);
}

int clinux_unix_peer(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -1;
  *pid = peer.pid;
  *uid = peer.uid;
  *gid = peer.gid;
  return 0;
}

// The kernel aligns control data to size_t; the union gives the buffer that alignment.
union control {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * CLINUX_RIGHTS_MAX)];
};

ssize_t clinux_send_rights(int socket, const void *bytes, size_t size, const int *fds,
                           size_t count) {
  if (count > CLINUX_RIGHTS_MAX) {
    errno = E2BIG;
    return -1;
  }
  union control control;
  memset(&control, 0, sizeof control);
  struct iovec vector = {.iov_base = (void *)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t clinux_receive_rights(int socket, void *bytes, size_t size, int *fds, size_t *count,
                              int *truncated) {
  size_t room = *count < CLINUX_RIGHTS_MAX ? *count : CLINUX_RIGHTS_MAX;
  union control control;
  struct iovec vector = {.iov_base = bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  message.msg_control = room > 0 ? control.bytes : NULL;
  message.msg_controllen = room > 0 ? CMSG_SPACE(sizeof(int) * room) : 0;
  *count = 0;
  *truncated = 0;
  ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return -1;
  *truncated = (message.msg_flags & MSG_CTRUNC) != 0;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h != NULL; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
    size_t received = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < received; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof fd);
      // CMSG_SPACE rounds up: an odd room leaves space for one more than was asked for.
      if (*count < room) {
        fds[(*count)++] = fd;
      } else {
        close(fd);
        *truncated = 1;
      }
    }
  }
  return got;
}

void clinux_map_blocks_from(int bytes) { mallopt(M_MMAP_THRESHOLD, bytes); }

void clinux_trim_heap(void) { malloc_trim(0); }

/// Whether the loader wrote into segments that are mapped to be read only: that would be lost.
static bool has_text_relocations(const struct dl_phdr_info *info) {
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(info->dlpi_addr + segment->p_vaddr);
    for (; entry->d_tag != DT_NULL; entry++) {
      if (entry->d_tag == DT_TEXTREL) return true;
      if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
  }
  return false;
}

static int unmap_segments(struct dl_phdr_info *info, size_t size, void *given) {
  (void)size;
  if (has_text_relocations(info)) return 0;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
    // What the file holds, in whole pages: the last one may be followed by what is written to.
    uintptr_t from = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t to = (info->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
    if (to > from && madvise((void *)from, to - from, MADV_DONTNEED) == 0)
      *(size_t *)given += to - from;
  }
  return 0;
}

size_t clinux_unmap_code(void) {
  size_t given = 0;
  dl_iterate_phdr(unmap_segments, &given);
  return given;
}

ssize_t clinux_random(void *bytes, size_t size) { return getrandom(bytes, size, 0); }

int clinux_spawn_pipes(posix_spawn_file_actions_t *actions, int input, int output) {
  int code = posix_spawn_file_actions_init(actions);
  if (code) return code;
  code = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
  if (!code) code = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
  // Close-on-exec is the rule here, but a library may have forgotten it.
  if (!code) code = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
  if (code) posix_spawn_file_actions_destroy(actions);
  return code;
}

char **clinux_environment(void) { return environ; }

int clinux_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

void clinux_name_thread(const char *name) {
  char kept[16];
  strncpy(kept, name, sizeof kept - 1);
  kept[sizeof kept - 1] = 0;
  pthread_setname_np(pthread_self(), kept);
}

int clinux_clock_discipline(int64_t *errorMaxUs) {
  struct timex state = {0};
  int result = adjtimex(&state);
  *errorMaxUs = state.maxerror;
  return result >= 0 && result != TIME_ERROR && !(state.status & STA_UNSYNC);
}
