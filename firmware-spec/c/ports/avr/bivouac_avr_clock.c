/* Milliseconds from timer 0, for firmware without an Arduino core's `millis()`. */
#include <avr/interrupt.h>

#include "bivouac_avr.h"

/* Where the count starts; a test starts it shortly before it wraps. */
#ifndef BIVOUAC_AVR_FIRST_TICKS
#define BIVOUAC_AVR_FIRST_TICKS 0
#endif

static volatile uint32_t milliseconds = BIVOUAC_AVR_FIRST_TICKS;

/* Exact where F_CPU / 64000 is whole: at 8 and 16 MHz it is. */
void bivouac_avr_start_clock(void) {
  TCCR0A = _BV(WGM01);
  TCCR0B = _BV(CS01) | _BV(CS00);
  OCR0A = (uint8_t)(F_CPU / 64 / 1000 - 1);
  TIMSK0 = _BV(OCIE0A);
}

ISR(TIMER0_COMPA_vect) { milliseconds++; }

uint32_t bivouac_avr_ticks(void) {
  uint8_t status = SREG;
  cli();
  uint32_t now = milliseconds;
  SREG = status;
  return now;
}
