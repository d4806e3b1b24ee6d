/*
 * The board's side of the Bivouac link protocol, version 1 (firmware-spec/PROTOCOL.md).
 *
 * Portable C99: no allocation, no globals, no clock, no input or output of its own. The application
 * owns one `struct bivouac_board` and the ring's storage, and hands over callbacks. Nothing here
 * blocks; every call returns within the time its callbacks take.
 *
 * Use: fill a `struct bivouac_config` (BIVOUAC_ROM keeps it in flash on AVR), call `bivouac_start`
 * once after reset, `bivouac_poll` as often as possible (at least once in 49.7 days), and
 * `bivouac_push` for every reading. Samples stay in the ring until the host has them on disk.
 *
 * None of the functions may be called from an interrupt, except `bivouac_take`.
 */
#ifndef BIVOUAC_BOARD_H
#define BIVOUAC_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__AVR__)
#include <avr/pgmspace.h>
/* Keeps a constant in flash; the library reads the config and the descriptor callback's data so. */
#define BIVOUAC_ROM PROGMEM
#define BIVOUAC_ON_AVR 1
#else
#define BIVOUAC_ROM
#define BIVOUAC_ON_AVR 0
#endif

#if defined(__cplusplus)
extern "C" {
#endif

/* Whether 64-bit integers, float64 and text samples exist, and maxima are set at run time. */
#ifndef BIVOUAC_WIDE
#if defined(__AVR__)
#define BIVOUAC_WIDE 0
#else
#define BIVOUAC_WIDE 1
#endif
#endif

/* The longest body sent, 58-250 (247 unless WIDE): every byte of it costs a byte of RAM. */
#ifndef BIVOUAC_BODY_MAX_TO_HOST
#define BIVOUAC_BODY_MAX_TO_HOST (BIVOUAC_WIDE ? 250 : 62)
#endif

/* The longest body accepted, 40-250 (248 unless WIDE): every byte of it costs a byte of RAM. */
#ifndef BIVOUAC_BODY_MAX_TO_BOARD
#define BIVOUAC_BODY_MAX_TO_BOARD (BIVOUAC_WIDE ? 250 : 40)
#endif

/* Wire bytes the host may have outstanding: what the port's receive buffer surely holds. */
#ifndef BIVOUAC_WINDOW
#define BIVOUAC_WINDOW (BIVOUAC_WIDE ? 512 : 48)
#endif

/* How many ops may hold a lease at one time; 6 bytes of RAM each. */
#ifndef BIVOUAC_LEASES
#define BIVOUAC_LEASES (BIVOUAC_ON_AVR ? 4 : 8)
#endif

/*
 * Whether the linker knows the port, the board and its config, rather than pointers: there is one
 * board then, `bivouac_board_only`, with `bivouac_config_only`. Pointers cost an AVR 1 KB of flash.
 */
#ifndef BIVOUAC_LINKED_PORT
#define BIVOUAC_LINKED_PORT BIVOUAC_ON_AVR
#endif

/* A frame on the wire: two delimiters, one COBS code, the body, five bytes of check. */
#define BIVOUAC_WIRE_OVERHEAD 8
/* Bytes of the identity record in each of its two slots. */
#define BIVOUAC_RECORD_BYTES 20
/* The longest text sample. */
#define BIVOUAC_TEXT_MAX 200
/* Channels are 0 to this. */
#define BIVOUAC_CHANNEL_MAX 239

#if BIVOUAC_WIDE
typedef uint16_t bivouac_size;  /* counts bytes of a frame */
typedef uint32_t bivouac_index; /* counts slots of the ring */
typedef uint32_t bivouac_count; /* counts events */
#else
typedef uint8_t bivouac_size;
typedef uint16_t bivouac_index;
typedef uint16_t bivouac_count;
#endif

/* The status of a command's RESULT (PROTOCOL.md 2.10). */
enum bivouac_status {
  BIVOUAC_DONE = 0,
  BIVOUAC_RUNNING = 1,
  BIVOUAC_FAILED = 2,
  BIVOUAC_UNKNOWN_OP = 3,
  BIVOUAC_BAD_ARGUMENT = 4,
  BIVOUAC_EXPIRED = 5,
  BIVOUAC_OTHER_EPOCH = 6,
  BIVOUAC_BUSY = 7,
  BIVOUAC_REFUSED = 8
};

/*
 * One slot of the ring: a value and the time since the sample before, in milliseconds, both
 * little-endian. Channels from 0xF0 mark slots without a number of their own, which extend the
 * sample that follows.
 */
struct bivouac_slot {
  uint8_t value[4];
  uint8_t delta[3];
  uint8_t channel;
};

/* Bytes of a time: milliseconds since the board's boot, 48 bits, little-endian. */
#define BIVOUAC_TICKS_BYTES 6

/* The arguments of a command, read in order by `bivouac_argument_integer` and `_text`. */
struct bivouac_arguments {
  const uint8_t *bytes;
  bivouac_size count;
};

struct bivouac_board;

/*
 * What the application gives; must outlive the board. On AVR it must be marked BIVOUAC_ROM.
 * Callbacks are called from within `bivouac_poll` only (`transmit` from `bivouac_log` and
 * `bivouac_text` too), and must not call back into the library, except as noted. They receive the
 * board, and with it `board->config->context` (globals where the port is linked).
 */
struct bivouac_config {
  /* The application's own. */
  void *context;
  /* The ring's storage, owned by the application, and its slots: at least 2 (wide: 40). */
  struct bivouac_slot *ring;
  bivouac_index ring_slots;
  /* How old the first unsent sample may become before it is sent in a short message, ms. */
  uint16_t batch_ms;
  /* Samples in 1000 s over all channels, 0 when unknown. */
  uint32_t sampling_rate;
  /* The eFuse MAC or the like; zeros when there is none. */
  uint8_t hardware_hint[8];
  /* Bytes in the descriptor, at most 4096. */
  uint16_t descriptor_length;
  /* The byte of the descriptor at `offset` (PROTOCOL.md 3). */
  uint8_t (*descriptor)(struct bivouac_board *board, uint16_t offset);
  /*
   * Carries out `op`. Must not block: begin, return BIVOUAC_RUNNING, and call `bivouac_finish`
   * later. `value` is 0 and may be set to what the command gives back. May call `bivouac_push`.
   */
  enum bivouac_status (*on_command)(
      struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments,
      int32_t *value);
  /* The lease of `op` lapsed: put its actuator into the safe state. May call `bivouac_push`. */
  void (*on_lease_lapsed)(struct bivouac_board *board, uint8_t op);
  /* Enter the boot loader; need not return. */
  void (*on_reset_to_boot)(struct bivouac_board *board);

#if !BIVOUAC_LINKED_PORT
  /* The port: as the four functions below. */
  int16_t (*receive)(struct bivouac_board *board);
  bivouac_size (*transmit)(
      struct bivouac_board *board, const uint8_t *bytes, bivouac_size count);
  bool (*load)(struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]);
  void (*store)(
      struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]);
#endif
};

#if BIVOUAC_LINKED_PORT
/* The one board and its config. The config is the application's to define, in flash. */
extern struct bivouac_board bivouac_board_only;
extern const struct bivouac_config bivouac_config_only;

/* Where library and port are one unit, the compiler may see that nobody else calls the port. */
#ifndef BIVOUAC_PORT_FUNCTION
#define BIVOUAC_PORT_FUNCTION
#endif

/* The next received byte, or -1 when there is none. */
BIVOUAC_PORT_FUNCTION int16_t bivouac_port_receive(struct bivouac_board *board);
/*
 * Takes up to `count` bytes for the line and says how many. A port whose interrupt pulls bytes
 * with `bivouac_take` starts that interrupt here, and returns 0.
 */
BIVOUAC_PORT_FUNCTION bivouac_size bivouac_port_transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count);
/* Reads an identity slot (0 or 1); false when it cannot be read. */
BIVOUAC_PORT_FUNCTION bool bivouac_port_load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]);
/* Writes an identity slot, durably; the library reads it back, so nothing is returned. */
BIVOUAC_PORT_FUNCTION void bivouac_port_store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]);
#endif

/* One sample as it is read from the ring: value and delta stand together, as in a slot. */
struct bivouac_sample {
  uint8_t value[4];
  uint8_t delta[BIVOUAC_TICKS_BYTES]; /* since the sample before */
  uint8_t channel;
#if BIVOUAC_WIDE
  uint8_t kind;
  uint8_t text_count;
  int32_t upper;
  bivouac_index text_slot;
#endif
};

/* A place in the ring: its slot, and the ticks of the sample before it. */
struct bivouac_place {
  bivouac_index slot;
  uint8_t ticks[BIVOUAC_TICKS_BYTES];
};

/* What a board counts; on AVR each count wraps at 65536. */
enum bivouac_counter {
  BIVOUAC_ACTED,     /* frames received and obeyed */
  BIVOUAC_IGNORED,   /* well formed, not acted on */
  BIVOUAC_MALFORMED, /* messages that break their table */
  BIVOUAC_UNKNOWN,   /* messages of a type that is not for a board */
  BIVOUAC_CORRUPT,   /* candidates dropped, overruns included */
  BIVOUAC_LOGS_LOST, /* LOG lines dropped because a frame was under way */
  BIVOUAC_COUNTERS
};

/* What a board waits for; each is set to milliseconds, and due at 0. */
enum bivouac_timer {
  BIVOUAC_SILENCE, /* the end of Quiet, or of the attachment */
  BIVOUAC_HELLO,   /* the next HELLO while unattached */
  BIVOUAC_FAST,    /* the end of the frequent HELLOs */
  BIVOUAC_RESEND,  /* since the last SAMPLES or GAP */
  BIVOUAC_TIMERS
};

/*
 * The board. Owned by the application, filled by `bivouac_start`; its fields are the library's.
 * One board may be played per struct; there is no other state. What is only compared and sent is
 * kept as the bytes of the wire, which costs the least code on an 8-bit machine.
 */
struct bivouac_board {
#if !BIVOUAC_LINKED_PORT
  const struct bivouac_config *config;
#endif
  uint8_t state;
  uint8_t due;
  uint8_t flags;

  /* As TIME_REPLY carries them. */
  uint8_t cookie[4];                    /* of the TIME to be answered */
  uint8_t now[BIVOUAC_TICKS_BYTES];     /* as of the last call */
  uint8_t segment[BIVOUAC_TICKS_BYTES]; /* when the present segment of ticks began */

  uint8_t waited[4]; /* milliseconds since the last poll that emptied the receiver */
  /* Milliseconds left, of timers and then of leases: counting down stays exact at any wrap. */
  uint8_t left[BIVOUAC_TIMERS + BIVOUAC_LEASES][4];
  uint8_t lease_ops[BIVOUAC_LEASES];
  bool lease_is_held[BIVOUAC_LEASES];

  uint8_t epoch[4]; /* with the two below it, as HELLO carries them */
  /* The ring: samples `oldest` to `next`, from `head`, in `used` slots. */
  uint8_t oldest[4];
  uint8_t next[4];
  /* The send position; below `oldest` a GAP is due, and `send_at` means nothing. */
  uint8_t send[4];
  uint8_t limit[4];
  uint8_t lost[4]; /* samples dropped because the ring was full */
  struct bivouac_place head;               /* of the oldest sample */
  struct bivouac_place send_at;            /* of the first one to be sent */
  bivouac_index used;
  uint8_t tail_ticks[BIVOUAC_TICKS_BYTES]; /* of the newest sample */

  /* The sample read last, and where the encoder of SAMPLES is: in RAM rather than on the stack. */
  struct bivouac_sample sample;
  uint8_t *at;
  bivouac_index index;
  bivouac_index unsent; /* samples not encoded yet */

  uint8_t id[8]; /* id and nonce stand together in HELLO */
  uint8_t nonce[4];

  struct bivouac_result {
    uint8_t attached[4]; /* the session of the last RESUME accepted */
    uint8_t session[4];  /* of the last command */
    uint8_t id[2];
    uint8_t status;
    uint8_t value[4];
  } result; /* as RESULT carries it */

  uint16_t descriptor_offset; /* of the DESCRIPTOR_READ to be answered */
  uint8_t descriptor_count;

  bivouac_count counts[BIVOUAC_COUNTERS];

  /* The segment being received, decoded in place: 1 and its bytes, 0 when it can be no frame. */
  bivouac_size rx_open;
  uint8_t rx[BIVOUAC_BODY_MAX_TO_BOARD + 6];

  /* The frame being sent. `tx_taken` moves in an interrupt where one pulls. */
  bivouac_size tx_count;
  volatile bivouac_size tx_taken;
  /* Behind the body there is room for the largest number: 6 bytes, of which 5 become the check. */
  uint8_t tx[BIVOUAC_BODY_MAX_TO_HOST + BIVOUAC_WIRE_OVERHEAD + (BIVOUAC_WIDE ? 2 : 0)];
#if BIVOUAC_WIDE
  uint8_t body_max_to_host;
  uint8_t body_max_to_board;
  uint16_t window;
#endif
};

/*
 * Starts the board, once after reset, with a linked port `&bivouac_board_only` with
 * `&bivouac_config_only`. `ticks` is the application's millisecond counter, `nonce`
 * random and new at every boot. The board stays silent and numbers nothing for 2000 ms.
 */
void bivouac_start(
    struct bivouac_board *board, const struct bivouac_config *config, uint32_t ticks,
    uint32_t nonce);

#if BIVOUAC_WIDE
/*
 * Lowers the maxima that HELLO states; call it right after `bivouac_start`. Bodies are clamped to
 * 58 (40 to the board) and the compiled-in maxima, the window to at least 48.
 */
void bivouac_set_maxima(
    struct bivouac_board *board, uint8_t body_max_to_host, uint8_t body_max_to_board,
    uint16_t window);
#endif

/*
 * Does what is due: receives, answers, sends at most 8 frames. `ticks` is the millisecond counter,
 * which may wrap but never goes back, here and in every other call.
 */
void bivouac_poll(struct bivouac_board *board, uint32_t ticks);

/*
 * Numbers and keeps one sample. A full ring drops its oldest for it. False, and nothing numbered,
 * in the first two seconds, while the board has no identity, for a channel above 239, or when the
 * epoch has used up its 2^32 - 1 numbers (restart the board then). Samples pushed with the same
 * ticks on neighbouring channels in rising order travel as one scan, which is cheapest.
 */
bool bivouac_push(struct bivouac_board *board, uint8_t channel, int32_t value, uint32_t ticks);

#if BIVOUAC_WIDE
/* As `bivouac_push`, for a 64-bit integer: two slots when it does not fit 32 bits. */
bool bivouac_push_integer(
    struct bivouac_board *board, uint8_t channel, int64_t value, uint32_t ticks);
/* As `bivouac_push`, for an IEEE 754 binary64: two slots. */
bool bivouac_push_float(struct bivouac_board *board, uint8_t channel, double value, uint32_t ticks);
/* As `bivouac_push`, for 0-200 bytes of UTF-8; a slot, and one more for every 7 bytes or part. */
bool bivouac_push_text(
    struct bivouac_board *board, uint8_t channel, const char *text, size_t count, uint32_t ticks);
#endif

/*
 * Sends a log line (RFC 5424 severity 0-7), cut to the body maximum at a character's border. False,
 * and counted, when a frame is under way, in the first two seconds, or for a level above 7.
 */
bool bivouac_log(struct bivouac_board *board, uint8_t level, const char *text);

/*
 * Sends bytes of plain text between frames, as printf would: what the host shows as a line. All of
 * it or nothing: false when a frame is under way or it is longer than the transmit buffer.
 */
bool bivouac_text(struct bivouac_board *board, const char *text);

/* Ends the command for which BIVOUAC_RUNNING was returned. Nothing when none is running. */
void bivouac_finish(struct bivouac_board *board, enum bivouac_status status, int32_t value);

/* Says that the ticks were not counted exactly until now (sleep): a new segment begins. */
void bivouac_sleep_ended(struct bivouac_board *board, uint32_t ticks);

/*
 * The next byte for the line, or false when there is none. For a transmit interrupt; with it the
 * `transmit` callback returns 0 and starts the interrupt.
 */
bool bivouac_take(struct bivouac_board *board, uint8_t *byte);

/* Reads an integer argument; false when none is left or it does not fit. */
bool bivouac_argument_integer(struct bivouac_arguments *arguments, int32_t *value);
/* Reads a text argument: not zero-terminated, valid until the callback returns. */
bool bivouac_argument_text(
    struct bivouac_arguments *arguments, const uint8_t **text, uint8_t *count);

/* Samples made in this epoch: the number that the next one will get. */
uint32_t bivouac_made(const struct bivouac_board *board);
/* Samples that a full ring dropped in this epoch. */
uint32_t bivouac_lost(const struct bivouac_board *board);
/* The epoch that the board runs under; 0 while it has no identity. */
uint32_t bivouac_epoch(const struct bivouac_board *board);
/* Whether a host is attached. */
bool bivouac_is_attached(const struct bivouac_board *board);

#if defined(__cplusplus)
}
#endif

#endif
