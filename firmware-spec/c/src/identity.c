/*
 * Who the board is (PROTOCOL.md 4.1): a checked record in two slots, written in turn, so that an
 * epoch never restarts under an old id and a power cut while one is written keeps the other.
 * Records are built and compared in the receive buffer, which is idle then.
 */
#include "internal.h"

enum { ID = 4, EPOCH = 12, CHECK = 16, SECOND = BIVOUAC_RECORD_BYTES };

bool bv_identity_is_missing(const struct bivouac_board *board) {
  uint8_t any = 0;
  for (uint8_t at = 0; at < 8; at++) any |= board->id[at];
  return any == 0;
}

/* Reads a slot into `record`; its epoch when it is good, else 0. */
static uint32_t read_slot(const struct bivouac_board *board, uint8_t slot, uint8_t *record) {
  if (!CONFIG_CALL(board, load)(CONFIG_CALL(board, context), slot, record)) return 0;
  uint8_t any = 0;
  for (uint8_t at = ID; at < EPOCH; at++) any |= record[at];
  uint32_t epoch = bv_get32(record + EPOCH);
  if (record[0] != 'B' || record[1] != 'V' || record[2] != 1 || record[3] != 0 || any == 0 ||
      epoch > 0xFFFFFFFDUL || bv_crc32c(record, CHECK) != bv_get32(record + CHECK)) {
    return 0;
  }
  return epoch;
}

/* Writes the record of id and epoch, and believes only what it reads back. */
static void write_slot(
    struct bivouac_board *board, uint8_t slot, const uint8_t *id, uint32_t epoch) {
  uint8_t *record = board->rx + SECOND;
  record[0] = 'B';
  record[1] = 'V';
  record[2] = 1;
  record[3] = 0;
  memmove(record + ID, id, 8);
  (void)bv_put32(record + EPOCH, epoch);
  (void)bv_put32(record + CHECK, bv_crc32c(record, CHECK));
  CONFIG_CALL(board, store)(CONFIG_CALL(board, context), slot, record);
  bool written = CONFIG_CALL(board, load)(CONFIG_CALL(board, context), slot, board->rx) &&
                 memcmp(board->rx, record, BIVOUAC_RECORD_BYTES) == 0;
  if (!written) {
    board->flags |= FLAG_NO_RECORD;
    return;
  }
  memcpy(board->id, record + ID, 8);
  board->epoch = epoch;
}

void bv_identity_boot(struct bivouac_board *board) {
  uint32_t first = read_slot(board, 0, board->rx);
  uint32_t second = read_slot(board, 1, board->rx + SECOND);
  if (first == 0 && second == 0) return;
  uint8_t step = first == 0 || second == 0 ? 2 : 1;
  if (second > first) {
    write_slot(board, 0, board->rx + SECOND + ID, second + step);
  } else if (first == second) {
    write_slot(board, 0, board->rx + ID, first + step);
  } else {
    write_slot(board, 1, board->rx + ID, first + step);
  }
}

void bv_identity_provision(struct bivouac_board *board, const uint8_t *id) {
  write_slot(board, 0, id, 1);
  if (!bv_identity_is_missing(board)) board->flags |= FLAG_PROVISIONED;
}
