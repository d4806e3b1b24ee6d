#pragma once
// A small C face of toml++: text in, a read-only tree out. No exception leaves it.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A parsed document, owned by the caller until `ctoml_free`.
typedef struct ctoml_document ctoml_document;

/// A value inside a document, valid as long as the document.
typedef struct ctoml_node ctoml_node;

/// The kinds of value.
enum {
  CTOML_NONE = 0,
  CTOML_TABLE = 1,
  CTOML_ARRAY = 2,
  CTOML_STRING = 3,
  CTOML_INTEGER = 4,
  CTOML_FLOAT = 5,
  CTOML_BOOLEAN = 6,
  CTOML_TIME = 7
};

/// Why a text is not TOML; lines and columns count from 1, 0 where unknown.
struct ctoml_error {
  uint32_t line;
  uint32_t column;
  char message[256];
};

/// Parses UTF-8 text; NULL with `error` filled where it is not TOML.
ctoml_document *ctoml_parse(const char *text, size_t length, struct ctoml_error *error);

/// Frees a document and every node of it.
void ctoml_free(ctoml_document *document);

/// The top table.
const ctoml_node *ctoml_root(const ctoml_document *document);

/// One of the CTOML_ kinds.
int ctoml_kind(const ctoml_node *node);

/// The line a value starts at, from 1; 0 where unknown.
uint32_t ctoml_line(const ctoml_node *node);

/// Called for each child: of a table with its key, of an array with an empty key.
typedef void (*ctoml_visitor)(void *closure, const char *key, size_t key_length, uint32_t key_line,
                              const ctoml_node *child);

/// Visits the children of a table or an array; the keys of a table in the order of the text.
void ctoml_visit(const ctoml_node *node, ctoml_visitor visitor, void *closure);

/// The bytes of a string, not terminated; NULL for other kinds.
const char *ctoml_string(const ctoml_node *node, size_t *length);

/// The number of an integer; 0 for other kinds.
int64_t ctoml_integer(const ctoml_node *node);

/// The number of a float; 0 for other kinds.
double ctoml_float(const ctoml_node *node);

/// The truth of a boolean; false for other kinds.
bool ctoml_boolean(const ctoml_node *node);

#ifdef __cplusplus
}
#endif
