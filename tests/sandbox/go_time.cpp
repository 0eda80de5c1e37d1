#include "go_time.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>

#include "go_text.h"

namespace sandbox {
namespace {

constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
constexpr std::uint64_t kSecond = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

int days_in(int year, int month) {
  static constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
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

/// Reads RFC 3339 piece by piece and words its faults as time.Parse does.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text), rest_(text) {}

  tl::expected<std::string, std::string> run() {
    const int year = number(4, "2006");
    literal("-");
    const int month = number(2, "01");
    check(month >= 1 && month <= 12, "month");
    literal("-");
    const int day = number(2, "02");
    literal("T");
    const int hour = number(2, "15");
    check(hour <= 23, "hour");
    literal(":");
    const int minute = number(2, "04");
    check(minute <= 59, "minute");
    literal(":");
    const int second = number(2, "05");
    check(second <= 59, "second");
    const std::int64_t nanoseconds = fraction();
    const int offset_minutes = zone();
    if (fault_.empty() && !rest_.empty()) fault_ = quoted() + ": extra text: " + go_quote(rest_);
    if (fault_.empty()) check(day >= 1 && day <= days_in(year, month), "day");
    if (!fault_.empty()) return tl::unexpected(fault_);
    std::tm utc{};
    utc.tm_year = year - 1900;
    utc.tm_mon = month - 1;
    utc.tm_mday = day;
    utc.tm_hour = hour;
    utc.tm_min = minute;
    utc.tm_sec = second;
    return format_time(timegm(&utc) - time_t{offset_minutes} * 60, nanoseconds);
  }

 private:
  std::string quoted() const { return "parsing time " + go_quote(text_); }

  void mismatch(std::string_view element) {
    if (!fault_.empty()) return;
    fault_ = quoted() + " as \"2006-01-02T15:04:05Z07:00\": cannot parse " + go_quote(rest_) + " as " +
             go_quote(element);
  }

  void check(bool within, const char* part) {
    if (fault_.empty() && !within) fault_ = quoted() + ": " + part + " out of range";
  }

  int number(std::size_t count, std::string_view element) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size() || !is_digit(rest_[i])) {
        mismatch(element);
        return 0;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    if (fault_.empty()) rest_.remove_prefix(count);
    return value;
  }

  void literal(std::string_view text) {
    if (!rest_.starts_with(text)) return mismatch(text);
    if (fault_.empty()) rest_.remove_prefix(text.size());
  }

  std::int64_t fraction() {
    if (!fault_.empty() || rest_.size() < 2 || rest_[0] != '.' || !is_digit(rest_[1])) return 0;
    rest_.remove_prefix(1);
    std::int64_t nanoseconds = 0;
    for (std::int64_t unit = 100'000'000; !rest_.empty() && is_digit(rest_[0]);
         rest_.remove_prefix(1), unit /= 10) {
      nanoseconds += unit * (rest_[0] - '0');
    }
    return nanoseconds;
  }

  /// Minutes east of Greenwich.
  int zone() {
    if (!fault_.empty()) return 0;
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return 0;
    }
    if (rest_.size() < 6 || (rest_[0] != '+' && rest_[0] != '-') || rest_[3] != ':') {
      mismatch("Z07:00");
      return 0;
    }
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    const int hours = number(2, "Z07:00");
    literal(":");
    const int minutes = number(2, "Z07:00");
    check(hours <= 23, "time zone offset hour");
    check(minutes <= 59, "time zone offset minute");
    return sign * (hours * 60 + minutes);
  }

  std::string_view text_;
  std::string_view rest_;
  std::string fault_;
};

}  // namespace

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
  std::uint64_t rest =
      negative ? ~static_cast<std::uint64_t>(nanoseconds) + 1 : static_cast<std::uint64_t>(nanoseconds);
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

tl::expected<std::string, std::string> rfc3339_in_utc(std::string_view text) {
  return TimeReader(text).run();
}

std::string format_rfc3339(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto seconds_only = floor<seconds>(time);
  return format_time(system_clock::to_time_t(seconds_only),
                     duration_cast<nanoseconds>(time - seconds_only).count());
}

std::chrono::system_clock::time_point round_to_second(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time + std::chrono::milliseconds(500));
}

}  // namespace sandbox
