/* Frames (PROTOCOL.md 1): both directions work in place, in the board's own two buffers. */
#include "internal.h"

enum { CHECK_BYTES = 5, SEGMENT_MIN = 7 };

LOCAL LARGE void bv_count(struct bivouac_board *board, enum bivouac_counter counter) {
  board->counts[counter]++;
}

static bool is_type(uint8_t byte) {
  return byte >= 0x01 && byte <= 0x1F && byte != 0x1B && (byte <= 0x06 || byte >= 0x0E);
}

/* Writes the check of `count` encoded bytes; what is behind it. */
static LARGE uint8_t *put_check(uint8_t *check, const uint8_t *encoded, bivouac_size count) {
  uint32_t crc = bv_crc32c(encoded, count);
  for (uint8_t part = 0; part < CHECK_BYTES; part++) {
    *check++ = (uint8_t)(0x80 | crc);
    crc >>= 7;
  }
  return check;
}

/* Decodes COBS in place: the body starts one byte after the segment. */
static bool decode(uint8_t *at, bivouac_size left) {
  while (left > 0) {
    uint8_t code = *at;
    /* FF would be a block without its zero, which no body of 250 bytes can hold. */
    if (code == 0xFF || code > left) return false;
    *at = 0;
    at += code;
    left = (bivouac_size)(left - code);
  }
  return true;
}

/* What the segment that a zero just closed was. */
static enum bivouac_counter closed(struct bivouac_board *board, bivouac_size count) {
  /* The sample read last is of no use between two frames. */
  uint8_t *wanted = board->sample.delta;
  if (count < SEGMENT_MIN) return BIVOUAC_CORRUPT;
  bivouac_size encoded = (bivouac_size)(count - CHECK_BYTES);
  (void)put_check(wanted, board->rx, encoded);
  /* That the body begins with a type is known: a candidate's first code is 2 at least. */
  if (!bv_same(board->rx + encoded, wanted, CHECK_BYTES) || !decode(board->rx, encoded)) {
    return BIVOUAC_CORRUPT;
  }
  return bv_handle(board, board->rx + 1, (bivouac_size)(encoded - 1));
}

LOCAL void bv_receive_byte(struct bivouac_board *board, uint8_t byte) {
  bivouac_size open = board->rx_open;
  if (byte == 0) {
    /* One byte alone is no candidate: its second would have been a type. */
    if (open > 2) bv_count(board, closed(board, (bivouac_size)(open - 1)));
    board->rx_open = 1;
    return;
  }
  if (open == 0) return;
  bool is_overrun = open == BODY_MAX_TO_BOARD(board) + 7;
  if (is_overrun) bv_count(board, BIVOUAC_CORRUPT);
  if (is_overrun || (open == 1 && (byte < 0x02 || byte > 0xFB)) || (open == 2 && !is_type(byte))) {
    board->rx_open = 0;
    return;
  }
  board->rx[open - 1] = byte;
  board->rx_open = (bivouac_size)(open + 1);
}

/* Closes the frame of a type whose body stands in `tx` from its fourth byte up to `end`. */
LOCAL void bv_close_frame(struct bivouac_board *board, enum message_type type, uint8_t *end) {
  uint8_t *at = end;
  uint8_t distance = 0;
  board->tx[0] = 0;
  board->tx[1] = 0;
  board->tx[2] = type;
  /* Backwards, as each zero becomes the distance to the next one. */
  do {
    distance++;
    if (*--at != 0) continue;
    *at = distance;
    distance = 0;
  } while (at != board->tx + 1);
  at = put_check(end, board->tx + 1, (bivouac_size)(end - board->tx - 1));
  *at++ = 0;
  board->tx_taken = 0;
  board->tx_count = (bivouac_size)(at - board->tx);
}

LOCAL bool bv_is_sending(const struct bivouac_board *board) {
  return board->tx_taken != board->tx_count;
}

bool bivouac_take(struct bivouac_board *board, uint8_t *byte) {
  board = KNOWN(board);
  bivouac_size taken = board->tx_taken;
  if (taken == board->tx_count) return false;
  *byte = board->tx[taken];
  board->tx_taken = (bivouac_size)(taken + 1);
  return true;
}
