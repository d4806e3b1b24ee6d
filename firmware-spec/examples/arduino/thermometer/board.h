/* The thermometer's board, in C: a sketch is C++, which has no descriptor macros. */
#ifndef BOARD_H
#define BOARD_H

#include "bivouac_board.h"

#if !defined(__AVR__)
#error "this sketch is for AVR boards; see ../../esp-idf for another kind"
#endif

#endif
