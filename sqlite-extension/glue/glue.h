#pragma once
// What the Swift side of the extension sees of SQLite, and what the C side sees of Swift. The calls
// of an extension go through a table of pointers that SQLite hands over: macros, which Swift does
// not import.
#include <sqlite3ext.h>
#include <stdint.h>

extern const sqlite3_api_routines *sqlite3_api;

static inline int glue_prepare(sqlite3 *database, const char *sql, sqlite3_stmt **statement) {
  return sqlite3_prepare_v2(database, sql, -1, statement, 0);
}
static inline int glue_step(sqlite3_stmt *statement) { return sqlite3_step(statement); }
static inline void glue_reset(sqlite3_stmt *statement) { sqlite3_reset(statement); }
static inline void glue_finalize(sqlite3_stmt *statement) { sqlite3_finalize(statement); }
static inline void glue_bind(sqlite3_stmt *statement, int index, int64_t value) {
  sqlite3_bind_int64(statement, index, value);
}
static inline int64_t glue_int64(sqlite3_stmt *statement, int column) {
  return sqlite3_column_int64(statement, column);
}
static inline const uint8_t *glue_bytes(sqlite3_stmt *statement, int column) {
  return sqlite3_column_blob(statement, column);
}
static inline int glue_count(sqlite3_stmt *statement, int column) {
  return sqlite3_column_bytes(statement, column);
}
static inline void glue_result_int64(sqlite3_context *context, int64_t value) {
  sqlite3_result_int64(context, value);
}
static inline void glue_result_double(sqlite3_context *context, double value) {
  sqlite3_result_double(context, value);
}
static inline void glue_result_text(sqlite3_context *context, const uint8_t *text, int count) {
  sqlite3_result_text(context, (const char *)text, count, SQLITE_TRANSIENT);
}

// Called for every block that is decoded.
void bivouac_count_block(void);

// The Swift side: Entry.swift.
void *bivouac_open(sqlite3 *database);
void bivouac_close(void *cursor);
int bivouac_filter(
    void *cursor, const uint8_t *device, int device_count, const uint8_t *channel,
    int channel_count, int64_t time_from, int64_t time_to);
int bivouac_next(void *cursor);
int bivouac_eof(void *cursor);
void bivouac_column(void *cursor, sqlite3_context *context, int column);
int64_t bivouac_rowid(void *cursor);
// What went wrong: UTF-8 that is valid until the next call.
int bivouac_message(void *cursor, uint8_t *text, int count_max);
