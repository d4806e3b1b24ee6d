#pragma once
// libcurl's variadic calls, which Swift cannot make, with the arguments this project uses.
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

/// One request; every pointer need only live through `ccurl_begin`, except the headers, which
/// live as long as the transfer.
struct ccurl_request {
  const char *_Nonnull method;
  const char *_Nonnull url;
  /// The unix socket to connect to in place of the URL's host; NULL for none.
  const char *_Nullable unix_socket;
  const void *_Nullable body;
  size_t body_bytes;
  struct curl_slist *_Nullable headers;
  long connect_timeout_ms;
  /// The whole transfer; 0 for no limit.
  long timeout_ms;
};

/// Makes a transfer, copying the body; NULL when it cannot.
static inline CURL *_Nullable ccurl_begin(const struct ccurl_request *_Nonnull request,
                                          curl_write_callback _Nonnull head,
                                          curl_write_callback _Nonnull body) {
  CURL *easy = curl_easy_init();
  if (!easy) return NULL;
  CURLcode code = CURLE_OK;
#define CCURL_SET(option, value) \
  if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value)
  // A resolver that hangs would otherwise block the thread: signals off, exit without joining.
  CCURL_SET(CURLOPT_NOSIGNAL, 1L);
  CCURL_SET(CURLOPT_QUICK_EXIT, 1L);
  CCURL_SET(CURLOPT_PROTOCOLS_STR, "http,https");
  CCURL_SET(CURLOPT_URL, request->url);
  CCURL_SET(CURLOPT_CUSTOMREQUEST, request->method);
  if (curl_strequal(request->method, "HEAD")) CCURL_SET(CURLOPT_NOBODY, 1L);
  if (request->unix_socket) {
    CCURL_SET(CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    CCURL_SET(CURLOPT_PROXY, "");
  }
  if (request->body) {
    CCURL_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
    CCURL_SET(CURLOPT_COPYPOSTFIELDS, request->body);
  }
  CCURL_SET(CURLOPT_HTTPHEADER, request->headers);
  CCURL_SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
  CCURL_SET(CURLOPT_TIMEOUT_MS, request->timeout_ms);
  CCURL_SET(CURLOPT_HEADERFUNCTION, head);
  CCURL_SET(CURLOPT_WRITEFUNCTION, body);
#undef CCURL_SET
  if (code == CURLE_OK) return easy;
  curl_easy_cleanup(easy);
  return NULL;
}

/// Says what the callbacks of a transfer are called with.
static inline void ccurl_set_closure(CURL *_Nonnull easy, void *_Nonnull closure) {
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, closure);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, closure);
}

/// Makes a set of transfers driven from outside; NULL when it cannot.
static inline CURLM *_Nullable ccurl_multi_begin(long transfers_max,
                                                 curl_socket_callback _Nonnull socket,
                                                 curl_multi_timer_callback _Nonnull timer,
                                                 void *_Nonnull closure) {
  CURLM *multi = curl_multi_init();
  if (!multi) return NULL;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, closure);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, closure);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, transfers_max);
  return multi;
}

/// Closes kept connections and frees the set without calling back; its transfers are gone before.
static inline void ccurl_multi_end(CURLM *_Nonnull multi) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, NULL);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, NULL);
  curl_multi_cleanup(multi);
}

/// The next finished transfer and its result; NULL when there is none.
static inline CURL *_Nullable ccurl_next_finished(CURLM *_Nonnull multi, CURLcode *_Nonnull result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

/// The errno of a connect that failed; 0 where there is none.
static inline int ccurl_os_error(CURL *_Nonnull easy) {
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  return (int)number;
}
