#include "client/duration.h"

#include <array>
#include <tuple>
#include <utility>

namespace hydra_clients {
namespace {

using Nanoseconds = std::uint64_t;

constexpr Nanoseconds kMicrosecond = 1'000;
constexpr Nanoseconds kMillisecond = 1'000 * kMicrosecond;
constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
constexpr Nanoseconds kMinute = 60 * kSecond;
constexpr Nanoseconds kHour = 60 * kMinute;
constexpr Nanoseconds kMost = Nanoseconds{1} << 63;  // the magnitude of the smallest int64

/// Both forms of the micro sign are Go's.
constexpr std::array<std::pair<std::string_view, Nanoseconds>, 8> kUnits = {{{"ns", 1},
                                                                             {"us", kMicrosecond},
                                                                             {"\xC2\xB5s", kMicrosecond},
                                                                             {"\xCE\xBCs", kMicrosecond},
                                                                             {"ms", kMillisecond},
                                                                             {"s", kSecond},
                                                                             {"m", kMinute},
                                                                             {"h", kHour}}};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Reads the unit, which reaches to the next digit, point or the end.
std::optional<Nanoseconds> takeUnit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] != '.' && !isDigit(text[length])) ++length;
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  for (const auto& [unit, size] : kUnits) {
    if (unit == name) return size;
  }
  return std::nullopt;
}

std::optional<Nanoseconds> takeWhole(std::string_view& text) {
  Nanoseconds number = 0;
  while (!text.empty() && isDigit(text.front())) {
    if (number > kMost / 10) return std::nullopt;
    number = number * 10 + static_cast<Nanoseconds>(text.front() - '0');
    text.remove_prefix(1);
  }
  return number;
}

/// Digits after the point as Go reads them: those that no longer fit 63 bits are ignored.
std::pair<Nanoseconds, double> takeFraction(std::string_view& text) {
  Nanoseconds digits = 0;
  double scale = 1;
  bool full = false;
  while (!text.empty() && isDigit(text.front())) {
    if (digits > (kMost - 1) / 10) full = true;
    if (!full) {
      const Nanoseconds next = digits * 10 + static_cast<Nanoseconds>(text.front() - '0');
      if (next > kMost) {
        full = true;
      } else {
        digits = next;
        scale *= 10;
      }
    }
    text.remove_prefix(1);
  }
  return {digits, scale};
}

/// One number with its unit, of a text that is not empty.
std::optional<Nanoseconds> takeTerm(std::string_view& text) {
  const bool hasWhole = isDigit(text.front());
  const auto whole = takeWhole(text);
  if (!whole) return std::nullopt;
  Nanoseconds fraction = 0;
  double scale = 1;
  bool hasFraction = false;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    hasFraction = !text.empty() && isDigit(text.front());
    std::tie(fraction, scale) = takeFraction(text);
  }
  if (!hasWhole && !hasFraction) return std::nullopt;
  const auto unit = takeUnit(text);
  if (!unit || *whole > kMost / *unit) return std::nullopt;
  Nanoseconds term = *whole * *unit;
  term += static_cast<Nanoseconds>(static_cast<double>(fraction) * (static_cast<double>(*unit) / scale));
  if (term > kMost) return std::nullopt;
  return term;
}

/// `amount` of `unit` with its fraction, without trailing zeros.
std::string decimal(Nanoseconds amount, Nanoseconds unit) {
  std::string text = std::to_string(amount / unit);
  const Nanoseconds rest = amount % unit;
  if (rest == 0) return text;
  std::string fraction = std::to_string(rest);
  fraction.insert(0, std::to_string(unit).size() - 1 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

}  // namespace

std::optional<std::int64_t> parseGoDuration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  Nanoseconds total = 0;
  while (!text.empty()) {
    const auto term = takeTerm(text);
    if (!term || total + *term > kMost) return std::nullopt;
    total += *term;
  }
  if (negative) return static_cast<std::int64_t>(~total + 1);
  if (total >= kMost) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

std::string formatGoDuration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  const std::string sign = nanoseconds < 0 ? "-" : "";
  const Nanoseconds amount =
      nanoseconds < 0 ? ~static_cast<Nanoseconds>(nanoseconds) + 1 : static_cast<Nanoseconds>(nanoseconds);
  if (amount < kMicrosecond) return sign + std::to_string(amount) + "ns";
  if (amount < kMillisecond) return sign + decimal(amount, kMicrosecond) + "µs";
  if (amount < kSecond) return sign + decimal(amount, kMillisecond) + "ms";
  std::string text = sign;
  if (amount >= kHour) text += std::to_string(amount / kHour) + "h";
  if (amount >= kMinute) text += std::to_string(amount / kMinute % 60) + "m";
  return text + decimal(amount % kMinute, kSecond) + "s";
}

}  // namespace hydra_clients
