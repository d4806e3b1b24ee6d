/* A board with everything around it faked: line, ring, identity slots, application. */
#ifndef HARNESS_H
#define HARNESS_H

#include "bivouac_board.h"

#include <stdio.h>
#include <string.h>

enum { RING = 128, LINE = 1 << 16, FRAMES = 512 };

struct fixture {
  struct bivouac_board board;
  struct bivouac_config config;
  struct bivouac_slot ring[RING];
  uint32_t ticks;

  uint8_t rx[LINE];
  size_t rx_put, rx_got;
  uint8_t tx[LINE];
  size_t tx_put, tx_seen;
  size_t tx_room; /* what the port takes before it is full */

  uint8_t slots[2][BIVOUAC_RECORD_BYTES];
  int stores;
  long store_bytes; /* written before the power fails; -1: never */
  bool store_is_dead;

  int commands, lapses, boots;
  uint8_t last_op, last_lapse;
  int32_t last_argument;
  enum bivouac_status answer;
  int32_t answer_value;
};

/* One frame as the host sees it. */
struct seen {
  uint8_t body[256];
  size_t count;
};

extern int checks_failed, checks_done;
void check_at(bool holds, const char *what, const char *file, int line);
#define CHECK(condition) check_at((condition), #condition, __FILE__, __LINE__)
#define SENTENCE(text) printf("  %s\n", text)

/* A board before `bivouac_start`, its slots erased. */
void fixture_make(struct fixture *fixture);
/* Starts, and polls until after Quiet, with an identity of epoch 7 in slot 0 (so it runs as 9). */
void fixture_boot(struct fixture *fixture);
/* As `fixture_boot`, and attaches with session 1 and the given limit. */
void fixture_attach(struct fixture *fixture, uint32_t limit);
/* Moves time on, and polls once. */
void fixture_step(struct fixture *fixture, uint32_t ms);
/* Puts a frame with this body on the board's receiver. */
void fixture_say(struct fixture *fixture, const uint8_t *body, size_t count);
void fixture_say_bytes(struct fixture *fixture, const uint8_t *bytes, size_t count);
/* Reads the next frame that the board sent; false when there is none. */
bool fixture_hear(struct fixture *fixture, struct seen *seen);
/* Drops what the board sent; how many frames of `type` were among it. */
int fixture_count(struct fixture *fixture, uint8_t type);
void fixture_resume(
    struct fixture *fixture, uint32_t session, uint32_t limit, uint32_t epoch, uint32_t durable);
void fixture_ack(
    struct fixture *fixture, uint32_t epoch, uint32_t durable, uint32_t received, uint32_t limit,
    bool again);
void fixture_command(
    struct fixture *fixture, uint32_t session, uint16_t id, uint32_t life, uint32_t lease,
    uint8_t op, int8_t argument);
void fixture_record(uint8_t record[BIVOUAC_RECORD_BYTES], uint8_t id, uint32_t epoch);

size_t wire_encode(const uint8_t *body, size_t count, uint8_t *wire);
uint32_t wire_crc(const uint8_t *bytes, size_t count);
uint32_t get32(const uint8_t *bytes);

/* The pseudo-random numbers of every test here: xorshift, seeds printed on failure. */
uint32_t random_next(uint32_t *state);

void frame_tests(void);
void ring_tests(void);
void session_tests(void);
void command_tests(void);
void identity_tests(void);
void samples_tests(void);
void posix_tests(void);

#endif
