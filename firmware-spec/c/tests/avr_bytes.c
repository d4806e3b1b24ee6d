/* Runs tests/avr/bytes.c on an emulated ATmega2560, and says what it found. */
#include <sim_avr.h>
#include <sim_elf.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where GPIOR0 and GPIOR1 are, and how long the board may take: 20 s. */
enum { DONE_AT = 0x3E, FAILURES_AT = 0x4A, DONE = 0xA5, HERTZ = 16000000 };
static const avr_cycle_count_t enough = 20 * (avr_cycle_count_t)HERTZ;

int main(int count, char **arguments) {
  elf_firmware_t firmware;
  memset(&firmware, 0, sizeof firmware);
  if (count != 2 || elf_read_firmware(arguments[1], &firmware) != 0) return 2;
  avr_t *avr = avr_make_mcu_by_name("atmega2560");
  if (avr == NULL) return 2;
  avr_init(avr);
  avr->log = LOG_ERROR;
  avr_load_firmware(avr, &firmware);
  avr->frequency = HERTZ;
  int state = cpu_Running;
  while (state != cpu_Done && state != cpu_Crashed && avr->cycle < enough) {
    state = avr_run(avr);
  }
  bool is_done = avr->data[DONE_AT] == DONE;
  int failures = avr->data[FAILURES_AT];
  printf("byte loops on AVR: %s, %d failed\n", is_done ? "all run" : "NOT ALL RUN", failures);
  return is_done && failures == 0 ? 0 : 1;
}
