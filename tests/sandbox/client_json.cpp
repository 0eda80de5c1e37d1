#include "client_json.h"

#include <algorithm>

#include "go_json.h"
#include "go_text.h"
#include "go_time.h"
#include "jwk.h"

namespace sandbox {
namespace {

using go_json::Kind;

/// Reads one body into one client. Go goes on after a value of the wrong type and reports the first such at
/// the end; an error of a type with its own decoder (times, durations, keys) ends it at once.
class Decoder {
 public:
  Decoder(const Dialect& dialect, Client& client, std::string_view struct_name)
      : dialect_(dialect), client_(client), struct_name_(struct_name) {}

  tl::expected<void, std::string> run(std::string_view body) {
    const auto value = go_json::first_value(body);
    if (!value) return tl::unexpected(value.error());
    const Kind kind = go_json::kind_of(*value);
    if (kind == Kind::null) return {};
    if (kind != Kind::object) {
      return tl::unexpected("json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
                            " into Go value of type client.Client");
    }
    for (const auto& member : go_json::members(*value)) {
      const FieldRow* row = find(member.name);
      if (row == nullptr) continue;
      if (auto read_one = read(*row, member.value); !read_one) return read_one;
    }
    if (!type_fault_.empty()) return tl::unexpected(type_fault_);
    return {};
  }

 private:
  const FieldRow* find(std::string_view name) const {
    const auto& fields = all_fields();
    const auto row = std::find_if(fields.begin(), fields.end(), [&](const FieldRow& r) {
      return knows(dialect_, r) && go_json::names_field(name, r.name);
    });
    return row == fields.end() ? nullptr : &*row;
  }

  tl::expected<void, std::string> read(const FieldRow& row, std::string_view value) {
    Value& into = client_[row.field];
    const Kind kind = go_json::kind_of(value);
    if (row.type == FieldType::raw) {  // metadata keeps an explicit null
      into = std::string(value);
      return {};
    }
    if (kind == Kind::null) {
      if (row.type == FieldType::list) into = {};
      if (row.type == FieldType::key_set) set_keys({});
      return {};
    }
    switch (row.type) {
      case FieldType::text:
        read_text(row, kind, value, into);
        break;
      case FieldType::flag:
        if (kind == Kind::boolean) {
          into = value == "true";
        } else {
          mismatch(row, kind, value, "bool");
        }
        break;
      case FieldType::list:
        read_list(row, kind, value, into);
        break;
      case FieldType::number:
        read_number(row, kind, value, into);
        break;
      case FieldType::nullable_flag:
        if (kind != Kind::boolean) return wrong_inside(kind, "bool");
        into = value == "true";
        break;
      case FieldType::time: {
        if (kind != Kind::string)
          return tl::unexpected<std::string>("Time.UnmarshalJSON: input is not a JSON string");
        auto time = rfc3339_in_utc(go_json::unquote(value));
        if (!time) return tl::unexpected(time.error());
        into = std::move(*time);
        break;
      }
      case FieldType::duration: {
        if (kind != Kind::string) {
          return tl::unexpected("json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
                                " into Go struct field " + std::string(struct_name_) + "." +
                                std::string(row.name) + " of type string");
        }
        const auto nanoseconds = parse_duration(go_json::unquote(value));
        if (!nanoseconds) return tl::unexpected(nanoseconds.error());
        into = *nanoseconds;
        break;
      }
      case FieldType::key_set:
        return read_keys(row, kind, value);
      case FieldType::raw:
        break;
    }
    return {};
  }

  void read_text(const FieldRow& row, Kind kind, std::string_view value, Value& into) {
    if (kind != Kind::string) return mismatch(row, kind, value, "string");
    into = go_json::unquote(value);
  }

  void read_number(const FieldRow& row, Kind kind, std::string_view value, Value& into) {
    const auto number = kind == Kind::number ? parse_int(value) : std::nullopt;
    if (!number) return mismatch(row, kind, value, "int");
    into = *number;
  }

  /// Into the list that is there: a null leaves the element of a former duplicate key as it was.
  void read_list(const FieldRow& row, Kind kind, std::string_view value, Value& into) {
    if (kind != Kind::array) {
      return mismatch(
          row, kind, value,
          dialect_.lists == Lists::json ? "sqlxx.StringSliceJSONFormat" : "sqlxx.StringSlicePipeDelimiter");
    }
    std::vector<std::string> list = client_.list(row.field);
    const auto elements = go_json::elements(value);
    list.resize(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const Kind element = go_json::kind_of(elements[i]);
      if (element == Kind::string) {
        list[i] = go_json::unquote(elements[i]);
      } else if (element != Kind::null) {
        mismatch(row, element, elements[i], "string");
      }
    }
    into = std::move(list);
  }

  tl::expected<void, std::string> read_keys(const FieldRow& row, Kind kind, std::string_view value) {
    if (kind != Kind::object) {
      mismatch(row, kind, value, "x.JoseJSONWebKeySet");
      return {};
    }
    auto keys = read_key_set(value, dialect_);
    if (!keys) return tl::unexpected(keys.error());
    if (!keys->type_fault.empty() && type_fault_.empty()) type_fault_ = keys->type_fault;
    set_keys(std::move(*keys));
    return {};
  }

  void set_keys(KeySet keys) {
    client_.unreadable_keys = keys.unreadable;
    client_.invalid_keys = keys.invalid;
    client_.has_key_set = keys.present;
    if (keys.json.empty()) {
      client_[Field::jwks] = {};
    } else {
      client_[Field::jwks] = std::move(keys.json);
    }
  }

  void mismatch(const FieldRow& row, Kind kind, std::string_view value, std::string_view type) {
    if (!type_fault_.empty()) return;
    type_fault_ = "json: cannot unmarshal " + std::string(go_json::type_word(kind));
    if (kind == Kind::number && type == "int") type_fault_ += " " + std::string(value);
    type_fault_ += " into Go struct field Client." + std::string(row.name) + " of type " + std::string(type);
  }

  static tl::expected<void, std::string> wrong_inside(Kind kind, std::string_view type) {
    return tl::unexpected("json: cannot unmarshal " + std::string(go_json::type_word(kind)) +
                          " into Go value of type " + std::string(type));
  }

  const Dialect& dialect_;
  Client& client_;
  std::string_view struct_name_;
  std::string type_fault_;
};

bool is_empty(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  if (const auto* flag = std::get_if<bool>(&value)) return !*flag;
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return list->empty();
  return false;
}

void append_list(std::string& out, const Value& value) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) {
    out += "null";
    return;
  }
  out += '[';
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (i > 0) out += ',';
    go_json::append_quoted(out, (*list)[i]);
  }
  out += ']';
}

void append_value(std::string& out, FieldType type, const Value& value) {
  const bool absent = std::holds_alternative<std::monostate>(value);
  switch (type) {
    case FieldType::text:
      go_json::append_quoted(out, absent ? "" : std::get<std::string>(value));
      break;
    case FieldType::flag:
      out += !absent && std::get<bool>(value) ? "true" : "false";
      break;
    case FieldType::nullable_flag:
      out += absent ? "null" : std::get<bool>(value) ? "true" : "false";
      break;
    case FieldType::list:
      append_list(out, value);
      break;
    case FieldType::number:
      out += std::to_string(absent ? 0 : std::get<std::int64_t>(value));
      break;
    case FieldType::time:
      go_json::append_quoted(out, absent ? "0001-01-01T00:00:00Z" : std::get<std::string>(value));
      break;
    case FieldType::duration:
      if (absent) {
        out += "null";
      } else {
        go_json::append_quoted(out, format_duration(std::get<std::int64_t>(value)));
      }
      break;
    case FieldType::key_set:
    case FieldType::raw:
      go_json::append_compact(out, absent ? "null" : std::get<std::string>(value));
      break;
  }
}

}  // namespace

tl::expected<void, std::string> decode_client(std::string_view body, const Dialect& dialect, Client& client) {
  return Decoder(dialect, client, "Client.Lifespans").run(body);
}

tl::expected<Client, std::string> decode_lifespans(std::string_view body, const Dialect& dialect) {
  Client client;
  if (auto read = Decoder(dialect, client,
                          dialect.version < Version::v2_1 ? "UpdateOAuth2ClientLifespans" : "Lifespans")
                      .run(body);
      !read)
    return tl::unexpected(read.error());
  return client;
}

void append_client(std::string& out, const Client& client, const Dialect& dialect) {
  char separator = '{';
  for (const FieldRow& row : all_fields()) {
    const Value& value = client[row.field];
    if (!knows(dialect, row) || (row.omit_empty && is_empty(value))) continue;
    out += separator;
    separator = ',';
    out += '"';
    out += row.name;
    out += "\":";
    append_value(out, row.type, value);
  }
  out += '}';
}

}  // namespace sandbox
