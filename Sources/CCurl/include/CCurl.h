#pragma once
// libcurl, as this project uses it: loaded when a client first needs it, and its variadic calls,
// which Swift cannot make, with the arguments they get here.
//
// libcurl and the nineteen libraries that only it needs take 3 MB of memory when they are merely
// linked. The daemon speaks to nobody unless it is told to, so they are loaded by the first use.
// Types and prototypes are those of the header that is compiled against (docs/adr/0006).
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
  /// The one public key that a server may show, `sha256//...`, whoever signed its certificate and
  /// whatever name is in it; NULL where authorities decide.
  const char *_Nullable pinned_key;
  /// The file of the authorities that decide; NULL for the system's.
  const char *_Nullable authorities;
};

/// Loads and initialises libcurl; NULL when it is ready, else why it is not, in the loader's words.
///
/// Not for two threads at once. Nothing else here may be called before it was ready.
const char *_Nullable ccurl_load(void);

/// Makes a transfer, copying the body; NULL when it cannot.
CURL *_Nullable ccurl_begin(const struct ccurl_request *_Nonnull request,
                            curl_write_callback _Nonnull head, curl_write_callback _Nonnull body);

/// One thing to be told to somebody; everything need only live through `ccurl_tell`.
struct ccurl_letter {
  const char *_Nonnull url;
  const void *_Nonnull body;
  size_t body_bytes;
  /// Of a POST; NULL for none.
  struct curl_slist *_Nullable headers;
  /// Sender and recipient of a mail; NULL for a POST.
  const char *_Nullable mail_from;
  const char *_Nullable mail_to;
  const char *_Nullable user;
  const char *_Nullable password;
  /// Whom to trust instead of the system's authorities; NULL for those.
  const char *_Nullable ca_file;
  /// Whether a mail server has to speak TLS (STARTTLS where the URL says smtp).
  int tls_required;
  long timeout_ms;
};

/// Tells it and waits: blocks for as long as that takes. `status` becomes the last answer's, 0 when
/// none came.
CURLcode ccurl_tell(const struct ccurl_letter *_Nonnull letter, long *_Nonnull status);

/// Says what the callbacks of a transfer are called with.
void ccurl_set_closure(CURL *_Nonnull easy, void *_Nonnull closure);

/// Frees a transfer that is in no set.
void ccurl_end(CURL *_Nonnull easy);

/// Appends a copy of a line to a list; NULL, with the list as it was, when memory is missing.
struct curl_slist *_Nullable ccurl_list_append(struct curl_slist *_Nullable list,
                                               const char *_Nonnull line);

/// Frees a list.
void ccurl_list_free(struct curl_slist *_Nullable list);

/// Makes a set of transfers driven from outside; NULL when it cannot.
CURLM *_Nullable ccurl_multi_begin(long transfers_max, curl_socket_callback _Nonnull socket,
                                   curl_multi_timer_callback _Nonnull timer,
                                   void *_Nonnull closure);

/// Closes kept connections and frees the set without calling back; its transfers are gone before.
void ccurl_multi_end(CURLM *_Nonnull multi);

/// Puts a transfer into a set, which starts it.
void ccurl_multi_add(CURLM *_Nonnull multi, CURL *_Nonnull easy);

/// Takes a transfer out of a set, finished or not.
void ccurl_multi_remove(CURLM *_Nonnull multi, CURL *_Nonnull easy);

/// Lets the set act on a socket that is ready, or, with CURL_SOCKET_TIMEOUT, on the time.
void ccurl_multi_act(CURLM *_Nonnull multi, curl_socket_t socket, int readiness);

/// The next finished transfer and its result; NULL when there is none.
CURL *_Nullable ccurl_next_finished(CURLM *_Nonnull multi, CURLcode *_Nonnull result);

/// The errno of a connect that failed; 0 where there is none.
int ccurl_os_error(CURL *_Nonnull easy);

/// libcurl's words for a result.
const char *_Nonnull ccurl_words(CURLcode code);
