#include "CToml.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

struct ctoml_document {
  toml::table table;
};

namespace {

const toml::node *unwrap(const ctoml_node *node) {
  return reinterpret_cast<const toml::node *>(node);
}

const ctoml_node *wrap(const toml::node *node) {
  return reinterpret_cast<const ctoml_node *>(node);
}

void describe(struct ctoml_error *error, uint32_t line, uint32_t column, const char *message) {
  error->line = line;
  error->column = column;
  std::snprintf(error->message, sizeof error->message, "%s", message);
}

struct Child {
  std::string_view key;
  toml::source_position place;
  const toml::node *node;
};

}  // namespace

extern "C" {

ctoml_document *ctoml_parse(const char *text, size_t length, struct ctoml_error *error) {
  try {
    return new ctoml_document{toml::parse(std::string_view(text, length))};
  } catch (const toml::parse_error &failure) {
    const auto &place = failure.source().begin;
    describe(error, place.line, place.column, failure.what());
  } catch (const std::exception &failure) {
    describe(error, 0, 0, failure.what());
  } catch (...) {
    describe(error, 0, 0, "the text cannot be parsed");
  }
  return nullptr;
}

void ctoml_free(ctoml_document *document) { delete document; }

const ctoml_node *ctoml_root(const ctoml_document *document) { return wrap(&document->table); }

int ctoml_kind(const ctoml_node *node) {
  switch (unwrap(node)->type()) {
    case toml::node_type::table: return CTOML_TABLE;
    case toml::node_type::array: return CTOML_ARRAY;
    case toml::node_type::string: return CTOML_STRING;
    case toml::node_type::integer: return CTOML_INTEGER;
    case toml::node_type::floating_point: return CTOML_FLOAT;
    case toml::node_type::boolean: return CTOML_BOOLEAN;
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return CTOML_TIME;
    default: return CTOML_NONE;
  }
}

uint32_t ctoml_line(const ctoml_node *node) { return unwrap(node)->source().begin.line; }

void ctoml_visit(const ctoml_node *node, ctoml_visitor visitor, void *closure) {
  if (const toml::array *array = unwrap(node)->as_array()) {
    for (const toml::node &child : *array) {
      visitor(closure, "", 0, child.source().begin.line, wrap(&child));
    }
    return;
  }
  const toml::table *table = unwrap(node)->as_table();
  if (!table) return;
  try {
    std::vector<Child> children;
    for (auto &&[key, child] : *table) {
      children.push_back({key.str(), key.source().begin, &child});
    }
    // toml++ keeps keys sorted by name; a person reads complaints in the order of the file.
    std::sort(children.begin(), children.end(), [](const Child &a, const Child &b) {
      return a.place < b.place;
    });
    for (const Child &child : children) {
      visitor(closure, child.key.data(), child.key.size(), child.place.line, wrap(child.node));
    }
  } catch (const std::bad_alloc &) {
    std::terminate();  // out of memory, like everywhere else in this process
  }
}

const char *ctoml_string(const ctoml_node *node, size_t *length) {
  const auto *value = unwrap(node)->as_string();
  if (!value) {
    *length = 0;
    return nullptr;
  }
  *length = value->get().size();
  return value->get().data();
}

int64_t ctoml_integer(const ctoml_node *node) {
  const auto *value = unwrap(node)->as_integer();
  return value ? value->get() : 0;
}

double ctoml_float(const ctoml_node *node) {
  const auto *value = unwrap(node)->as_floating_point();
  return value ? value->get() : 0;
}

bool ctoml_boolean(const ctoml_node *node) {
  const auto *value = unwrap(node)->as_boolean();
  return value ? value->get() : false;
}

}  // extern "C"
