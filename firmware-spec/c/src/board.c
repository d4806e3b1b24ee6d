#include "bivouac_board.h"
