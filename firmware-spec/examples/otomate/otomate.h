/* An Otomate as its companion firmware shows it: 27 channels and nine commands. */
#ifndef OTOMATE_H
#define OTOMATE_H

#include "bivouac_board.h"
#include "bivouac_descriptor.h"

/*
 * name, key, SenML unit, kind (0 measurement, 1 state, 2 counter), exponent: the 27 values of a
 * row of the Otomate's SD card, in its order.
 */
#define OTOMATE_CHANNELS(X)                    \
  X(in_temp, "in_temp", "Cel", 0, -2)          \
  X(in_hum, "in_hum", "%RH", 0, -1)            \
  X(in_abs, "in_abs", "kg/m3", 0, -5)          \
  X(out_temp, "out_temp", "Cel", 0, -2)        \
  X(out_hum, "out_hum", "%RH", 0, -1)          \
  X(out_abs, "out_abs", "kg/m3", 0, -5)        \
  X(raining, "raining", "/", 1, 0)             \
  X(rainfall, "rainfall", "m", 0, -4)          \
  X(wind, "wind", "m/s", 0, -1)                \
  X(radiation, "radiation", "W/m2", 0, 0)      \
  X(day_joules, "day_joules", "J", 2, 0)       \
  X(tension_1, "tension_1", "Pa", 0, 2)        \
  X(tension_2, "tension_2", "Pa", 0, 2)        \
  X(tension_3, "tension_3", "Pa", 0, 2)        \
  X(weather, "weather", "/", 0, -2)            \
  X(heating_target, "heating_target", "Cel", 1, -1) \
  X(cooling_target, "cooling_target", "Cel", 1, -1) \
  X(r1, "r1", "%", 1, 0)                       \
  X(r2, "r2", "%", 1, 0)                       \
  X(r3, "r3", "%", 1, 0)                       \
  X(d1, "d1", "/", 1, 0)                       \
  X(d2, "d2", "/", 1, 0)                       \
  X(d3, "d3", "/", 1, 0)                       \
  X(d4, "d4", "/", 1, 0)                       \
  X(d5, "d5", "/", 1, 0)                       \
  X(d6, "d6", "/", 1, 0)                       \
  X(alarm, "alarm", "/", 1, 0)

/* name, text, op, argument, its largest value, whether it takes a lease. */
#define OTOMATE_COMMANDS(X)             \
  X(set_d1, "d1", 1, "on", BIVOUAC_UP_TO_63(1), 1)        \
  X(set_d2, "d2", 2, "on", BIVOUAC_UP_TO_63(1), 1)        \
  X(set_d3, "d3", 3, "on", BIVOUAC_UP_TO_63(1), 1)        \
  X(set_d4, "d4", 4, "on", BIVOUAC_UP_TO_63(1), 1)        \
  X(set_d5, "d5", 5, "on", BIVOUAC_UP_TO_63(1), 1)        \
  X(set_d6, "d6", 6, "on", BIVOUAC_UP_TO_63(1), 1)        \
  X(set_r1, "r1", 11, "percent", BIVOUAC_UP_TO_8191(100), 0) \
  X(set_r2, "r2", 12, "percent", BIVOUAC_UP_TO_8191(100), 0) \
  X(set_r3, "r3", 13, "percent", BIVOUAC_UP_TO_8191(100), 0)

enum {
  OTOMATE_CHANNEL_COUNT = 27,
  OTOMATE_ROLL_UPS = 3,
  OTOMATE_DEVICES = 6,
  OTOMATE_FIRST_ROLL_UP = 17,
  OTOMATE_FIRST_DEVICE = 20,
  OTOMATE_OP_DEVICE = 1,
  OTOMATE_OP_ROLL_UP = 11
};

/* The descriptor: bytes only, so its size is its length. */
struct otomate_descriptor {
  BIVOUAC_MODEL_FIELD("Otomate companion", "1.0")
  OTOMATE_CHANNELS(BIVOUAC_CHANNEL_FIELD)
  OTOMATE_COMMANDS(BIVOUAC_COMMAND_FIELD)
};

/* The byte of the descriptor at `offset` (`descriptor` of the config). */
uint8_t otomate_descriptor(struct bivouac_board *board, uint16_t offset);

/* The greenhouse: what the sensors would say, and what the outputs do. */
struct otomate {
  int32_t values[OTOMATE_CHANNEL_COUNT];
  uint32_t noise;
  uint8_t moving; /* the roll-up that moves, counted from 1; 0 when none does */
  int32_t moving_to;
};

void otomate_start(struct otomate *otomate);
/* One second passes. True when a roll-up has just arrived, which ends its command. */
bool otomate_second(struct otomate *otomate);
/* Carries out a command (`on_command` of the config). */
enum bivouac_status otomate_command(
    struct otomate *otomate, uint8_t op, struct bivouac_arguments *arguments, int32_t *value);
/* The lease of a device lapsed: off. */
void otomate_lapse(struct otomate *otomate, uint8_t op);

#endif
