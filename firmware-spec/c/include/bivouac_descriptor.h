/*
 * A descriptor (PROTOCOL.md 3) as a C constant: its parts are structs of bytes, so the compiler
 * counts the lengths. C only; in a C++ sketch keep the descriptor in a .c file of its own.
 *
 *   #define CHANNELS(X) X(temperature, "temperature", "Cel", 0, -2)
 *   static const struct {
 *     BIVOUAC_MODEL_FIELD("Thermometer", "1.0")
 *     CHANNELS(BIVOUAC_CHANNEL_FIELD)
 *   } descriptor BIVOUAC_ROM = {
 *     BIVOUAC_MODEL("Thermometer", "1.0"),
 *     CHANNELS(BIVOUAC_CHANNEL)
 *   };
 *
 * The struct holds bytes only, so it has no padding, and `sizeof` is the descriptor's length.
 */
#ifndef BIVOUAC_DESCRIPTOR_H
#define BIVOUAC_DESCRIPTOR_H

#include <stdint.h>

/* The length of a string constant without its zero. */
#define BIVOUAC_LENGTH(text) (sizeof(text) - 1)

#define BIVOUAC_MODEL_FIELD(model, version) \
  uint8_t model_head[2];                    \
  char model_text[BIVOUAC_LENGTH(model)];   \
  uint8_t version_head[2];                  \
  char version_text[BIVOUAC_LENGTH(version)];

#define BIVOUAC_MODEL(model, version) \
  {0x01, BIVOUAC_LENGTH(model)}, model, {0x02, BIVOUAC_LENGTH(version)}, version

/* A channel: key, SenML unit (at least one byte), kind, exponent. */
#define BIVOUAC_CHANNEL_FIELD(name, key, unit, kind, exponent) \
  struct {                                                     \
    uint8_t head[4];                                           \
    char key_text[BIVOUAC_LENGTH(key)];                        \
    uint8_t unit_head[2];                                      \
    char unit_text[BIVOUAC_LENGTH(unit)];                      \
    uint8_t tail[6];                                           \
  } name;

#define BIVOUAC_CHANNEL(name, key, unit, kind, exponent)                                        \
  {{0x10, 10 + BIVOUAC_LENGTH(key) + BIVOUAC_LENGTH(unit), 0x01, BIVOUAC_LENGTH(key)}, key,     \
   {0x02, BIVOUAC_LENGTH(unit)}, unit, {0x03, 1, kind, 0x04, 1, (uint8_t)(exponent)}},

/* A channel of texts: key only. */
#define BIVOUAC_TEXT_FIELD(name, key)       \
  struct {                                  \
    uint8_t head[4];                        \
    char key_text[BIVOUAC_LENGTH(key)];     \
    uint8_t tail[3];                        \
  } name;

#define BIVOUAC_TEXT(name, key) \
  {{0x10, 5 + BIVOUAC_LENGTH(key), 0x01, BIVOUAC_LENGTH(key)}, key, {0x03, 1, 4}},

/* The largest value of an argument as the shortest zigzag: 0 to 63, and 64 to 8191. */
#define BIVOUAC_UP_TO_63(most) 2 * (most)
#define BIVOUAC_UP_TO_8191(most) ((2 * (most)) & 0x7F) | 0x80, (2 * (most)) >> 7
#define BIVOUAC_COUNT(...) sizeof((const uint8_t[]){__VA_ARGS__})

/* What a command's `flags` are made of: its effect is held by a lease, and: it does nothing but
 * light or sound, so that alarms may switch it (PROTOCOL.md section 3; `most` is then 1). */
#define BIVOUAC_LEASE 1
#define BIVOUAC_SIGNAL 2

/* A command with one integer argument from 0 to `most` (one of the two above). */
#define BIVOUAC_COMMAND_FIELD(name, text, op, argument, most, flags) \
  struct {                                                           \
    uint8_t head[4];                                                 \
    char name_text[BIVOUAC_LENGTH(text)];                            \
    uint8_t middle[7];                                               \
    char argument_text[BIVOUAC_LENGTH(argument)];                    \
    uint8_t tail[6 + BIVOUAC_COUNT(most)];                           \
  } name;

#define BIVOUAC_COMMAND(name, text, op, argument, most, flags)                                   \
  {{0x11, 15 + BIVOUAC_LENGTH(text) + BIVOUAC_LENGTH(argument) + BIVOUAC_COUNT(most), 0x01,      \
    BIVOUAC_LENGTH(text)},                                                                       \
   text, {0x02, 1, op, 0x03, 2 + BIVOUAC_LENGTH(argument), 0, 0}, argument,                      \
   {0x04, 1 + BIVOUAC_COUNT(most), 0, most, 0x05, 1, flags}},

#endif
