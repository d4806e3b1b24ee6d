#pragma once
// GnuTLS, as this project uses it: the certificate that a server shows. Handshakes and records are
// libmicrohttpd's affair, which has GnuTLS in every process anyway.
#include <stddef.h>
#include <stdint.h>

/// The length of a SHA-256.
enum { ctls_pin_bytes = 32 };

/// Makes an ECDSA key on P-256 (PKCS #8, PEM); 0, or GnuTLS's code. `*pem` is the caller's to end
/// with `ctls_free`.
int ctls_make_key(char *_Nullable *_Nonnull pem);

/// Makes a certificate for a key, signed by itself, whose end nobody has to remember: for the name
/// and localhost, from `from_s` (seconds since 1970) on; 0, or GnuTLS's code.
int ctls_make_certificate(const char *_Nonnull key_pem, const char *_Nonnull name, int64_t from_s,
                          const uint8_t *_Nonnull serial, size_t serial_bytes,
                          char *_Nullable *_Nonnull pem);

/// SHA-256 of the SubjectPublicKeyInfo of the first certificate of a PEM text, which is what a pin
/// is; 0, or GnuTLS's code.
int ctls_pin_of_certificate(const char *_Nonnull pem, uint8_t *_Nonnull pin);

/// The same of a private key: where both are equal, the two belong together.
int ctls_pin_of_key(const char *_Nonnull pem, uint8_t *_Nonnull pin);

/// What a code means, in GnuTLS's words.
const char *_Nonnull ctls_words(int code);

/// Overwrites a text that is a secret, and frees it.
void ctls_free(char *_Nullable text);
