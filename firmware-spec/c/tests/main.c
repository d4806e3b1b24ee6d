/* Runs the board library's tests on the host; the vectors are a program of their own. */
#include "harness.h"

int main(void) {
  printf("board library, %s\n", BIVOUAC_WIDE ? "wide" : "as on AVR");
  frame_tests();
  identity_tests();
  session_tests();
  command_tests();
  ring_tests();
#if BIVOUAC_WIDE
  samples_tests();
  posix_tests();
#endif
  printf("%d checks, %d failed\n", checks_done, checks_failed);
  return checks_failed == 0 ? 0 : 1;
}
