/* What a firmware may use besides: a nonce, and how deep the stack has been. */
#include "bivouac_avr.h"

extern uint8_t _end;

uint32_t bivouac_avr_nonce(uint8_t open_pin) {
  uint32_t hash = 0x811C9DC5UL;
  /* Above the stack's foot RAM still holds what it woke up with, unlike from chip to chip. */
  const uint8_t *ram = (const uint8_t *)(uintptr_t)(RAMEND - 1024);
  for (uint16_t at = 0; at < 512; at++) hash = (hash ^ ram[at]) * 0x01000193UL;
  ADCSRA = _BV(ADEN) | _BV(ADPS2) | _BV(ADPS1);
#ifdef MUX5
  ADCSRB = open_pin > 7 ? _BV(MUX5) : 0;
#endif
  ADMUX = _BV(REFS0) | (open_pin & 7);
  for (uint8_t conversion = 0; conversion < 128; conversion++) {
    ADCSRA |= _BV(ADSC);
    while ((ADCSRA & _BV(ADSC)) != 0) continue;
    hash = (hash ^ ADCL) * 0x01000193UL;
    hash ^= ADCH;
  }
  return hash;
}

#ifdef BIVOUAC_AVR_PAINT_STACK
/* Runs before `main` and before the variables are set, without a stack frame of its own. */
__attribute__((naked, used, section(".init3"))) void bivouac_avr_paint_stack(void) {
  __asm__ volatile(
      "ldi r30, lo8(_end)\n"
      "ldi r31, hi8(_end)\n"
      "ldi r24, %0\n"
      "ldi r25, hi8(%1)\n"
      "1: st Z+, r24\n"
      "cpi r30, lo8(%1)\n"
      "cpc r31, r25\n"
      "brlo 1b\n"
      "breq 1b\n"
      :
      : "M"(BIVOUAC_AVR_PAINT), "i"(RAMEND));
}
#endif

uint16_t bivouac_avr_stack_left(void) {
  const uint8_t *at = &_end;
  while (at <= (const uint8_t *)RAMEND && *at == BIVOUAC_AVR_PAINT) at++;
  return (uint16_t)(at - &_end);
}
