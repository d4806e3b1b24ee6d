#include "CCurl.h"

#include <dlfcn.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

// The name that libcurl's ABI has had since 2006.
static const char library_name[] = "libcurl.so.4";
// Where Debian keeps the certificates of authorities, each under the hash of its name.
static const char system_authorities[] = "/etc/ssl/certs";

#define CCURL_FUNCTIONS(X)                                                                     \
  X(global_init) X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_cleanup) X(easy_strerror)  \
  X(easy_perform)                                                                              \
  X(slist_append) X(slist_free_all) X(multi_init) X(multi_setopt) X(multi_cleanup)             \
  X(multi_add_handle) X(multi_remove_handle) X(multi_socket_action) X(multi_info_read)

// Each has the type of its declaration in curl.h: a call that does not fit it does not compile.
static struct {
#define CCURL_DECLARE(name) __typeof__(&curl_##name) name;
  CCURL_FUNCTIONS(CCURL_DECLARE)
#undef CCURL_DECLARE
} curl;

static int is_ready;

const char *ccurl_load(void) {
  if (is_ready) return NULL;
  void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define CCURL_FIND(name)                                           \
  curl.name = (__typeof__(curl.name))dlsym(library, "curl_" #name); \
  if (!curl.name) return dlerror();
  CCURL_FUNCTIONS(CCURL_FIND)
#undef CCURL_FIND
  CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) return curl.easy_strerror(code);
  is_ready = 1;
  return NULL;
}

CURL *ccurl_begin(const struct ccurl_request *request, curl_write_callback head,
                  curl_write_callback body) {
  CURL *easy = curl.easy_init();
  if (!easy) return NULL;
  CURLcode code = CURLE_OK;
#define CCURL_SET(option, value) \
  if (code == CURLE_OK) code = curl.easy_setopt(easy, option, value)
  // A resolver that hangs would otherwise block the thread: signals off, exit without joining.
  CCURL_SET(CURLOPT_NOSIGNAL, 1L);
  CCURL_SET(CURLOPT_QUICK_EXIT, 1L);
  CCURL_SET(CURLOPT_PROTOCOLS_STR, "http,https");
  CCURL_SET(CURLOPT_URL, request->url);
  CCURL_SET(CURLOPT_CUSTOMREQUEST, request->method);
  if (strcasecmp(request->method, "HEAD") == 0) CCURL_SET(CURLOPT_NOBODY, 1L);
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
  if (request->pinned_key) {
    CCURL_SET(CURLOPT_PINNEDPUBLICKEY, request->pinned_key);
    CCURL_SET(CURLOPT_SSL_VERIFYPEER, 0L);
    CCURL_SET(CURLOPT_SSL_VERIFYHOST, 0L);
  } else if (request->authorities) {
    CCURL_SET(CURLOPT_CAINFO, request->authorities);
    CCURL_SET(CURLOPT_CAPATH, NULL);
  } else if (access(system_authorities, R_OK) == 0) {
    // The folder, of which one file is read, and not the bundle of all, which takes long to parse.
    CCURL_SET(CURLOPT_CAINFO, NULL);
    CCURL_SET(CURLOPT_CAPATH, system_authorities);
  }
  CCURL_SET(CURLOPT_HEADERFUNCTION, head);
  CCURL_SET(CURLOPT_WRITEFUNCTION, body);
  if (code == CURLE_OK) return easy;
  curl.easy_cleanup(easy);
  return NULL;
}

// What is left of a mail to be sent.
struct ccurl_rest {
  const char *bytes;
  size_t count;
};

static size_t ccurl_give(char *room, size_t size, size_t count, void *closure) {
  struct ccurl_rest *rest = closure;
  size_t given = size * count < rest->count ? size * count : rest->count;
  memcpy(room, rest->bytes, given);
  rest->bytes += given;
  rest->count -= given;
  return given;
}

// What the other side says beside its status is of no use to anybody.
static size_t ccurl_drop(char *bytes, size_t size, size_t count, void *closure) {
  (void)bytes, (void)closure;
  return size * count;
}

CURLcode ccurl_tell(const struct ccurl_letter *letter, long *status) {
  *status = 0;
  CURL *easy = curl.easy_init();
  if (!easy) return CURLE_OUT_OF_MEMORY;
  struct ccurl_rest rest = {letter->body, letter->body_bytes};
  struct curl_slist *to = NULL;
  CURLcode code = CURLE_OK;
  CCURL_SET(CURLOPT_NOSIGNAL, 1L);
  CCURL_SET(CURLOPT_URL, letter->url);
  CCURL_SET(CURLOPT_FOLLOWLOCATION, 0L);
  CCURL_SET(CURLOPT_WRITEFUNCTION, ccurl_drop);
  CCURL_SET(CURLOPT_TIMEOUT_MS, letter->timeout_ms);
  CCURL_SET(CURLOPT_USERAGENT, "bivouac");
  if (letter->ca_file) CCURL_SET(CURLOPT_CAINFO, letter->ca_file);
  if (letter->mail_from) {
    to = curl.slist_append(NULL, letter->mail_to);
    CCURL_SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    CCURL_SET(CURLOPT_USE_SSL, (long)(letter->tls_required ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    CCURL_SET(CURLOPT_MAIL_FROM, letter->mail_from);
    CCURL_SET(CURLOPT_MAIL_RCPT, to);
    if (letter->user) CCURL_SET(CURLOPT_USERNAME, letter->user);
    if (letter->password) CCURL_SET(CURLOPT_PASSWORD, letter->password);
    CCURL_SET(CURLOPT_READFUNCTION, ccurl_give);
    CCURL_SET(CURLOPT_READDATA, (void *)&rest);
    CCURL_SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)letter->body_bytes);
    CCURL_SET(CURLOPT_UPLOAD, 1L);
  } else {
    CCURL_SET(CURLOPT_PROTOCOLS_STR, "http,https");
    CCURL_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)letter->body_bytes);
    CCURL_SET(CURLOPT_POSTFIELDS, letter->body);
    CCURL_SET(CURLOPT_HTTPHEADER, letter->headers);
  }
  if (code == CURLE_OK) code = curl.easy_perform(easy);
  curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
  curl.easy_cleanup(easy);
  curl.slist_free_all(to);
  return code;
}
#undef CCURL_SET

void ccurl_set_closure(CURL *easy, void *closure) {
  curl.easy_setopt(easy, CURLOPT_HEADERDATA, closure);
  curl.easy_setopt(easy, CURLOPT_WRITEDATA, closure);
}

void ccurl_end(CURL *easy) { curl.easy_cleanup(easy); }

struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *line) {
  return curl.slist_append(list, line);
}

void ccurl_list_free(struct curl_slist *list) { curl.slist_free_all(list); }

CURLM *ccurl_multi_begin(long transfers_max, curl_socket_callback socket,
                         curl_multi_timer_callback timer, void *closure) {
  CURLM *multi = curl.multi_init();
  if (!multi) return NULL;
  curl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl.multi_setopt(multi, CURLMOPT_SOCKETDATA, closure);
  curl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl.multi_setopt(multi, CURLMOPT_TIMERDATA, closure);
  curl.multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, transfers_max);
  return multi;
}

void ccurl_multi_end(CURLM *multi) {
  curl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, NULL);
  curl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, NULL);
  curl.multi_cleanup(multi);
}

void ccurl_multi_add(CURLM *multi, CURL *easy) { curl.multi_add_handle(multi, easy); }

void ccurl_multi_remove(CURLM *multi, CURL *easy) { curl.multi_remove_handle(multi, easy); }

void ccurl_multi_act(CURLM *multi, curl_socket_t socket, int readiness) {
  int running = 0;
  curl.multi_socket_action(multi, socket, readiness, &running);
}

CURL *ccurl_next_finished(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl.multi_info_read(multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

int ccurl_os_error(CURL *easy) {
  long number = 0;
  curl.easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  return (int)number;
}

const char *ccurl_words(CURLcode code) { return curl.easy_strerror(code); }
