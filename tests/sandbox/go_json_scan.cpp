// The checking half of go_json.h: which text is JSON, in the words of Go's scanner.
#include "go_json.h"
#include "go_text.h"

namespace sandbox::go_json {
namespace {

constexpr std::size_t kMaxDepth = 10000;  // encoding/json: maxNestingDepth

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Checks one value; `open` stands in for the recursion.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  tl::expected<std::string_view, std::string> run() {
    skip_space();
    const std::size_t begin = at_;
    if (at_end()) return tl::unexpected<std::string>("EOF");
    if (!scan()) return tl::unexpected(fault_);
    return text_.substr(begin, at_ - begin);
  }

  std::size_t position() const { return at_; }

  bool only_space_left() {
    skip_space();
    return at_end() || fail("after top-level value");
  }
  const std::string& fault() const { return fault_; }

 private:
  bool scan() {
    enum class Next { value, key, after } next = Next::value;
    while (true) {
      skip_space();
      if (next == Next::after && open_.empty()) return true;
      if (at_end()) return fail("");
      switch (next) {
        case Next::value: {
          const char c = text_[at_];
          if (c == '{' || c == '[') {
            if (open_.size() >= kMaxDepth) return fail("exceeded max depth");
            open_.push_back(c);
            ++at_;
            skip_space();
            const char close = c == '{' ? '}' : ']';
            if (!at_end() && text_[at_] == close) {
              ++at_;
              open_.pop_back();
              next = Next::after;
            } else {
              next = c == '{' ? Next::key : Next::value;
            }
          } else {
            if (!scalar(c)) return false;
            next = Next::after;
          }
          break;
        }
        case Next::key:
          if (text_[at_] != '"') return fail("looking for beginning of object key string");
          if (!string_literal()) return false;
          skip_space();
          if (at_end() || text_[at_] != ':') return fail("after object key");
          ++at_;
          next = Next::value;
          break;
        case Next::after: {
          const bool in_object = open_.back() == '{';
          const char c = text_[at_];
          if (c == ',') {
            next = in_object ? Next::key : Next::value;
          } else if (c == (in_object ? '}' : ']')) {
            open_.pop_back();
          } else {
            return fail(in_object ? "after object key:value pair" : "after array element");
          }
          ++at_;
          break;
        }
      }
      // A scalar or a closed container at the top ends the value; white space after it is not part of it.
      if (next == Next::after && open_.empty()) return true;
    }
  }

  bool scalar(char c) {
    if (c == '"') return string_literal();
    if (c == '-' || is_digit(c)) return number();
    if (c == 't') return literal("true");
    if (c == 'f') return literal("false");
    if (c == 'n') return literal("null");
    return fail("looking for beginning of value");
  }

  bool literal(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
      if (at_end() || text_[at_] != word[i]) {
        return fail("in literal " + std::string(word) + " (expecting '" + word[i] + "')");
      }
    }
    return true;
  }

  bool digits(const char* context) {
    if (at_end() || !is_digit(text_[at_])) return fail(context);
    while (!at_end() && is_digit(text_[at_])) ++at_;
    return true;
  }

  bool number() {
    if (text_[at_] == '-') ++at_;
    if (!at_end() && text_[at_] == '0') {
      ++at_;
    } else if (!digits("in numeric literal")) {
      return false;
    }
    if (!at_end() && text_[at_] == '.') {
      ++at_;
      if (!digits("after decimal point in numeric literal")) return false;
    }
    if (!at_end() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (!at_end() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits("in exponent of numeric literal")) return false;
    }
    return true;
  }

  bool string_literal() {
    for (++at_; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("in string literal");
      if (c == '\\' && !escape()) return false;
    }
    return fail("");
  }

  /// Leaves at_ on the last byte of the escape.
  bool escape() {
    ++at_;
    if (at_end()) return fail("");
    if (text_[at_] != 'u') {
      return std::string_view("bfnrt\\/\"").find(text_[at_]) != std::string_view::npos ||
             fail("in string escape code");
    }
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (at_end()) return fail("");
      if (hex_digit(text_[at_]) < 0) return fail("in \\u hexadecimal character escape");
    }
    return true;
  }

  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }
  bool at_end() const { return at_ >= text_.size(); }

  bool fail(std::string_view context) {
    fault_ = at_end() ? "unexpected EOF"
                      : "invalid character " + quoted_character(text_[at_]) + " " + std::string(context);
    return false;
  }

  /// quoteChar of encoding/json: the byte taken for a rune.
  static std::string quoted_character(char c) {
    if (c == '\'') return R"('\'')";
    if (c == '"') return R"('"')";
    std::string rune;
    append_rune(rune, static_cast<unsigned char>(c));
    const std::string quoted = go_quote(rune);
    return "'" + quoted.substr(1, quoted.size() - 2) + "'";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;
  std::string fault_;
};

}  // namespace

tl::expected<std::string_view, std::string> first_value(std::string_view text) { return Scanner(text).run(); }

tl::expected<std::string_view, std::string> only_value(std::string_view text) {
  Scanner scanner(text);
  auto value = scanner.run();
  if (!value) {
    return tl::unexpected<std::string>(value.error().ends_with("EOF") ? "unexpected end of JSON input"
                                                                      : value.error());
  }
  if (!scanner.only_space_left()) return tl::unexpected(scanner.fault());
  return value;
}

}  // namespace sandbox::go_json
