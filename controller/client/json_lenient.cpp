#include "client/json_lenient.h"

#include <algorithm>

#include "client/json_text.h"

namespace hydra_clients::json {
namespace {

constexpr std::size_t kSurelySmall = 300;  // digits of a number that a double can hold
constexpr std::string_view kReplacement = "\\ufffd";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// The number of digits at the text's start, which are taken off.
std::size_t takeDigits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, isDigit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

/// RFC 8259 §6, whole.
bool isNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leadingZero = text.starts_with('0');
  const std::size_t integer = takeDigits(text);
  if (integer == 0 || (leadingZero && integer > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (takeDigits(text) == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (takeDigits(text) == 0) return false;
  }
  return text.empty();
}

bool isHighSurrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool isLowSurrogate(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

class Rewriting {
 public:
  explicit Rewriting(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    while (at_ < text_.size()) {
      if (text_[at_] == '"') {
        string();
      } else if (text_[at_] == '-' || isDigit(text_[at_])) {
        number();
      } else {
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  void string() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        escape();
      } else {
        ++at_;
      }
    }
    ++at_;
  }

  void escape() {
    const int unit = unicodeEscape(text_.substr(at_));
    if (isHighSurrogate(unit) && isLowSurrogate(unicodeEscape(text_.substr(at_ + kUnicodeEscapeLength)))) {
      at_ += 2 * kUnicodeEscapeLength;
    } else if (isHighSurrogate(unit) || isLowSurrogate(unit)) {
      out().replace(at_, kUnicodeEscapeLength, kReplacement);
      at_ += kUnicodeEscapeLength;
    } else {
      at_ += 2;
    }
  }

  void number() {
    const std::size_t end = std::min(text_.find_first_not_of("0123456789+-.eE", at_), text_.size());
    const std::string_view written = text_.substr(at_, end - at_);
    const bool mayBeTooLarge =
        written.size() > kSurelySmall || written.find_first_of("eE") != std::string_view::npos;
    if (mayBeTooLarge && isNumber(written)) {  // "-1e400" and "-0.000" are of one length
      const std::size_t digits = at_ + (written.starts_with('-') ? 1 : 0);
      out().replace(digits, end - digits, end - digits, '0');
      out()[digits + 1] = '.';
    }
    at_ = end;
  }

  std::string& out() {
    if (!out_) out_.emplace(text_);
    return *out_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::string> out_;
};

}  // namespace

std::optional<std::string> asRapidJsonTakesIt(std::string_view text) { return Rewriting(text).run(); }

}  // namespace hydra_clients::json
