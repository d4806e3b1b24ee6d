#include "bivouac_avr.h"

#include <avr/interrupt.h>

struct bivouac_board bivouac_board_only;
volatile uint8_t bivouac_avr_overruns;

/* Written at `put` by the interrupt, read at `got` by the loop, downwards; equal when empty. */
static volatile uint8_t ring[BIVOUAC_AVR_RECEIVE_RING];
static volatile uint8_t put, got;

/* What UCSR0B holds, but for the interrupt that sends. */
enum { RECEIVING = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0) };

void bivouac_avr_open(uint16_t divisor) {
  UBRR0 = divisor;
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = RECEIVING;
}

/*
 * The interrupts are written by hand, for the compiler would save registers that they do not use.
 * Each begins with BIVOUAC_AVR_ENTER and ends here.
 */
__attribute__((naked, used)) void bivouac_avr_leave(void) {
  __asm__(
      "pop r24 \n"
      "out __SREG__, r24 \n"
      "pop r31 \n"
      "pop r30 \n"
      "pop r24 \n"
      "reti");
}

/* ring[put] = UDR0, and on to the next place, unless that is the one to be read. */
ISR(USART0_RX_vect, ISR_NAKED) {
  __asm__(
      BIVOUAC_AVR_ENTER
      "lds r30, %[put] \n"
      "ldi r31, 0 \n"
      "subi r30, lo8(-(%[ring])) \n"
      "sbci r31, hi8(-(%[ring])) \n"
      "lds r24, %[data] \n"
      "st Z, r24 \n"
      "lds r24, %[put] \n"
      "subi r24, 1 \n"
      "brcc 1f \n"
      "ldi r24, %[last] \n"
      "1: lds r30, %[got] \n"
      "cp r24, r30 \n"
      "breq 2f \n"
      "sts %[put], r24 \n"
      "%~jmp bivouac_avr_leave \n"
      "2: lds r24, bivouac_avr_overruns \n"
      "inc r24 \n"
      "sts bivouac_avr_overruns, r24 \n"
      "%~jmp bivouac_avr_leave"
      :
      : [put] "i"(&put), [got] "i"(&got), [ring] "i"(ring), [data] "i"(&UDR0),
        [last] "M"(BIVOUAC_AVR_RECEIVE_RING - 1));
}

/*
 * UDR0 = tx[tx_taken++], the last time when that is `tx_count`. Enabled only while a byte is left,
 * by `bivouac_port_transmit`.
 */
ISR(USART0_UDRE_vect, ISR_NAKED) {
  __asm__(
      BIVOUAC_AVR_ENTER
      "lds r30, %[taken] \n"
      "ldi r31, 0 \n"
      "subi r30, lo8(-(%[tx])) \n"
      "sbci r31, hi8(-(%[tx])) \n"
      "ld r24, Z \n"
      "sts %[data], r24 \n"
      "lds r24, %[taken] \n"
      "inc r24 \n"
      "sts %[taken], r24 \n"
      "lds r30, %[count] \n"
      "cp r24, r30 \n"
      "brne 1f \n"
      "ldi r24, %[receiving] \n"
      "sts %[control], r24 \n"
      "1: %~jmp bivouac_avr_leave"
      :
      : [taken] "i"(&bivouac_board_only.tx_taken), [count] "i"(&bivouac_board_only.tx_count),
        [tx] "i"(bivouac_board_only.tx), [data] "i"(&UDR0), [control] "i"(&UCSR0B),
        [receiving] "M"(RECEIVING));
}

BIVOUAC_PORT_FUNCTION int16_t bivouac_port_receive(struct bivouac_board *board) {
  (void)board;
  uint8_t index = got;
  if (index == put) return -1;
  uint8_t byte = ring[index];
  got = index == 0 ? BIVOUAC_AVR_RECEIVE_RING - 1 : (uint8_t)(index - 1);
  return byte;
}

BIVOUAC_PORT_FUNCTION bivouac_size bivouac_port_transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count) {
  (void)board;
  (void)bytes;
  (void)count;
  /* The interrupt may just be taking the last byte. */
  uint8_t status = SREG;
  cli();
  if (bivouac_board_only.tx_taken != bivouac_board_only.tx_count) UCSR0B = RECEIVING | _BV(UDRIE0);
  SREG = status;
  return 0;
}

/* Both ways in one loop, in less flash than the two functions of avr-libc. */
static void transfer(uint8_t slot, uint8_t *record, bool is_store) {
  uint16_t address = BIVOUAC_AVR_EEPROM;
  uint8_t left = BIVOUAC_RECORD_BYTES;
  if (slot != 0) address += BIVOUAC_RECORD_BYTES;
  do {
    eeprom_busy_wait();
    EEAR = address++;
    EECR = _BV(EERE);
    if (!is_store) {
      *record = EEDR;
    } else if (EEDR != *record) {
      /* A byte that already holds its value is not worn. Four cycles lie between the two bits. */
      uint8_t status = SREG;
      EEDR = *record;
      cli();
      EECR |= _BV(EEMPE);
      EECR |= _BV(EEPE);
      SREG = status;
    }
    record++;
  } while (--left > 0);
}

BIVOUAC_PORT_FUNCTION bool bivouac_port_load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  (void)board;
  transfer(slot, record, false);
  return true;
}

/* 68 ms at most. */
BIVOUAC_PORT_FUNCTION void bivouac_port_store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  (void)board;
  transfer(slot, (uint8_t *)(uintptr_t)record, true);
}
