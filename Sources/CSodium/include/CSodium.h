#pragma once
#include <sodium.h>
#include <string.h>

// A BLAKE2b-256 that goes on. libsodium's own state is aligned as Swift imports no struct: it is
// copied in and out, 384 bytes each time.
typedef struct {
  unsigned char bytes[sizeof(crypto_generichash_blake2b_state)];
} content_hasher;

static inline int content_hasher_begin(content_hasher *hasher) {
  crypto_generichash_blake2b_state state;
  int code = crypto_generichash_blake2b_init(&state, NULL, 0, 32);
  memcpy(hasher->bytes, &state, sizeof state);
  return code;
}

static inline int content_hasher_update(content_hasher *hasher, const unsigned char *bytes,
                                        unsigned long long count) {
  crypto_generichash_blake2b_state state;
  memcpy(&state, hasher->bytes, sizeof state);
  int code = crypto_generichash_blake2b_update(&state, bytes, count);
  memcpy(hasher->bytes, &state, sizeof state);
  return code;
}

// The state stays as it is: more may come.
static inline int content_hasher_hash(const content_hasher *hasher, unsigned char *out) {
  crypto_generichash_blake2b_state state;
  memcpy(&state, hasher->bytes, sizeof state);
  return crypto_generichash_blake2b_final(&state, out, 32);
}
