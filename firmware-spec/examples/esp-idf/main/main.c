/*
 * Two analogue channels of an ESP32 for Bivouac, ten times a second, and a relay with a lease.
 * ESP-IDF 5. Not compiled in the repository: see ../../README.md.
 *
 * The link is UART0, which the boot loader and the log use too: the host takes their lines as text,
 * and the frames as frames.
 */
#include <string.h>

#include "bivouac_board.h"
#include "bivouac_descriptor.h"
#include "driver/gpio.h"
#include "driver/uart.h"
#include "esp_adc/adc_oneshot.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs.h"
#include "nvs_flash.h"

enum { LINE = UART_NUM_0, RELAY = GPIO_NUM_26, SLOTS = 4096, PERIOD_MS = 100, OP_RELAY = 1 };

#define CHANNELS(X)              \
  X(voltage_1, "a1", "V", 0, -3) \
  X(voltage_2, "a2", "V", 0, -3) \
  X(relay, "relay", "/", 1, 0)
#define COMMANDS(X) X(set_relay, "relay", OP_RELAY, "on", BIVOUAC_UP_TO_63(1), 1)

static const struct descriptor {
  BIVOUAC_MODEL_FIELD("ESP32 analogue", "1.0")
  CHANNELS(BIVOUAC_CHANNEL_FIELD)
  COMMANDS(BIVOUAC_COMMAND_FIELD)
} described = {
    BIVOUAC_MODEL("ESP32 analogue", "1.0"),
    CHANNELS(BIVOUAC_CHANNEL)
    COMMANDS(BIVOUAC_COMMAND)
};

static struct bivouac_slot ring[SLOTS];
static struct bivouac_board board;
static nvs_handle_t memory;
static int relay_is_on;

static uint32_t ticks(void) { return (uint32_t)(esp_timer_get_time() / 1000); }

static uint8_t descriptor(struct bivouac_board *board, uint16_t offset) {
  return ((const uint8_t *)&described)[offset];
}

static int16_t receive(struct bivouac_board *board) {
  uint8_t byte;
  return uart_read_bytes(LINE, &byte, 1, 0) == 1 ? byte : -1;
}

static bivouac_size transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count) {
  int taken = uart_tx_chars(LINE, (const char *)bytes, count);
  return taken > 0 ? (bivouac_size)taken : 0;
}

static const char *key_of(uint8_t slot) { return slot == 0 ? "slot0" : "slot1"; }

static bool load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  size_t count = BIVOUAC_RECORD_BYTES;
  return nvs_get_blob(memory, key_of(slot), record, &count) == ESP_OK &&
         count == BIVOUAC_RECORD_BYTES;
}

/* What goes wrong here is seen when the library reads the record back. */
static void store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  if (nvs_set_blob(memory, key_of(slot), record, BIVOUAC_RECORD_BYTES) == ESP_OK) {
    nvs_commit(memory);
  }
}

static void set_relay(int on) {
  relay_is_on = on;
  gpio_set_level(RELAY, on);
}

static enum bivouac_status on_command(
    struct bivouac_board *board, uint8_t op, struct bivouac_arguments *arguments,
    int32_t *value) {
  int32_t on;
  if (op != OP_RELAY) return BIVOUAC_UNKNOWN_OP;
  if (!bivouac_argument_integer(arguments, &on) || on < 0 || on > 1) return BIVOUAC_BAD_ARGUMENT;
  set_relay(on);
  *value = on;
  return BIVOUAC_DONE;
}

static void on_lease_lapsed(struct bivouac_board *board, uint8_t op) { set_relay(0); }

/* The ROM's loader listens after a reset with IO0 low, which is the host's to hold. */
static void on_reset_to_boot(struct bivouac_board *board) { esp_restart(); }

static struct bivouac_config config = {
    .ring = ring,
    .ring_slots = SLOTS,
    .batch_ms = 100,
    .sampling_rate = 30000,
    .descriptor_length = sizeof described,
    .descriptor = descriptor,
    .on_command = on_command,
    .on_lease_lapsed = on_lease_lapsed,
    .on_reset_to_boot = on_reset_to_boot,
    .receive = receive,
    .transmit = transmit,
    .load = load,
    .store = store,
};

static adc_oneshot_unit_handle_t start_hardware(void) {
  uart_config_t line = {
      .baud_rate = 115200, .data_bits = UART_DATA_8_BITS, .stop_bits = UART_STOP_BITS_1};
  ESP_ERROR_CHECK(uart_driver_install(LINE, 1024, 0, 0, NULL, 0));
  ESP_ERROR_CHECK(uart_param_config(LINE, &line));
  if (nvs_flash_init() != ESP_OK) {
    /* A new id is given then, so that no epoch is used twice. */
    ESP_ERROR_CHECK(nvs_flash_erase());
    ESP_ERROR_CHECK(nvs_flash_init());
  }
  ESP_ERROR_CHECK(nvs_open("bivouac", NVS_READWRITE, &memory));
  gpio_set_direction(RELAY, GPIO_MODE_OUTPUT);
  adc_oneshot_unit_handle_t adc;
  adc_oneshot_unit_init_cfg_t unit = {.unit_id = ADC_UNIT_1};
  adc_oneshot_chan_cfg_t channel = {.atten = ADC_ATTEN_DB_12, .bitwidth = ADC_BITWIDTH_DEFAULT};
  ESP_ERROR_CHECK(adc_oneshot_new_unit(&unit, &adc));
  ESP_ERROR_CHECK(adc_oneshot_config_channel(adc, ADC_CHANNEL_6, &channel));
  ESP_ERROR_CHECK(adc_oneshot_config_channel(adc, ADC_CHANNEL_7, &channel));
  return adc;
}

static int32_t millivolts(adc_oneshot_unit_handle_t adc, adc_channel_t channel) {
  int raw = 0;
  if (adc_oneshot_read(adc, channel, &raw) != ESP_OK) return -1;
  /* Uncalibrated: use adc_cali where a tenth of a volt matters. */
  return raw * 3300 / 4095;
}

void app_main(void) {
  adc_oneshot_unit_handle_t adc = start_hardware();
  esp_efuse_mac_get_default(config.hardware_hint);
  bivouac_start(&board, &config, ticks(), esp_random());
  uint32_t last = ticks();
  for (;;) {
    uint32_t now = ticks();
    bivouac_poll(&board, now);
    if (now - last >= PERIOD_MS) {
      last += PERIOD_MS;
      bivouac_push(&board, 0, millivolts(adc, ADC_CHANNEL_6), now);
      bivouac_push(&board, 1, millivolts(adc, ADC_CHANNEL_7), now);
      bivouac_push(&board, 2, relay_is_on, now);
    }
    vTaskDelay(1);
  }
}
