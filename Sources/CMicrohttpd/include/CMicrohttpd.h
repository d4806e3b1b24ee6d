#pragma once
// libmicrohttpd's variadic calls, which Swift cannot make, with the arguments this project uses.
#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/// What `cmhd_start` is told; see the MHD_OPTION of the same meaning.
struct cmhd_settings {
  int listen_socket;
  size_t connection_pool_bytes;
  unsigned int connections_max;
  unsigned int idle_timeout_s;
  /// The key and the certificates of a server that speaks TLS, in PEM; both NULL for plain HTTP.
  const char *tls_key;
  const char *tls_certificates;
  /// Of such a server: which versions and ciphers are agreed on, in GnuTLS's words.
  const char *tls_priorities;
};

/// Leaves a URI as it came: the path is split before it is decoded, so that an escaped slash
/// stays inside its segment.
size_t cmhd_keep_escapes(void *closure, struct MHD_Connection *connection, char *text);

/// Starts a daemon without threads, driven by its epoll descriptor; NULL when it cannot.
///
/// One that speaks TLS hands over no connection: what comes and goes there is not the socket's
/// bytes.
static inline struct MHD_Daemon *cmhd_start(const struct cmhd_settings *settings,
                                            MHD_AccessHandlerCallback access,
                                            MHD_RequestCompletedCallback completed,
                                            MHD_NotifyConnectionCallback connected,
                                            void *closure) {
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)settings->tls_key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)settings->tls_certificates},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)settings->tls_priorities},
      {MHD_OPTION_END, 0, NULL},
  };
  unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
  flags |= settings->tls_key ? MHD_USE_TLS : MHD_ALLOW_UPGRADE;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, access, closure, MHD_OPTION_LISTEN_SOCKET,
      (MHD_socket)settings->listen_socket, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      settings->connection_pool_bytes, MHD_OPTION_CONNECTION_LIMIT, settings->connections_max,
      MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout_s, MHD_OPTION_NOTIFY_COMPLETED,
      completed, closure, MHD_OPTION_NOTIFY_CONNECTION, connected, closure,
      MHD_OPTION_UNESCAPE_CALLBACK, cmhd_keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY,
      settings->tls_key ? tls : tls + sizeof tls / sizeof *tls - 1, MHD_OPTION_END);
}

/// The descriptor that is readable when MHD_run has something to do.
static inline int cmhd_epoll_fd(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info ? info->epoll_fd : -1;
}

/// Connections open now, suspended ones included.
static inline unsigned int cmhd_connections(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info =
      MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return info ? info->num_connections : 0;
}

/// Milliseconds within which MHD_run must be called even when nothing is readable; -1 for never.
static inline int64_t cmhd_timeout_ms(struct MHD_Daemon *daemon) {
  MHD_UNSIGNED_LONG_LONG timeout = 0;
  if (MHD_get_timeout(daemon, &timeout) != MHD_YES) return -1;
  return timeout > INT32_MAX ? INT32_MAX : (int64_t)timeout;
}

/// The socket of a connection, which stays libmicrohttpd's; -1 when it has none.
static inline int cmhd_connection_fd(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/// Ends a connection in both directions; libmicrohttpd then sees it closed.
void cmhd_shut_down(int fd);

/// Sets after how many seconds without progress this connection is closed; 0 for never.
static inline void cmhd_set_idle_timeout(struct MHD_Connection *connection, unsigned int seconds) {
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/// Tells libmicrohttpd that an upgraded socket is no longer used.
static inline void cmhd_upgrade_close(struct MHD_UpgradeResponseHandle *handle) {
  MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

/// The numeric address at the other end of an internet socket, terminated; false for others.
int cmhd_peer_address(int fd, char *text, size_t size);

/// Gives an internet connection up when sent bytes stay unacknowledged this long.
void cmhd_set_silence_limit(int fd, unsigned int milliseconds);

/// Has the kernel keep connections on which nothing has come yet, for about that long.
void cmhd_defer_accept(int listener, int seconds);

/// Answers a new connection that speaks plain HTTP, and ends it; false, with nothing done, for one
/// that does not, or has said nothing yet. Never waits.
int cmhd_answer_plain(int fd, const void *answer, size_t count);
