/*
 * The library and its port as one unit, in which the compiler sees every caller: 15 % less flash.
 * Compile this file instead of src and of bivouac_avr.c; never both.
 */
#define BIVOUAC_ONE_UNIT 1
#define BIVOUAC_PORT_FUNCTION static

#include "../../src/board.c"
#include "../../src/bytes.c"
#include "../../src/command.c"
#include "../../src/compose.c"
#include "../../src/frame.c"
#include "../../src/identity.c"
#include "../../src/messages.c"
#include "../../src/ring.c"
#include "../../src/samples.c"
#include "bivouac_avr.c"
