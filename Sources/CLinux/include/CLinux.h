// What Linux offers and the toolchain's Glibc module does not import: GNU extensions, macros and
// variadic calls. Each function keeps the C convention: -1 and errno on failure.
#pragma once
#include <stddef.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/// The symbolic name of an errno ("EACCES"), or NULL.
const char *_Nullable clinux_errno_name(int code);
/// The English sentence of an errno, whatever the locale, or NULL.
const char *_Nullable clinux_errno_text(int code);

/// One event of epoll, without the packing and the union that struct epoll_event has.
struct clinux_event {
  uint32_t flags;
  uint64_t data;
};
/// The most events of one wait.
enum { CLINUX_EVENTS_MAX = 128 };
/// epoll_ctl(2).
int clinux_epoll_control(int epoll, int operation, int fd, uint32_t flags, uint64_t data);
/// epoll_wait(2); `mayBlock` 0 only takes what is there.
int clinux_epoll_wait(int epoll, struct clinux_event *_Nonnull out, int room, int mayBlock);

/// accept4(2) without an address: non-blocking and close-on-exec.
int clinux_accept(int listener);
/// pipe2(2), close-on-exec; `blocking` 0 makes both ends non-blocking.
int clinux_pipe(int ends[_Nonnull 2], int blocking);
/// open(2) with a mode.
int clinux_open(const char *_Nonnull path, int flags, unsigned int mode);
/// fcntl(2) F_GETFL and F_SETFL for O_NONBLOCK.
int clinux_set_nonblocking(int fd, int nonblocking);
/// fcntl(2) F_DUPFD_CLOEXEC.
int clinux_dup(int fd);

/// A new pseudo-terminal: returns the master (non-blocking, close-on-exec), unlocked.
int clinux_pty_master(void);
/// ptsname_r(3).
int clinux_pty_name(int master, char *_Nonnull name, size_t size);
/// cfmakeraw, CLOCAL|CREAD, no HUPCL, applied at once.
int clinux_tty_raw(int fd);

/// A unix stream socket, non-blocking and close-on-exec.
int clinux_unix_socket(void);
/// bind(2) or connect(2) to a path; a path longer than sun_path is ENAMETOOLONG.
int clinux_unix_bind(int fd, const char *_Nonnull path);
int clinux_unix_connect(int fd, const char *_Nonnull path);
/// The credentials of the other end of a unix socket (SO_PEERCRED).
int clinux_unix_peer(int fd, int32_t *_Nonnull pid, uint32_t *_Nonnull uid, uint32_t *_Nonnull gid);

/// Raises how many descriptors this process may have, as far as it may; the limit afterwards.
int clinux_raise_file_limit(int wanted);

/// Listens on a numeric internet address of either family; port 0 lets the kernel choose.
int clinux_listen_internet(const char *_Nonnull host, uint16_t port, int backlog);
/// The port that an internet socket is bound to.
int clinux_local_port(int fd);

/// The most descriptors one message carries here.
enum { CLINUX_RIGHTS_MAX = 16 };
/// sendmsg(2) with SCM_RIGHTS and MSG_NOSIGNAL.
ssize_t clinux_send_rights(int socket, const void *_Nonnull bytes, size_t size,
                           const int *_Nullable fds, size_t count);
/// recvmsg(2) with SCM_RIGHTS, close-on-exec. `count` holds the room (at most CLINUX_RIGHTS_MAX)
/// and becomes the number received; `truncated` becomes 1 when the kernel dropped descriptors for
/// want of room.
ssize_t clinux_receive_rights(int socket, void *_Nonnull bytes, size_t size, int *_Nonnull fds,
                              size_t *_Nonnull count, int *_Nonnull truncated);

/// mallopt(3): blocks of so many bytes and more are mapped, each alone.
void clinux_map_blocks_from(int bytes);
/// malloc_trim(3), keeping nothing: what the heap does not use goes back to the kernel.
void clinux_trim_heap(void);
/// madvise(2) with MADV_DONTNEED on what is only read or run of this program and its libraries.
/// What is used again is mapped again, from the page cache or the file. How many bytes were given.
size_t clinux_unmap_code(void);

/// getrandom(2) without flags.
ssize_t clinux_random(void *_Nonnull bytes, size_t size);

/// What a child does with its descriptors: `input` and `output` become its standard ones, and all
/// but those and the standard error are closed. An errno, or 0; to be destroyed by the caller.
int clinux_spawn_pipes(posix_spawn_file_actions_t *_Nonnull actions, int input, int output);
/// The environment of this process, for a child.
char *_Nullable *_Nonnull clinux_environment(void);
/// prctl(2) PR_SET_PDEATHSIG with SIGKILL: this process ends with the thread that made it.
int clinux_end_with_parent(void);

/// Names the calling thread (at most 15 bytes are kept).
void clinux_name_thread(const char *_Nonnull name);

/// adjtimex(2): 1 when the wall clock is synchronised, 0 when not; its largest error in µs.
int clinux_clock_discipline(int64_t *_Nonnull errorMaxUs);
