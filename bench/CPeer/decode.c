/* What a careful C program does with the same bytes: one pass, a table, a buffer on the stack. */
#include "CPeer.h"

#include <stdbool.h>
#include <string.h>

enum { BODY_MAX = 250, SEGMENT_MAX = BODY_MAX + 1 + 5, SEGMENT_MIN = 7 };

static uint32_t table[256];

static void make_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0);
    table[byte] = crc;
  }
}

static uint32_t crc32c(const uint8_t *bytes, size_t count) {
  uint32_t crc = 0xFFFFFFFFU;
  while (count-- > 0) crc = crc >> 8 ^ table[(crc ^ *bytes++) & 0xFF];
  return ~crc;
}

static bool closed(uint8_t *segment, size_t count) {
  if (count < SEGMENT_MIN) return false;
  size_t encoded = count - 5;
  uint64_t check = 0;
  for (int part = 0; part < 5; part++) {
    if (segment[encoded + (size_t)part] < 0x80) return false;
    check |= (uint64_t)(segment[encoded + (size_t)part] & 0x7F) << 7 * part;
  }
  if (check != crc32c(segment, encoded)) return false;
  uint8_t *at = segment;
  for (size_t left = encoded; left > 0;) {
    uint8_t code = *at;
    if (code > left) return false;
    *at = 0;
    at += code;
    left -= code;
  }
  return true;
}

size_t peer_decode(const uint8_t *bytes, size_t count) {
  uint8_t segment[SEGMENT_MAX];
  size_t held = 0, good = 0;
  bool is_overrun = false;
  if (table[1] == 0) make_table();
  for (size_t at = 0; at < count; at++) {
    if (bytes[at] == 0) {
      if (!is_overrun && closed(segment, held)) {
        /* The body is used, as the caller of a real decoder would. */
        good += segment[1] != 0;
      }
      held = 0;
      is_overrun = false;
    } else if (held == SEGMENT_MAX) {
      is_overrun = true;
    } else {
      segment[held++] = bytes[at];
    }
  }
  return good;
}
