/* The greenhouse of the example: quantities that wander as real ones do, and nine outputs. */
#include "otomate.h"

static const struct otomate_descriptor descriptor BIVOUAC_ROM = {
    BIVOUAC_MODEL("Otomate companion", "1.0"),
    OTOMATE_CHANNELS(BIVOUAC_CHANNEL)
    OTOMATE_COMMANDS(BIVOUAC_COMMAND)
};

uint8_t otomate_descriptor(struct bivouac_board *board, uint16_t offset) {
  (void)board;
  const uint8_t *byte = (const uint8_t *)&descriptor + offset;
#if defined(__AVR__)
  return pgm_read_byte(byte);
#else
  return *byte;
#endif
}

/* Where each quantity starts, and how far it wanders a second (0: an output or a target). */
static const struct {
  int16_t start;
  uint8_t step;
} nature[OTOMATE_CHANNEL_COUNT] BIVOUAC_ROM = {
    {2150, 7}, {655, 3}, {1240, 4}, {840, 5}, {710, 3}, {600, 3}, {0, 0},
    {0, 0}, {31, 5}, {412, 9}, {0, 0}, {140, 1}, {152, 1}, {171, 1},
    {87, 1}, {180, 0}, {240, 0}, {40, 0}, {40, 0}, {0, 0}, {0, 0},
    {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0},
};

static int16_t start_of(uint8_t channel) {
#if defined(__AVR__)
  return (int16_t)pgm_read_word(&nature[channel].start);
#else
  return nature[channel].start;
#endif
}

static uint8_t step_of(uint8_t channel) {
#if defined(__AVR__)
  return pgm_read_byte(&nature[channel].step);
#else
  return nature[channel].step;
#endif
}

void otomate_start(struct otomate *otomate) {
  otomate->noise = 1;
  otomate->moving = 0;
  for (uint8_t at = 0; at < OTOMATE_CHANNEL_COUNT; at++) otomate->values[at] = start_of(at);
}

bool otomate_second(struct otomate *otomate) {
  for (uint8_t at = 0; at < OTOMATE_CHANNEL_COUNT; at++) {
    uint8_t step = step_of(at);
    if (step == 0) continue;
    otomate->noise = otomate->noise * 1664525UL + 1013904223UL;
    int16_t wander = (int16_t)((otomate->noise >> 24) % (2U * step + 1U)) - step;
    /* Back towards where it started, so that a week later it is still a greenhouse. */
    int16_t away = (int16_t)(otomate->values[at] - start_of(at));
    otomate->values[at] += wander - away / 64;
  }
  otomate->values[10] += otomate->values[9];
  if (otomate->moving == 0) return false;
  int32_t *position = &otomate->values[OTOMATE_FIRST_ROLL_UP + otomate->moving - 1];
  int32_t left = otomate->moving_to - *position;
  *position += left > 20 ? 20 : left < -20 ? -20 : left;
  if (*position != otomate->moving_to) return false;
  otomate->moving = 0;
  return true;
}

enum bivouac_status otomate_command(
    struct otomate *otomate, uint8_t op, struct bivouac_arguments *arguments, int32_t *value) {
  int32_t wanted;
  uint8_t device = (uint8_t)(op - OTOMATE_OP_DEVICE);
  uint8_t roll_up = (uint8_t)(op - OTOMATE_OP_ROLL_UP);
  bool is_device = device < OTOMATE_DEVICES;
  if (!is_device && roll_up >= OTOMATE_ROLL_UPS) return BIVOUAC_UNKNOWN_OP;
  if (!bivouac_argument_integer(arguments, &wanted) || arguments->count != 0 || wanted < 0 ||
      wanted > (is_device ? 1 : 100)) {
    return BIVOUAC_BAD_ARGUMENT;
  }
  *value = wanted;
  if (is_device) {
    otomate->values[OTOMATE_FIRST_DEVICE + device] = wanted;
    return BIVOUAC_DONE;
  }
  if (otomate->values[OTOMATE_FIRST_ROLL_UP + roll_up] == wanted) return BIVOUAC_DONE;
  otomate->moving = (uint8_t)(roll_up + 1);
  otomate->moving_to = wanted;
  return BIVOUAC_RUNNING;
}

void otomate_lapse(struct otomate *otomate, uint8_t op) {
  uint8_t device = (uint8_t)(op - OTOMATE_OP_DEVICE);
  if (device < OTOMATE_DEVICES) otomate->values[OTOMATE_FIRST_DEVICE + device] = 0;
}
