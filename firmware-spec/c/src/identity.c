/*
 * Who the board is (PROTOCOL.md 4.1): a checked record in two slots, written in turn, so that an
 * epoch never restarts under an old id and a power cut while one is written keeps the other.
 * Records are built and compared in the receive buffer, which is idle then.
 */
#include "internal.h"

/* Offsets in a record; id and epoch stand together. */
enum { ID = 4, EPOCH = 12, CHECK = 16 };

/* "BV", version 1 and a zero byte, as a number. */
#define RECORD_HEAD 0x00015642UL

LOCAL LARGE bool bv_identity_is_missing(const struct bivouac_board *board) {
  return bv_is_zero(board->id, sizeof board->id);
}

/* The check of a record with its own check behind it, whatever the record. */
#define CHECK_OF_CHECKED 0x48674BC7UL

/* Where in the receive buffer a slot's record is. */
static uint8_t *record_of(struct bivouac_board *board, uint8_t slot) {
  return board->rx + slot * BIVOUAC_RECORD_BYTES;
}

/* Reads a slot; whether its record is good. */
static bool read_slot(struct bivouac_board *board, uint8_t slot) {
  uint8_t *record = record_of(board, slot);
  if (!PORT(board, load)(board, slot, record) || bv_get32(record) != RECORD_HEAD ||
      bv_crc32c(record, BIVOUAC_RECORD_BYTES) != CHECK_OF_CHECKED) {
    return false;
  }
  /* Epoch 0 is none, and the two last ones have no successors. */
  return !bv_is_zero(record + ID, 8) && bv_get32(record + EPOCH) + 2 > 2;
}

/* Writes the other slot's record into this one, and believes only what it reads back. */
static void write_slot(struct bivouac_board *board, uint8_t slot) {
  uint8_t *record = record_of(board, slot ^ 1);
  uint8_t *back = record_of(board, slot);
  (void)bv_put32(record + CHECK, bv_crc32c(record, CHECK));
  PORT(board, store)(board, slot, record);
  if (PORT(board, load)(board, slot, back) && bv_same(back, record, BIVOUAC_RECORD_BYTES)) {
    (void)bv_put(board->id, record + ID, sizeof board->id);
    (void)bv_put4(board->epoch, record + EPOCH);
  } else {
    board->flags |= FLAG_NO_RECORD;
  }
}

LOCAL void bv_identity_boot(struct bivouac_board *board) {
  bool first = read_slot(board, 0);
  bool second = read_slot(board, 1);
  uint8_t *epochs = board->rx + EPOCH;
  if (!first && !second) return;
  uint8_t slot = first && !(second && !bv_below(epochs + BIVOUAC_RECORD_BYTES, epochs));
  uint8_t *epoch = record_of(board, slot ^ 1) + EPOCH;
  bv_increment(epoch);
  if (!first || !second) bv_increment(epoch);
  write_slot(board, slot);
}

LOCAL void bv_identity_provision(struct bivouac_board *board, const uint8_t *id) {
  uint8_t *record = record_of(board, 1);
  (void)bv_put32(record, RECORD_HEAD);
  (void)bv_put(record + ID, id, 8);
  (void)bv_put32(record + EPOCH, 1);
  write_slot(board, 0);
  if (!bv_identity_is_missing(board)) board->flags |= FLAG_PROVISIONED;
}
