/* Frames (PROTOCOL.md 1): both directions work in place, in the board's own two buffers. */
#include "internal.h"

enum { CHECK_BYTES = 5, SEGMENT_MIN = 7 };

static bool is_type(uint8_t byte) {
  return (byte >= 0x01 && byte <= 0x06) || (byte >= 0x0E && byte <= 0x1A) ||
         (byte >= 0x1C && byte <= 0x1F);
}

/* Whether the last five bytes have the form of a check and are that of those before. */
static bool check_is_right(const uint8_t *segment, bivouac_size encoded) {
  uint32_t crc = bv_crc32c(segment, encoded);
  const uint8_t *check = segment + encoded;
  for (uint8_t part = 0; part < CHECK_BYTES; part++) {
    uint8_t bits = part < CHECK_BYTES - 1 ? 0x7F : 0x0F;
    if (check[part] != (0x80 | ((uint8_t)crc & bits))) return false;
    crc >>= 7;
  }
  return true;
}

/* Decodes COBS in place: the body starts one byte after the segment. */
static bool decode(uint8_t *segment, bivouac_size encoded) {
  bivouac_size at = 0;
  while (at < encoded) {
    uint8_t code = segment[at];
    /* FF would be a block without its zero, which no body of 250 bytes can hold. */
    if (code == 0xFF || code > encoded - at) return false;
    segment[at] = 0;
    at = (bivouac_size)(at + code);
  }
  return true;
}

/* A zero came: true when the segment before it is a frame, its body decoded. */
static bool close_segment(struct bivouac_board *board) {
  bool open = (board->flags & FLAG_RX_OPEN) != 0;
  bivouac_size count = board->rx_count;
  board->flags |= FLAG_RX_OPEN;
  board->rx_count = 0;
  /* One byte alone is no candidate: its second would have been a type. */
  if (!open || count < 2) return false;
  bivouac_size encoded = (bivouac_size)(count - CHECK_BYTES);
  if (count < SEGMENT_MIN || !check_is_right(board->rx, encoded) ||
      !decode(board->rx, encoded) || !is_type(board->rx[1])) {
    board->counts.corrupt++;
    return false;
  }
  board->counts.good++;
  bv_handle(board, board->rx + 1, (bivouac_size)(encoded - 1));
  return true;
}

bool bv_receive_byte(struct bivouac_board *board, uint8_t byte) {
  if (byte == 0) return close_segment(board);
  if ((board->flags & FLAG_RX_OPEN) == 0) return false;
  bivouac_size count = board->rx_count;
  bool overrun = count == BODY_MAX_TO_BOARD(board) + 6;
  bool foreign = (count == 0 && (byte < 0x02 || byte > 0xFB)) || (count == 1 && !is_type(byte));
  if (overrun || foreign) {
    if (overrun) board->counts.corrupt++;
    board->flags &= (uint8_t)~FLAG_RX_OPEN;
    return false;
  }
  board->rx[count] = byte;
  board->rx_count = (bivouac_size)(count + 1);
  return false;
}

/* Closes the frame whose body stands in `tx` from its third byte up to `end`. */
void bv_close_frame(struct bivouac_board *board, const uint8_t *end) {
  uint8_t *tx = board->tx;
  bivouac_size count = (bivouac_size)(end - tx);
  bivouac_size code = 1;
  tx[0] = 0;
  for (bivouac_size at = 2; at < count; at++) {
    if (tx[at] != 0) continue;
    tx[code] = (uint8_t)(at - code);
    code = at;
  }
  tx[code] = (uint8_t)(count - code);
  uint32_t crc = bv_crc32c(tx + 1, (bivouac_size)(count - 1));
  for (uint8_t part = 0; part < CHECK_BYTES; part++) {
    tx[count++] = (uint8_t)(0x80 | (crc & 0x7F));
    crc >>= 7;
  }
  tx[count++] = 0;
  board->tx_taken = 0;
  board->tx_count = count;
}

bool bv_is_sending(const struct bivouac_board *board) {
  return board->tx_taken != board->tx_count;
}

bool bivouac_take(struct bivouac_board *board, uint8_t *byte) {
  bivouac_size taken = board->tx_taken;
  if (taken == board->tx_count) return false;
  *byte = board->tx[taken];
  board->tx_taken = (bivouac_size)(taken + 1);
  return true;
}
