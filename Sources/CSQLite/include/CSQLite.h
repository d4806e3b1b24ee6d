#pragma once
#include <sqlite3.h>

// What Swift cannot import: function pointers that are casts of integers, and variadic functions.

/// Binds a copy of the bytes.
static inline int csqlite_bind_blob_copy(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 size) {
  // A null pointer would bind NULL: an empty blob still needs an address.
  return sqlite3_bind_blob64(statement, index, size ? bytes : "", size, SQLITE_TRANSIENT);
}

/// Binds a copy of UTF-8 text.
static inline int csqlite_bind_text_copy(
    sqlite3_stmt *statement, int index, const char *text, int size) {
  return sqlite3_bind_text(statement, index, text, size, SQLITE_TRANSIENT);
}
