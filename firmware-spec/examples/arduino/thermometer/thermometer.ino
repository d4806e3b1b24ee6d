/*
 * A thermometer for Bivouac on an Arduino Uno or Mega: one DS18B20 on pin 2, read once a second.
 *
 * Put the files of firmware-spec/c/src and include into a library folder "Bivouac" (src/), and
 * install OneWire and DallasTemperature. Not compiled in the repository: see ../../README.md.
 *
 * The port is Arduino's own Serial, whose receive ring of 64 bytes holds the 48 that a host may
 * have outstanding. Do not print to Serial yourself: use bivouac_text and bivouac_log.
 */
#include <DallasTemperature.h>
#include <OneWire.h>
#include <avr/eeprom.h>

#include "board.h"

static OneWire wire(2);
static DallasTemperature sensors(&wire);
static uint32_t lastReadingMs;

/* An open pin's noise: the nonce must differ from boot to boot. */
static uint32_t nonce() {
  uint32_t hash = 2166136261UL;
  for (int i = 0; i < 128; i++) hash = (hash ^ analogRead(A0)) * 16777619UL;
  return hash ^ micros();
}

static const uint8_t *deviceAddress() {
  static DeviceAddress address;
  static bool isKnown;
  if (!isKnown) isKnown = sensors.getAddress(address, 0);
  return address;
}

void setup() {
  Serial.begin(115200);
  sensors.begin();
  sensors.setWaitForConversion(false);
  sensors.requestTemperatures();
  bivouac_start(&bivouac_board_only, &bivouac_config_only, millis(), nonce());
}

void loop() {
  bivouac_poll(&bivouac_board_only, millis());
  if (millis() - lastReadingMs < 1000) return;
  lastReadingMs = millis();
  /* In 1/128 of a degree; the descriptor says hundredths. */
  int32_t raw = sensors.getTemp(deviceAddress());
  sensors.requestTemperatures();
  if (raw == DEVICE_DISCONNECTED_RAW) {
    bivouac_log(&bivouac_board_only, 4, "DS18B20 does not answer");
    return;
  }
  int32_t hundredths = raw * 100 / 128;
  bivouac_push(&bivouac_board_only, 0, hundredths, millis());
}

extern "C" int16_t bivouac_port_receive(struct bivouac_board *) { return Serial.read(); }

extern "C" bivouac_size bivouac_port_transmit(
    struct bivouac_board *, const uint8_t *bytes, bivouac_size count) {
  int room = Serial.availableForWrite();
  if (room < count) count = room;
  return Serial.write(bytes, count);
}

static uint8_t *slotAt(uint8_t slot) {
  return (uint8_t *)(E2END + 1 - 2 * BIVOUAC_RECORD_BYTES + slot * BIVOUAC_RECORD_BYTES);
}

extern "C" bool bivouac_port_load(struct bivouac_board *, uint8_t slot, uint8_t *record) {
  eeprom_read_block(record, slotAt(slot), BIVOUAC_RECORD_BYTES);
  return true;
}

extern "C" void bivouac_port_store(struct bivouac_board *, uint8_t slot, const uint8_t *record) {
  eeprom_update_block(record, slotAt(slot), BIVOUAC_RECORD_BYTES);
}
