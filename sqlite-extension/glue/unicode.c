// In the place of 25 KB of tables of Unicode. Embedded Swift looks them up where it compares strings
// with characters beyond U+02FF, to tell composed letters from decomposed ones. What is compared
// here are keys of channels, which are ASCII: every character stands for itself.
#include <stdint.h>

const uint8_t _swift_stdlib_nfd_decompositions[1] = {0};

// No combining class, and composed already.
uint16_t _swift_stdlib_getNormData(uint32_t scalar) {
  (void)scalar;
  return 0;
}

// None.
uint32_t _swift_stdlib_getDecompositionEntry(uint32_t scalar) {
  (void)scalar;
  return UINT32_MAX;
}

// None.
uint32_t _swift_stdlib_getComposition(uint32_t first, uint32_t second) {
  (void)first, (void)second;
  return UINT32_MAX;
}
