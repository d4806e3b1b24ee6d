/*
 * The AVR port: UART0 by interrupts, the identity record in EEPROM, milliseconds from timer 0.
 * Made for the ATmega2560 and its relatives with a USART0; one board a chip.
 *
 * The receive ring holds more than the 48 bytes that the host may have outstanding, so a loop may
 * take its time. A frame is sent straight out of the board's own transmit buffer.
 */
#ifndef BIVOUAC_AVR_H
#define BIVOUAC_AVR_H

#include <avr/eeprom.h>
#include <avr/io.h>

#include "bivouac_board.h"

/* Bytes of the receive ring; one is never used. At least BIVOUAC_WINDOW + 1. */
#ifndef BIVOUAC_AVR_RECEIVE_RING
#define BIVOUAC_AVR_RECEIVE_RING 56
#endif

/* Where the two identity slots (40 bytes) stand: the end of the EEPROM, out of the way. */
#ifndef BIVOUAC_AVR_EEPROM
#define BIVOUAC_AVR_EEPROM (E2END + 1 - 2 * BIVOUAC_RECORD_BYTES)
#endif

/* Received bytes dropped because the ring was full; wraps at 256. */
extern volatile uint8_t bivouac_avr_overruns;

/* The divisor of a baud rate at double speed, nearest to it. */
#define BIVOUAC_AVR_BAUD(baud) ((uint16_t)((F_CPU / 4 / (baud) - 1) / 2))

/* Starts UART0, 8N1, double speed; interrupts are left as they are. */
void bivouac_avr_open(uint16_t divisor);

/* Starts timer 0 at 1 kHz. Leave it out where a core has a `millis()` of its own. */
void bivouac_avr_start_clock(void);
/* Milliseconds since then, modulo 2^32. */
uint32_t bivouac_avr_ticks(void);

/*
 * A nonce: the noise of an open ADC pin and what RAM held at power-up, hashed. Takes 10 ms; call it
 * once at start, before the ADC is used for anything else.
 */
uint32_t bivouac_avr_nonce(uint8_t open_pin);

/* Fills the RAM above the variables with a pattern, to see later how deep the stack has been. */
#define BIVOUAC_AVR_PAINT 0xC5
/* Bytes above the variables that still hold the pattern. */
uint16_t bivouac_avr_stack_left(void);

#endif
