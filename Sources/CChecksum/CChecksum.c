#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>
#define WITH_CRC __attribute__((target("sse4.2")))
#define CRC_8(crc, word) ((uint32_t)_mm_crc32_u64((crc), (word)))
#define CRC_1(crc, byte) _mm_crc32_u8((crc), (byte))

int cchecksum_has_crc32c(void) {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_SSE4_2) != 0;
}

#elif defined(__aarch64__)
#include <sys/auxv.h>
#define HWCAP_CRC32_BIT (1 << 7)
#define WITH_CRC __attribute__((target("crc")))
#define CRC_8(crc, word) __builtin_arm_crc32cd((crc), (word))
#define CRC_1(crc, byte) __builtin_arm_crc32cb((crc), (byte))

int cchecksum_has_crc32c(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32_BIT) != 0; }

#else
#define WITH_CRC
#define CRC_8(crc, word) (crc)
#define CRC_1(crc, byte) (crc)

int cchecksum_has_crc32c(void) { return 0; }
#endif

WITH_CRC uint32_t cchecksum_crc32c(uint32_t checksum, const uint8_t *bytes, size_t count) {
  uint32_t crc = ~checksum;
  for (; count >= 8; count -= 8, bytes += 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    crc = CRC_8(crc, word);
  }
  for (; count > 0; count--, bytes++)
    crc = CRC_1(crc, *bytes);
  return ~crc;
}
