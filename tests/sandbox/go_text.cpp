#include "go_text.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <utility>

namespace sandbox {
namespace {

constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
constexpr std::uint64_t kSecond = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

std::optional<std::uint64_t> unit_of(std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 8> units = {{
      {"ns", 1},
      {"us", 1'000},
      {"\xC2\xB5s", 1'000},  // U+00B5, the micro sign
      {"\xCE\xBCs", 1'000},  // U+03BC, the Greek mu
      {"ms", 1'000'000},
      {"s", kSecond},
      {"m", 60 * kSecond},
      {"h", 3600 * kSecond},
  }};
  for (const auto& [name, nanoseconds] : units) {
    if (name == unit) return nanoseconds;
  }
  return std::nullopt;
}

/// time.quote: as strconv.Quote, but every byte that is not plain ASCII as \xNN.
std::string duration_quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
      quoted += escape.data();
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

struct Part {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  double scale = 1;
};

/// One "12.34" at the start of `text`, which is moved past it; nothing when Go calls it invalid.
std::optional<Part> leading_number(std::string_view& text) {
  Part part;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (part.whole > kTop / 10) return std::nullopt;
    part.whole = part.whole * 10 + static_cast<std::uint64_t>(text[at] - '0');
    if (part.whole > kTop) return std::nullopt;
  }
  bool digits = at > 0;
  if (at < text.size() && text[at] == '.') {
    bool overflow = false;
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
      digits = true;
      if (overflow || part.fraction > (kTop - 1) / 10) {
        overflow = true;
        continue;
      }
      part.fraction = part.fraction * 10 + static_cast<std::uint64_t>(text[at] - '0');
      part.scale *= 10;
    }
  }
  if (!digits) return std::nullopt;
  text.remove_prefix(at);
  return part;
}

template <class Alphabet>
std::optional<std::string> decode_bits(std::string_view text, Alphabet value_of) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t symbols = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    ++symbols;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((bits >> held) & 0xFFU);
    }
  }
  if (symbols % 4 == 1) return std::nullopt;
  return bytes;
}

std::string encode_bits(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += alphabet[(bits >> (held - 6)) & 63U];
  }
  if (held > 0) text += alphabet[(bits << (6 - held)) & 63U];
  return text;
}

constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int index_in(std::string_view alphabet, char c) {
  const auto at = alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// `count` digits at `at`, as a number within [low, high].
std::optional<int> digits_within(std::string_view text, std::size_t at, std::size_t count, int low, int high) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  if (value < low || value > high) return std::nullopt;
  return value;
}

std::string format_time(std::time_t seconds, std::int64_t nanoseconds) {
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d", utc.tm_year + 1900);
  std::string text = buffer.data();
  std::strftime(buffer.data(), buffer.size(), "-%m-%dT%H:%M:%S", &utc);
  text += buffer.data();
  if (nanoseconds != 0) {
    std::string fraction = std::to_string(1'000'000'000 + nanoseconds).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + "Z";
}

int days_in(int year, int month) {
  static constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

}  // namespace

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_rune(std::string& out, std::uint32_t rune) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xC0U | (rune >> 6));
    put(0x80U | (rune & 0x3FU));
  } else if (rune < 0x10000) {
    put(0xE0U | (rune >> 12));
    put(0x80U | ((rune >> 6) & 0x3FU));
    put(0x80U | (rune & 0x3FU));
  } else {
    put(0xF0U | (rune >> 18));
    put(0x80U | ((rune >> 12) & 0x3FU));
    put(0x80U | ((rune >> 6) & 0x3FU));
    put(0x80U | (rune & 0x3FU));
  }
}

std::size_t append_valid_rune(std::string& out, std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    out += text[0];
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  bool valid = first >= 0xC2 && first <= 0xF4 && text.size() >= length;
  for (std::size_t i = 1; valid && i < length; ++i) valid = is_continuation(byte(i));
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if (valid && ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
                (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F))) {
    valid = false;
  }
  if (!valid) {
    append_rune(out, kReplacementRune);
    return 1;
  }
  out.append(text.substr(0, length));
  return length;
}

std::string go_quote(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    std::array<char, 12> escape{};
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte >= 0x20 && byte != 0x7F && !(byte == 0xC2 && at + 1 < text.size() &&
                                                 static_cast<unsigned char>(text[at + 1]) <= 0xA0)) {
      quoted += c;
    } else if (byte == 0xC2) {  // U+0080 to U+00A0: not printable
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(text[++at]));
      quoted += escape.data();
    } else {
      static constexpr std::string_view kNamed = "abtnvfr";  // 0x07 to 0x0D, but in Go's order
      static constexpr std::string_view kBytes = "\a\b\t\n\v\f\r";
      const auto named = kBytes.find(c);
      if (named != std::string_view::npos) {
        quoted += '\\';
        quoted += kNamed[named];
      } else {
        std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
        quoted += escape.data();
      }
    }
  }
  return quoted + "\"";
}

tl::expected<std::int64_t, std::string> parse_duration(std::string_view text) {
  const auto fault = [text](const std::string& what) {
    return tl::unexpected("time: " + what + " " + duration_quote(text));
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  if (rest.empty()) return fault("invalid duration");
  std::uint64_t total = 0;
  while (!rest.empty()) {
    const auto part = leading_number(rest);
    if (!part) return fault("invalid duration");
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
    if (length == 0) return fault("missing unit in duration");
    const std::string_view name = rest.substr(0, length);
    rest.remove_prefix(length);
    const auto unit = unit_of(name);
    if (!unit) return fault("unknown unit " + duration_quote(name) + " in duration");
    if (part->whole > kTop / *unit) return fault("invalid duration");
    std::uint64_t value = part->whole * *unit;
    if (part->fraction > 0) {
      value += static_cast<std::uint64_t>(static_cast<double>(part->fraction) *
                                          (static_cast<double>(*unit) / part->scale));
      if (value > kTop) return fault("invalid duration");
    }
    total += value;
    if (total > kTop) return fault("invalid duration");
  }
  if (negative) return static_cast<std::int64_t>(~total + 1);
  if (total > kTop - 1) return fault("invalid duration");
  return static_cast<std::int64_t>(total);
}

std::string format_duration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  const bool negative = nanoseconds < 0;
  std::uint64_t rest = negative ? ~static_cast<std::uint64_t>(nanoseconds) + 1 : static_cast<std::uint64_t>(nanoseconds);
  const auto with_fraction = [](std::uint64_t value, std::uint64_t unit) {
    std::string number = std::to_string(value / unit);
    std::string fraction = std::to_string(unit + value % unit).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? number : number + "." + fraction;
  };
  std::string text = negative ? "-" : "";
  if (rest < 1'000) return text + std::to_string(rest) + "ns";
  if (rest < 1'000'000) return text + with_fraction(rest, 1'000) + "\xC2\xB5s";
  if (rest < kSecond) return text + with_fraction(rest, 1'000'000) + "ms";
  const std::uint64_t hours = rest / (3600 * kSecond);
  rest %= 3600 * kSecond;
  const std::uint64_t minutes = rest / (60 * kSecond);
  rest %= 60 * kSecond;
  if (hours > 0) text += std::to_string(hours) + "h";
  if (hours > 0 || minutes > 0) text += std::to_string(minutes) + "m";
  return text + with_fraction(rest, kSecond) + "s";
}

std::optional<std::string> rfc3339_in_utc(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = digits_within(text, 0, 4, 0, 9999);
  const auto month = digits_within(text, 5, 2, 1, 12);
  const auto hour = digits_within(text, 11, 2, 0, 23);
  const auto minute = digits_within(text, 14, 2, 0, 59);
  const auto second = digits_within(text, 17, 2, 0, 59);
  if (!year || !month || !hour || !minute || !second) return std::nullopt;
  const auto day = digits_within(text, 8, 2, 1, days_in(*year, *month));
  if (!day) return std::nullopt;
  std::size_t at = 19;
  std::int64_t nanoseconds = 0;
  if (text[at] == '.') {
    const std::size_t begin = ++at;
    for (std::int64_t unit = 100'000'000; at < text.size() && is_digit(text[at]); ++at, unit /= 10) {
      nanoseconds += unit * (text[at] - '0');
    }
    if (at == begin) return std::nullopt;
  }
  std::int64_t offset_minutes = 0;
  if (const std::string_view zone = text.substr(at); zone != "Z") {
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
    const auto zone_hour = digits_within(zone, 1, 2, 0, 23);
    const auto zone_minute = digits_within(zone, 4, 2, 0, 59);
    if (!zone_hour || !zone_minute) return std::nullopt;
    offset_minutes = (zone[0] == '-' ? -1 : 1) * (*zone_hour * 60 + *zone_minute);
  }
  std::tm utc{};
  utc.tm_year = *year - 1900;
  utc.tm_mon = *month - 1;
  utc.tm_mday = *day;
  utc.tm_hour = *hour;
  utc.tm_min = *minute;
  utc.tm_sec = *second;
  return format_time(timegm(&utc) - offset_minutes * 60, nanoseconds);
}

std::string format_rfc3339(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto seconds_only = floor<seconds>(time);
  return format_time(system_clock::to_time_t(seconds_only), duration_cast<nanoseconds>(time - seconds_only).count());
}

std::chrono::system_clock::time_point round_to_second(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time + std::chrono::milliseconds(500));
}

std::optional<std::string> decode_base64url(std::string_view text) {
  return decode_bits(text, [](char c) { return index_in(kUrlAlphabet, c); });
}

std::string encode_base64url(std::string_view bytes) { return encode_bits(bytes, kUrlAlphabet); }

std::optional<std::string> decode_base64(std::string_view text) {
  std::string symbols;
  for (const char c : text) {
    if (c != '\r' && c != '\n') symbols += c;
  }
  if (symbols.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && symbols.ends_with('='); ++padding) symbols.pop_back();
  return decode_bits(symbols, [](char c) { return index_in(kAlphabet, c); });
}

std::string encode_base64(std::string_view bytes) {
  std::string text = encode_bits(bytes, kAlphabet);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace sandbox
