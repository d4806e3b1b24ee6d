#define _GNU_SOURCE
#include "../ports/posix/bivouac_posix.h"
#include "harness.h"

#include <stdlib.h>
#include <unistd.h>

static void identity_file(void) {
  SENTENCE("the POSIX port keeps both identity slots in a file, and knows when there is none");
  char folder[] = "bivouac-XXXXXX", path[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/identity", folder);
  struct bivouac_posix port = {-1, path, false};
  struct bivouac_config config = {.context = &port};
  struct bivouac_board board = {.config = &config};
  uint8_t record[BIVOUAC_RECORD_BYTES], back[BIVOUAC_RECORD_BYTES];
  CHECK(!bivouac_posix_load(&board, 0, back));
  fixture_record(record, 0xA1, 7);
  bivouac_posix_store(&board, 1, record);
  CHECK(bivouac_posix_load(&board, 1, back) && memcmp(record, back, sizeof back) == 0);
  CHECK(bivouac_posix_load(&board, 0, back) && back[0] == 0);
  unlink(path);
  rmdir(folder);
}

static void pty(void) {
  SENTENCE("bytes pass a pty both ways, untouched");
  char path[64];
  struct bivouac_posix port = {bivouac_posix_open_pty(path, sizeof path), "", false};
  struct bivouac_config config = {.context = &port};
  struct bivouac_board board = {.config = &config};
  CHECK(port.line >= 0);
  FILE *host = fopen(path, "r+b");
  CHECK(host != NULL && bivouac_posix_receive(&board) == -1 && !port.is_hung_up);
  const uint8_t bytes[] = {0x00, 0x03, 0x0D, 0x0A, 0x11, 0xFF};
  uint8_t heard[sizeof bytes];
  CHECK(bivouac_posix_transmit(&board, bytes, sizeof bytes) == sizeof bytes);
  CHECK(fread(heard, 1, sizeof heard, host) == sizeof heard);
  CHECK(memcmp(bytes, heard, sizeof heard) == 0);
  CHECK(fwrite(bytes, 1, sizeof bytes, host) == sizeof bytes && fflush(host) == 0);
  for (size_t at = 0; at < sizeof bytes; at++) {
    bivouac_posix_wait(&port, 1000);
    CHECK(bivouac_posix_receive(&board) == bytes[at]);
  }
  fclose(host);
  close(port.line);
}

void posix_tests(void) {
  identity_file();
  pty();
}
