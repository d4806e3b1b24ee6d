// The loadable extension: an eponymous virtual table `readings` over hot rows and blocks. What is
// decoded, and how, is in Swift; here is only what SQLite wants to see of a module.
#include "glue.h"

SQLITE_EXTENSION_INIT1

enum { DEVICE = 0, CHANNEL = 1, TIME = 7 };
// What the index number says of the arguments, in their order; the first two are 1 << column.
// OPEN_FROM and OPEN_TO: the bound itself lies outside.
enum { FROM = 4, TO = 8, SAME = 16, OPEN_FROM = 32, OPEN_TO = 64 };

// Of all connections of the process: what bivouac_blocks_decoded() tells.
static _Atomic int64_t blocks_decoded;

typedef struct {
  sqlite3_vtab base;
  sqlite3 *database;
} Table;

typedef struct {
  sqlite3_vtab_cursor base;
  void *readings;
} Cursor;

static int connect_table(
    sqlite3 *database, void *data, int count, const char *const *words, sqlite3_vtab **result,
    char **error) {
  (void)data, (void)count, (void)words, (void)error;
  int code = sqlite3_declare_vtab(
      database,
      "CREATE TABLE readings(device TEXT, channel TEXT, unit TEXT, kind TEXT, value, text TEXT,"
      " utc_us INTEGER, time INTEGER, epoch INTEGER, seq INTEGER, clock_epoch TEXT)");
  if (code != SQLITE_OK) return code;
  Table *table = sqlite3_malloc(sizeof *table);
  if (!table) return SQLITE_NOMEM;
  *table = (Table){.database = database};
  *result = &table->base;
  return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table) {
  sqlite3_free(table);
  return SQLITE_OK;
}

// The bounds that a comparison of `time` sets: FROM, TO or both, and whether they are open.
static int bounds_of(unsigned char op) {
  switch (op) {
  case SQLITE_INDEX_CONSTRAINT_EQ: return FROM | TO;
  case SQLITE_INDEX_CONSTRAINT_GT: return FROM | OPEN_FROM;
  case SQLITE_INDEX_CONSTRAINT_GE: return FROM;
  case SQLITE_INDEX_CONSTRAINT_LT: return TO | OPEN_TO;
  case SQLITE_INDEX_CONSTRAINT_LE: return TO;
  default: return 0;
  }
}

// `device =`, `channel =` and comparisons of `time` choose the blocks to read; SQLite checks all of
// them again by itself.
static int best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
  (void)table;
  int wanted[2] = {-1, -1};
  int time[2] = {-1, -1};
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
    if (constraint->usable && constraint->op == SQLITE_INDEX_CONSTRAINT_EQ &&
        (constraint->iColumn == DEVICE || constraint->iColumn == CHANNEL)) {
      wanted[constraint->iColumn] = i;
    }
    if (!constraint->usable || constraint->iColumn != TIME) continue;
    int bounds = bounds_of(constraint->op);
    if (!bounds) continue;
    // One constraint is one argument: an equality stands for both bounds where none is there.
    if (bounds == (FROM | TO)) time[0] = time[1] = i;
    else if (time[0] < 0 || time[0] != time[1]) time[(bounds & TO) != 0] = i;
  }
  int arguments = 0;
  double cost = 1e9;
  for (int column = DEVICE; column <= CHANNEL; column++) {
    if (wanted[column] < 0) continue;
    info->aConstraintUsage[wanted[column]].argvIndex = ++arguments;
    info->idxNum |= 1 << column;
    cost /= 10;
  }
  if (time[0] >= 0) {
    info->aConstraintUsage[time[0]].argvIndex = ++arguments;
    info->idxNum |= bounds_of(info->aConstraint[time[0]].op) & (FROM | OPEN_FROM);
    cost /= 4;
  }
  if (time[1] >= 0) {
    if (time[1] != time[0]) info->aConstraintUsage[time[1]].argvIndex = ++arguments;
    info->idxNum |= bounds_of(info->aConstraint[time[1]].op) & (TO | OPEN_TO);
    cost /= 4;
  }
  if (time[0] >= 0 && time[0] == time[1]) info->idxNum |= SAME;
  // What EXPLAIN QUERY PLAN shows behind the number.
  info->idxStr = sqlite3_mprintf(
      "%s%s%s%s", info->idxNum & 1 << DEVICE ? "device " : "",
      info->idxNum & 1 << CHANNEL ? "channel " : "", info->idxNum & FROM ? "time from " : "",
      info->idxNum & TO ? "time to" : "");
  if (!info->idxStr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->estimatedCost = cost;
  info->estimatedRows = (sqlite3_int64)cost;
  return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **result) {
  Cursor *cursor = sqlite3_malloc(sizeof *cursor);
  if (!cursor) return SQLITE_NOMEM;
  *cursor = (Cursor){.readings = bivouac_open(((Table *)table)->database)};
  *result = &cursor->base;
  return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor) {
  bivouac_close(((Cursor *)cursor)->readings);
  sqlite3_free(cursor);
  return SQLITE_OK;
}

// Hands on what Swift says went wrong.
static int result_of(sqlite3_vtab_cursor *cursor, int code) {
  if (code == SQLITE_OK) return SQLITE_OK;
  uint8_t text[256];
  int count = bivouac_message(((Cursor *)cursor)->readings, text, sizeof text);
  sqlite3_free(cursor->pVtab->zErrMsg);
  cursor->pVtab->zErrMsg = sqlite3_mprintf("%.*s", count, text);
  return code;
}

static int filter(
    sqlite3_vtab_cursor *cursor, int index, const char *name, int count, sqlite3_value **values) {
  (void)name;
  const uint8_t *texts[2] = {0, 0};
  int counts[2] = {0, 0};
  int argument = 0;
  for (int column = DEVICE; column <= CHANNEL; column++) {
    if (!(index & 1 << column) || argument >= count) continue;
    texts[column] = sqlite3_value_text(values[argument]);
    counts[column] = sqlite3_value_bytes(values[argument]);
    // NULL equals nothing: a name that no series has.
    if (!texts[column]) texts[column] = (const uint8_t *)"";
    argument++;
  }
  // Something else than a whole number is no bound: SQLite compares it by its own rules.
  int64_t from = INT64_MIN, to = INT64_MAX;
  if (index & FROM && argument < count) {
    if (sqlite3_value_type(values[argument]) == SQLITE_INTEGER) {
      from = sqlite3_value_int64(values[argument]);
      if (index & OPEN_FROM && from < INT64_MAX) from++;
    }
    if (!(index & SAME)) argument++;
  }
  if (index & TO && argument < count &&
      sqlite3_value_type(values[argument]) == SQLITE_INTEGER) {
    to = sqlite3_value_int64(values[argument]);
    if (index & OPEN_TO && to > INT64_MIN) to--;
  }
  int code = bivouac_filter(
      ((Cursor *)cursor)->readings, texts[DEVICE], counts[DEVICE], texts[CHANNEL],
      counts[CHANNEL], from, to);
  return result_of(cursor, code);
}

static int next(sqlite3_vtab_cursor *cursor) {
  return result_of(cursor, bivouac_next(((Cursor *)cursor)->readings));
}

static int eof(sqlite3_vtab_cursor *cursor) { return bivouac_eof(((Cursor *)cursor)->readings); }

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column) {
  bivouac_column(((Cursor *)cursor)->readings, context, column);
  return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row) {
  *row = bivouac_rowid(((Cursor *)cursor)->readings);
  return SQLITE_OK;
}

static const sqlite3_module readings = {
    .iVersion = 1,
    .xConnect = connect_table,
    .xBestIndex = best_index,
    .xDisconnect = disconnect_table,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = rowid,
};

void bivouac_count_block(void) { blocks_decoded++; }

static void tell_blocks_decoded(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count, (void)values;
  sqlite3_result_int64(context, blocks_decoded);
}

__attribute__((visibility("default"))) int sqlite3_bivouac_init(
    sqlite3 *database, char **error, const sqlite3_api_routines *api) {
  (void)error;
  SQLITE_EXTENSION_INIT2(api);
  int code = sqlite3_create_function(
      database, "bivouac_blocks_decoded", 0, SQLITE_UTF8, 0, tell_blocks_decoded, 0, 0);
  if (code != SQLITE_OK) return code;
  return sqlite3_create_module(database, "readings", &readings, 0);
}
