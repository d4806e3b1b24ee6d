/* What the files of the library share; nothing here is for applications. */
#ifndef BIVOUAC_INTERNAL_H
#define BIVOUAC_INTERNAL_H

#include <string.h>

#include "bivouac_board.h"

/* Where bytes of a frame are counted in 8 bits, the longest ones would not be. */
#if !BIVOUAC_WIDE && (BIVOUAC_BODY_MAX_TO_HOST > 247 || BIVOUAC_BODY_MAX_TO_BOARD > 248)
#error "without BIVOUAC_WIDE a body has at most 247 bytes to the host and 248 to the board"
#endif

/* With a linked port, board and config stand at addresses that the compiler may count on. */
#if BIVOUAC_LINKED_PORT
#define KNOWN(board) (&bivouac_board_only)
#define PORT(board, name) bivouac_port_##name
#define CONFIG_AT(board, field) (&bivouac_config_only.field)
#else
#define KNOWN(board) (board)
#define PORT(board, name) (board)->config->name
#define CONFIG_AT(board, field) (&(board)->config->field)
#endif

/* The config lives in flash on AVR, where data and program have separate addresses. */
#if defined(__AVR__)
#define ROM_U32(field) pgm_read_dword(&(field))
#define CONFIG_U8(board, field) pgm_read_byte(CONFIG_AT(board, field))
#define CONFIG_U16(board, field) pgm_read_word(CONFIG_AT(board, field))
#define CONFIG_U32(board, field) pgm_read_dword(CONFIG_AT(board, field))
#define CONFIG_CALL(board, field) \
  ((__typeof__(*CONFIG_AT(board, field)))pgm_read_word(CONFIG_AT(board, field)))
#define CONFIG_INDEX(board, field) CONFIG_U16(board, field)
#else
#define ROM_U32(field) (field)
#define CONFIG_U8(board, field) (*CONFIG_AT(board, field))
#define CONFIG_U16(board, field) (*CONFIG_AT(board, field))
#define CONFIG_U32(board, field) (*CONFIG_AT(board, field))
#define CONFIG_CALL(board, field) (*CONFIG_AT(board, field))
#define CONFIG_INDEX(board, field) (*CONFIG_AT(board, field))
#endif

/* The library may be compiled as one unit (ports/avr), which lets the compiler see all callers. */
#if BIVOUAC_ONE_UNIT
#define LOCAL static
#else
#define LOCAL
#endif

/* What is shorter called than within its callers, against the guess of -Os. */
#if defined(__GNUC__)
#define LARGE __attribute__((noinline))
#else
#define LARGE
#endif

#if BIVOUAC_WIDE
#define BODY_MAX_TO_HOST(board) ((board)->body_max_to_host)
#define BODY_MAX_TO_BOARD(board) ((board)->body_max_to_board)
#define WINDOW(board) ((board)->window)
#else
#define BODY_MAX_TO_HOST(board) BIVOUAC_BODY_MAX_TO_HOST
#define BODY_MAX_TO_BOARD(board) BIVOUAC_BODY_MAX_TO_BOARD
#define WINDOW(board) BIVOUAC_WINDOW
#endif

/* The times of PROTOCOL.md 4.1, in milliseconds. */
enum {
  QUIET_MS = 2000,
  HELLO_FAST_MS = 500,
  HELLO_FAST_FOR_MS = 10000,
  HELLO_SLOW_MS = 2000,
  SILENCE_MS = 3000,
  RESEND_MS = 1000
};

/* What one poll does at most. */
enum { RECEIVE_MAX = 256, FRAMES_MAX = 8 };

enum message_type {
  HELLO = 0x01,
  PROVISION = 0x02,
  DESCRIPTOR_READ = 0x03,
  DESCRIPTOR = 0x04,
  RESUME = 0x05,
  SAMPLES = 0x06,
  ACK = 0x0E,
  GAP = 0x0F,
  COMMAND = 0x10,
  RESULT = 0x11,
  TIME = 0x12,
  TIME_REPLY = 0x13,
  LOG = 0x14,
  RESET_TO_BOOT = 0x15
};

enum board_state { QUIET, UNATTACHED, ATTACHED };

/* Bits of `due`: what the board owes the host. */
enum { DUE_RESULT = 1, DUE_TIME = 2, DUE_DESCRIPTOR = 4, DUE_HELLO = 8 };

/* Bits of `flags`. The first is the one of HELLO. */
enum {
  FLAG_NO_RECORD = 1,   /* the identity record cannot be written */
  FLAG_PROVISIONED = 2, /* the id was given since boot */
  FLAG_RUNNING = 4      /* a command runs, whether or not it is still the last */
};

/* Channels that mark slots without a number. */
enum {
  SLOT_TIME = 0xFF,  /* value: milliseconds of the delta above its 24 bits */
  SLOT_WIDE = 0xFE,  /* delta[0]: kind, delta[1]: text length; value: the upper 32 bits */
  SLOT_BYTES = 0xFD, /* seven bytes of text, in value and delta */
  SLOT_TEXT = 7
};

/* Value and delta stand together in a slot, and in a sample. */
enum { SLOT_BOTH = 4 + 3 };

enum sample_kind { KIND_INTEGER, KIND_FLOAT, KIND_TEXT };

/* bytes.c: little-endian numbers of any size, as loops: an 8-bit machine has nothing better. */
LOCAL uint8_t *bv_put(uint8_t *to, const uint8_t *from, bivouac_size count);
LOCAL bool bv_same(const uint8_t *left, const uint8_t *right, uint8_t count);
LOCAL bool bv_is_zero(const uint8_t *bytes, uint8_t count);
LOCAL uint8_t *bv_put4(uint8_t *to, const uint8_t *from);
LOCAL bool bv_same4(const uint8_t *left, const uint8_t *right);
LOCAL bool bv_is_zero4(const uint8_t *bytes);
LOCAL bool bv_below(const uint8_t *left, const uint8_t *right);
LOCAL void bv_increment(uint8_t *number);
LOCAL void bv_add(uint8_t *to, const uint8_t *by, uint8_t count);
LOCAL bool bv_subtract(uint8_t *to, const uint8_t *by, uint8_t count);
LOCAL uint8_t *bv_put32(uint8_t *to, uint32_t value);
LOCAL uint32_t bv_crc32c(const uint8_t *bytes, bivouac_size count);

#if defined(__AVR__)
/* The machine is little-endian and reads at any address. */
static inline uint16_t bv_get16(const uint8_t *from) {
  return *(const uint16_t *)(const void *)from;
}
static inline uint32_t bv_get32(const uint8_t *from) {
  return *(const uint32_t *)(const void *)from;
}
#else
static inline uint16_t bv_get16(const uint8_t *from) {
  return (uint16_t)(from[0] | ((uint16_t)from[1] << 8));
}
static inline uint32_t bv_get32(const uint8_t *from) {
  return bv_get16(from) | ((uint32_t)bv_get16(from + 2) << 16);
}
#endif

/* frame.c */
LOCAL void bv_receive_byte(struct bivouac_board *board, uint8_t byte);
LOCAL void bv_close_frame(struct bivouac_board *board, enum message_type type, uint8_t *end);
LOCAL bool bv_is_sending(const struct bivouac_board *board);
LOCAL void bv_count(struct bivouac_board *board, enum bivouac_counter counter);

/* ring.c */
LOCAL uint8_t bv_ring_read(struct bivouac_board *board, bivouac_index *index);
LOCAL void bv_ring_free(struct bivouac_board *board, const uint8_t *durable);
LOCAL void bv_ring_seek(struct bivouac_board *board, const uint8_t *seq);
LOCAL bivouac_index bv_ring_distance(const uint8_t *from, const uint8_t *to);
LOCAL void bv_ring_advance(struct bivouac_board *board, bivouac_index samples);
LOCAL uint8_t bv_ring_pass(struct bivouac_board *board, struct bivouac_place *place);

static inline void bv_copy_place(struct bivouac_place *to, const struct bivouac_place *from) {
  (void)bv_put((uint8_t *)to, (const uint8_t *)from, sizeof *to);
}

/* samples.c */
LOCAL bool bv_compose_samples(struct bivouac_board *board);

/* identity.c */
LOCAL void bv_identity_boot(struct bivouac_board *board);
LOCAL void bv_identity_provision(struct bivouac_board *board, const uint8_t *id);
LOCAL bool bv_identity_is_missing(const struct bivouac_board *board);

/* messages.c */
LOCAL enum bivouac_counter bv_handle(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count);
LOCAL void bv_unattach(struct bivouac_board *board);

/* command.c */
LOCAL enum bivouac_counter bv_command(
    struct bivouac_board *board, const uint8_t *body, bivouac_size count);
LOCAL void bv_leases_lapse(struct bivouac_board *board);

/* compose.c */
LOCAL bool bv_compose(struct bivouac_board *board);

/* board.c */
LOCAL void bv_clock(struct bivouac_board *board, uint32_t ticks);
LOCAL void bv_set_timer(struct bivouac_board *board, enum bivouac_timer timer, uint16_t ms);
LOCAL bool bv_is_due(const struct bivouac_board *board, enum bivouac_timer timer);

#endif
