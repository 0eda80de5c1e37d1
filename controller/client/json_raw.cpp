#include "client/json_raw.h"

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <cstring>

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

// Most of a page is looked at here and nowhere else, so brackets are found for 64 bytes at once: a bit a
// byte, the first byte's lowest.

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kBlock = 64;
constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kLowBits = kEachByte * 0x7F;

/// The bits of those of a word's bytes that are `byte`.
constexpr std::uint64_t whereIs(unsigned char byte, std::uint64_t word) {
  const std::uint64_t zeros = word ^ (kEachByte * byte);
  const std::uint64_t highest = ~(((zeros & kLowBits) + kLowBits) | zeros | kLowBits);
  constexpr std::uint64_t kSideBySide = 0x0102040810204080;  // moves the bit of byte i to bit 56 + i
  return ((highest >> 7) * kSideBySide) >> 56;
}

struct Block {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t brackets = 0;  ///< and "Y", "_", "y" and DEL, which JSON has in strings alone
};

Block blockOf(const char* bytes) {
  // What all brackets have in common, and the bits in which they differ.
  constexpr unsigned char kBracket = '[' & ']' & '{' & '}';
  constexpr std::uint64_t kSame = ~(kEachByte * (('[' | ']' | '{' | '}') ^ kBracket));
  Block block;
  for (std::size_t i = 0; i < kBlock / kWord; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i * kWord, kWord);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    block.quotes |= whereIs('"', word) << (i * kWord);
    block.backslashes |= whereIs('\\', word) << (i * kWord);
    block.brackets |= whereIs(kBracket, word & kSame) << (i * kWord);
  }
  return block;
}

/// Which bytes stand in strings, block after block.
class Strings {
 public:
  std::uint64_t within(const Block& block) {
    std::uint64_t inside = block.quotes & ~escaped(block.backslashes);
    for (unsigned width = 1; width < kBlock; width *= 2)
      inside ^= inside << width;  // each bit: how many before
    inside ^= open_;
    open_ = (inside >> (kBlock - 1)) != 0 ? ~std::uint64_t{0} : 0;
    return inside;
  }

 private:
  std::uint64_t escaped(std::uint64_t backslashes) {
    std::uint64_t escaped = escapesNext_;
    escapesNext_ = 0;
    for (backslashes &= ~escaped; backslashes != 0;) {
      const std::uint64_t first = backslashes & (~backslashes + 1);
      escaped |= first << 1;
      escapesNext_ = first >> (kBlock - 1);
      backslashes &= ~(first | first << 1);
    }
    return escaped;
  }

  std::uint64_t open_ = 0;         ///< all bits where the next block begins in a string
  std::uint64_t escapesNext_ = 0;  ///< its first bit
};

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
    Strings strings;
    for (std::size_t begin = at_; begin < text_.size(); begin += kBlock) {
      const Block block = blockAt(begin);
      std::uint64_t brackets = block.brackets & ~strings.within(block);
      for (; brackets != 0; brackets &= brackets - 1) {
        const std::size_t at = begin + static_cast<std::size_t>(std::countr_zero(brackets));
        const Byte byte = kindOf(text_[at]);
        if (byte == Byte::kOpen) ++open;
        if (byte != Byte::kClose || --open > 0) continue;
        at_ = at + 1;
        return true;
      }
    }
    at_ = text_.size();
    return false;
  }

  /// Past the text's end stands nothing of interest.
  [[nodiscard]] Block blockAt(std::size_t begin) const {
    const std::string_view rest = text_.substr(begin);
    if (rest.size() >= kBlock) return blockOf(rest.data());
    std::array<char, kBlock> padded{};
    std::ranges::copy(rest, padded.begin());
    return blockOf(padded.data());
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
