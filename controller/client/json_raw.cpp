#include "client/json_raw.h"

#include <array>
#include <climits>

namespace hydra_clients::json {
namespace {

enum class Byte : std::uint8_t { kOther, kQuote, kOpen, kClose, kComma, kSpace };

constexpr auto kBytes = [] {
  std::array<Byte, UCHAR_MAX + 1> bytes{};
  bytes['"'] = Byte::kQuote;
  bytes['['] = bytes['{'] = Byte::kOpen;
  bytes[']'] = bytes['}'] = Byte::kClose;
  bytes[','] = Byte::kComma;
  bytes[' '] = bytes['\t'] = bytes['\n'] = bytes['\r'] = Byte::kSpace;
  return bytes;
}();

Byte kindOf(char c) { return kBytes[static_cast<unsigned char>(c)]; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<RawFault> array(const RawVisitor& visit) {
    skipSpace();
    if (atEnd()) return fault(RawFault::Kind::kCut);
    if (text_[at_] != '[') return fault(RawFault::Kind::kNoArray);
    ++at_;
    skipSpace();
    if (!atEnd() && text_[at_] == ']') {
      ++at_;
      return end();
    }
    for (;;) {  // each turn takes a byte at least
      const auto element = value();
      if (!element) return element.error();
      visit(*element);
      skipSpace();
      if (atEnd()) return fault(RawFault::Kind::kCut);
      const char next = text_[at_];
      if (next != ',' && next != ']') return fault(RawFault::Kind::kBroken);
      ++at_;
      if (next == ']') return end();
    }
  }

  tl::expected<std::string_view, RawFault> whole() {
    const auto found = value();
    if (!found) return found;
    if (const auto trailing = end()) return tl::unexpected(*trailing);
    return found;
  }

 private:
  [[nodiscard]] bool atEnd() const { return at_ == text_.size(); }
  [[nodiscard]] RawFault fault(RawFault::Kind kind) const { return {kind, at_}; }

  void skipSpace() {
    while (!atEnd() && kindOf(text_[at_]) == Byte::kSpace) ++at_;
  }

  std::optional<RawFault> end() {
    skipSpace();
    if (atEnd()) return std::nullopt;
    return fault(RawFault::Kind::kTrailing);
  }

  /// The value that comes next, after white space.
  tl::expected<std::string_view, RawFault> value() {
    skipSpace();
    if (atEnd()) return tl::unexpected(fault(RawFault::Kind::kCut));
    const std::size_t begin = at_;
    const Byte first = kindOf(text_[at_]);
    bool ends = true;
    if (first == Byte::kOpen) {
      ends = bracketed();
    } else if (first == Byte::kQuote) {
      ends = string();
    } else {
      while (!atEnd() && kindOf(text_[at_]) == Byte::kOther) ++at_;
      if (at_ == begin) return tl::unexpected(fault(RawFault::Kind::kBroken));
    }
    if (!ends) return tl::unexpected(fault(RawFault::Kind::kCut));
    return text_.substr(begin, at_ - begin);
  }

  /// From an opening bracket past the one that closes it. Which kinds of brackets meet is not looked at.
  bool bracketed() {
    std::size_t open = 0;
    while (!atEnd()) {
      switch (kindOf(text_[at_])) {
        case Byte::kQuote:
          if (!string()) return false;
          continue;
        case Byte::kOpen:
          ++open;
          break;
        case Byte::kClose:
          --open;
          break;
        default:
          break;
      }
      ++at_;
      if (open == 0) return true;
    }
    return false;
  }

  /// From a quote past the one that ends its string; to the text's end where none does.
  bool string() {
    const std::size_t length = rawStringLength(text_.substr(at_));
    at_ = length > 0 ? at_ + length : text_.size();
    return length > 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::size_t rawStringLength(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return 0;
}

std::optional<RawFault> splitArray(std::string_view text, const RawVisitor& visit) {
  return Scanner(text).array(visit);
}

tl::expected<std::string_view, RawFault> rawValue(std::string_view text) { return Scanner(text).whole(); }

}  // namespace hydra_clients::json
