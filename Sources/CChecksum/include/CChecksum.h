// CRC-32C by the processor's own instruction, which Swift has no name for.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has one.
int cchecksum_has_crc32c(void);

/// Goes on from a checksum (0 at the start) over more bytes; only where there is such an instruction.
uint32_t cchecksum_crc32c(uint32_t checksum, const uint8_t *_Nullable bytes, size_t count);
