#include "CGnutls.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

static gnutls_datum_t ctls_text(const char *pem) {
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem)};
}

// Terminated, and of our allocator's: what GnuTLS gives is freed by it.
static int ctls_take(gnutls_datum_t *from, int code, char **out) {
  *out = NULL;
  if (code >= 0) {
    *out = gnutls_malloc(from->size + 1);
    if (*out) {
      memcpy(*out, from->data, from->size);
      (*out)[from->size] = 0;
    }
    code = *out ? 0 : GNUTLS_E_MEMORY_ERROR;
    gnutls_memset(from->data, 0, from->size);
    gnutls_free(from->data);
  }
  return code;
}

void ctls_free(char *text) {
  if (!text) return;
  gnutls_memset(text, 0, strlen(text));
  gnutls_free(text);
}

const char *ctls_words(int code) { return gnutls_strerror(code); }

int ctls_make_key(char **pem) {
  gnutls_x509_privkey_t key;
  gnutls_datum_t out = {NULL, 0};
  *pem = NULL;
  int code = gnutls_x509_privkey_init(&key);
  if (code < 0) return code;
  // P-256: browsers speak it, and a signature takes a Raspberry Pi a millisecond.
  code = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
  if (code >= 0) {
    code = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                             &out);
  }
  gnutls_x509_privkey_deinit(key);
  return ctls_take(&out, code, pem);
}

static int ctls_read_key(const char *pem, gnutls_x509_privkey_t *key) {
  gnutls_datum_t text = ctls_text(pem);
  int code = gnutls_x509_privkey_init(key);
  if (code < 0) return code;
  code = gnutls_x509_privkey_import2(*key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
  if (code < 0) gnutls_x509_privkey_deinit(*key);
  return code;
}

static int ctls_fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *name,
                     int64_t from_s, const uint8_t *serial, size_t serial_bytes) {
  int code = GNUTLS_E_SUCCESS;
#define CTLS_DO(call) \
  if (code >= 0) code = call
  CTLS_DO(gnutls_x509_crt_set_version(crt, 3));
  CTLS_DO(gnutls_x509_crt_set_serial(crt, serial, serial_bytes));
  CTLS_DO(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                        (unsigned)strlen(name)));
  CTLS_DO(gnutls_x509_crt_set_activation_time(crt, (time_t)from_s));
  // "No well-defined expiration" (RFC 5280, 4.1.2.5): the pin is what ends with the key.
  CTLS_DO(gnutls_x509_crt_set_expiration_time(crt, (time_t)-1));
  CTLS_DO(gnutls_x509_crt_set_key(crt, key));
  CTLS_DO(gnutls_x509_crt_set_basic_constraints(crt, 0, -1));
  CTLS_DO(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
  CTLS_DO(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
  CTLS_DO(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
                                               (unsigned)strlen(name), GNUTLS_FSAN_SET));
  CTLS_DO(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost", 9,
                                               GNUTLS_FSAN_APPEND));
  CTLS_DO(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0));
#undef CTLS_DO
  return code;
}

int ctls_make_certificate(const char *key_pem, const char *name, int64_t from_s,
                          const uint8_t *serial, size_t serial_bytes, char **pem) {
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t crt;
  gnutls_datum_t out = {NULL, 0};
  *pem = NULL;
  int code = ctls_read_key(key_pem, &key);
  if (code < 0) return code;
  code = gnutls_x509_crt_init(&crt);
  if (code >= 0) {
    code = ctls_fill(crt, key, name, from_s, serial, serial_bytes);
    if (code >= 0) code = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &out);
    gnutls_x509_crt_deinit(crt);
  }
  gnutls_x509_privkey_deinit(key);
  return ctls_take(&out, code, pem);
}

// The hash of a public key in the form in which certificates carry it.
static int ctls_hash(gnutls_pubkey_t key, int code, uint8_t *pin) {
  gnutls_datum_t der = {NULL, 0};
  if (code >= 0) code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
  if (code >= 0) code = gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, pin);
  gnutls_free(der.data);
  gnutls_pubkey_deinit(key);
  return code < 0 ? code : 0;
}

int ctls_pin_of_certificate(const char *pem, uint8_t *pin) {
  gnutls_datum_t text = ctls_text(pem);
  gnutls_x509_crt_t crt;
  gnutls_pubkey_t key;
  int code = gnutls_x509_crt_init(&crt);
  if (code < 0) return code;
  code = gnutls_x509_crt_import(crt, &text, GNUTLS_X509_FMT_PEM);
  if (code >= 0) code = gnutls_pubkey_init(&key);
  if (code >= 0) code = ctls_hash(key, gnutls_pubkey_import_x509(key, crt, 0), pin);
  gnutls_x509_crt_deinit(crt);
  return code < 0 ? code : 0;
}

int ctls_pin_of_key(const char *pem, uint8_t *pin) {
  gnutls_x509_privkey_t key;
  gnutls_privkey_t abstract;
  gnutls_pubkey_t public;
  int code = ctls_read_key(pem, &key);
  if (code < 0) return code;
  code = gnutls_privkey_init(&abstract);
  if (code >= 0) {
    code = gnutls_privkey_import_x509(abstract, key, 0);
    if (code >= 0) code = gnutls_pubkey_init(&public);
    if (code >= 0) {
      code = ctls_hash(public, gnutls_pubkey_import_privkey(public, abstract, 0, 0), pin);
    }
    gnutls_privkey_deinit(abstract);
  }
  gnutls_x509_privkey_deinit(key);
  return code < 0 ? code : 0;
}
