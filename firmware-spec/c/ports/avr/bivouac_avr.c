#include "bivouac_avr.h"

#include <avr/interrupt.h>

struct bivouac_board bivouac_board_only;
volatile uint8_t bivouac_avr_overruns;

/* Written at `put` by the interrupt, read at `got` by the loop; equal when empty. */
static volatile uint8_t ring[BIVOUAC_AVR_RECEIVE_RING];
static volatile uint8_t put, got;

static inline uint8_t after(uint8_t index) {
  return index + 1 == BIVOUAC_AVR_RECEIVE_RING ? 0 : (uint8_t)(index + 1);
}

void bivouac_avr_open(uint16_t divisor) {
  UBRR0 = divisor;
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

ISR(USART0_RX_vect) {
  uint8_t byte = UDR0;
  uint8_t index = put;
  ring[index] = byte;
  index = after(index);
  if (index != got) {
    put = index;
  } else {
    bivouac_avr_overruns++;
  }
}

/* Enabled only while a byte is left, by `bivouac_port_transmit`. */
ISR(USART0_UDRE_vect) {
  uint8_t taken = bivouac_board_only.tx_taken;
  UDR0 = bivouac_board_only.tx[taken++];
  bivouac_board_only.tx_taken = taken;
  if (taken == bivouac_board_only.tx_count) UCSR0B &= (uint8_t)~_BV(UDRIE0);
}

BIVOUAC_PORT_FUNCTION int16_t bivouac_port_receive(struct bivouac_board *board) {
  (void)board;
  uint8_t index = got;
  if (index == put) return -1;
  uint8_t byte = ring[index];
  got = after(index);
  return byte;
}

BIVOUAC_PORT_FUNCTION bivouac_size bivouac_port_transmit(
    struct bivouac_board *board, const uint8_t *bytes, bivouac_size count) {
  (void)board;
  (void)bytes;
  (void)count;
  /* Not one instruction on all AVRs: UCSR0B may lie beyond the reach of sbi. */
  uint8_t status = SREG;
  cli();
  if (bivouac_board_only.tx_taken != bivouac_board_only.tx_count) UCSR0B |= _BV(UDRIE0);
  SREG = status;
  return 0;
}

static uint8_t *slot_at(uint8_t slot) {
  return (uint8_t *)(uintptr_t)(BIVOUAC_AVR_EEPROM + (slot != 0 ? BIVOUAC_RECORD_BYTES : 0));
}

BIVOUAC_PORT_FUNCTION bool bivouac_port_load(
    struct bivouac_board *board, uint8_t slot, uint8_t record[BIVOUAC_RECORD_BYTES]) {
  (void)board;
  eeprom_read_block(record, slot_at(slot), BIVOUAC_RECORD_BYTES);
  return true;
}

BIVOUAC_PORT_FUNCTION void bivouac_port_store(
    struct bivouac_board *board, uint8_t slot, const uint8_t record[BIVOUAC_RECORD_BYTES]) {
  (void)board;
  /* Bytes that already hold their value are not worn: 68 ms at most. */
  eeprom_update_block(record, slot_at(slot), BIVOUAC_RECORD_BYTES);
}
