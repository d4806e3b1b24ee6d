/*
 * Who the board is (PROTOCOL.md 4.1): a checked record in two slots, written in turn, so that an
 * epoch never restarts under an old id and a power cut while one is written keeps the other.
 * Records are built and compared in the receive buffer, which is idle then.
 */
#include "internal.h"

/* Offsets in a record; id and epoch stand together. */
enum { ID = 4, EPOCH = 12, CHECK = 16, SECOND = BIVOUAC_RECORD_BYTES };

/* "BV", version 1 and a zero byte, as a number. */
#define RECORD_HEAD 0x00015642UL

LOCAL bool bv_identity_is_missing(const struct bivouac_board *board) {
  return bv_is_zero(board->id, sizeof board->id);
}

/* The check of a record with its own check behind it, whatever the record. */
#define CHECK_OF_CHECKED 0x48674BC7UL

/* Reads a slot into its half of the buffer; its epoch when it is good, else 0. */
static uint32_t read_slot(struct bivouac_board *board, uint8_t slot) {
  uint8_t *record = board->rx + (slot == 0 ? 0 : SECOND);
  bool good = PORT(board, load)(board, slot, record) && bv_get32(record) == RECORD_HEAD &&
              bv_crc32c(record, BIVOUAC_RECORD_BYTES) == CHECK_OF_CHECKED &&
              !bv_is_zero(record + ID, 8);
  uint32_t epoch = bv_get32(record + EPOCH);
  /* Epoch 0 is none, and the two last ones have no successors. */
  return good && epoch + 2 > 2 ? epoch : 0;
}

/* Writes the record of id and epoch, and believes only what it reads back. */
static void write_slot(
    struct bivouac_board *board, uint8_t slot, const uint8_t *id, uint32_t epoch) {
  uint8_t *record = board->rx + SECOND;
  memmove(record + ID, id, 8);
  (void)bv_put32(record, RECORD_HEAD);
  (void)bv_put32(record + EPOCH, epoch);
  (void)bv_put32(record + CHECK, bv_crc32c(record, CHECK));
  PORT(board, store)(board, slot, record);
  if (PORT(board, load)(board, slot, board->rx) &&
      bv_same(board->rx, record, BIVOUAC_RECORD_BYTES)) {
    memcpy(board->id, record + ID, 8);
    memcpy(board->epoch, record + EPOCH, 4);
  } else {
    board->flags |= FLAG_NO_RECORD;
  }
}

LOCAL void bv_identity_boot(struct bivouac_board *board) {
  uint32_t epoch = read_slot(board, 0);
  uint32_t second = read_slot(board, 1);
  const uint8_t *id = board->rx + ID;
  bool one_is_bad = epoch == 0 || second == 0;
  uint8_t slot = epoch > second;
  if (second > epoch) {
    epoch = second;
    id += SECOND;
  }
  if (epoch != 0) write_slot(board, slot, id, epoch + 1 + one_is_bad);
}

LOCAL void bv_identity_provision(struct bivouac_board *board, const uint8_t *id) {
  write_slot(board, 0, id, 1);
  if (!bv_identity_is_missing(board)) board->flags |= FLAG_PROVISIONED;
}
