#include "telemetry/log_line.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace hydra_clients::telemetry {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026

struct Character {
  char32_t code = 0;
  std::size_t length = 1;  ///< bytes of it in the text
  bool valid = false;
};

/// The first character of `text`, which is not empty. UTF-8 by RFC 3629.
Character firstOf(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
  char32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest.at(length) || code > 0x10ffff || surrogate) return {};
  return {code, length, true};
}

/// Control characters, line separators and what turns the direction of text around: a line that holds one as
/// it is may look like something else, or like two.
bool mustBeEscaped(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void appendEscaped(char32_t code, std::string& out) {
  if (code == U'\n') {
    out += "\\n";
  } else if (code == U'\t') {
    out += "\\t";
  } else if (code == U'\r') {
    out += "\\r";
  } else {
    char text[16];
    std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(code));
    out += text;
  }
}

/// `text` between quotation marks, with the escapes that JSON and logfmt share.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  std::size_t shown = 0;
  while (!text.empty()) {
    const Character next = firstOf(text);
    if (shown + next.length > kMaxLoggedBytes) {
      out += kEllipsis;
      break;
    }
    shown += next.length;
    if (!next.valid) {
      out += kReplacement;
    } else if (next.code == U'"' || next.code == U'\\') {
      out += '\\';
      out += static_cast<char>(next.code);
    } else if (mustBeEscaped(next.code)) {
      appendEscaped(next.code, out);
    } else {
      out += text.substr(0, next.length);
    }
    text.remove_prefix(next.length);
  }
  return out + '"';
}

/// logfmt leaves the quotation marks out where nothing needs them.
std::string logfmtValue(std::string_view text) {
  std::string out = quoted(text);
  const std::string_view inner = std::string_view(out).substr(1, out.size() - 2);
  const bool plain = !inner.empty() && inner.find_first_of(" =\\\"") == std::string_view::npos;
  return plain ? std::string(inner) : out;
}

std::string numberText(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : "0";
}

std::string valueText(LogFormat format, const LogField& field) {
  const bool json = format == LogFormat::kJson;
  if (const auto* text = std::get_if<std::string>(&field.value))
    return json ? quoted(*text) : logfmtValue(*text);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) {
    return json && !std::isfinite(*number) ? "null" : numberText(*number);  // JSON has no NaN
  }
  return std::get<bool>(field.value) ? "true" : "false";
}

std::string_view nameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

/// RFC 3339, UTC, milliseconds.
std::string timeText(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace

std::string formatLine(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                       std::string_view message, std::span<const LogField> fields) {
  const bool json = format == LogFormat::kJson;
  std::string line =
      json ? "{\"ts\":\"" + timeText(time) + "\",\"level\":\"" : "ts=" + timeText(time) + " level=";
  line += nameOf(level);
  line += json ? "\",\"msg\":" + quoted(message) : " msg=" + quoted(message);
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string>(&field.value);
    if (text != nullptr && text->empty()) continue;
    const std::string value = valueText(format, field);
    line += json ? "," + quoted(field.key) + ":" + value : " " + std::string(field.key) + "=" + value;
  }
  return json ? line + "}" : line;
}

}  // namespace hydra_clients::telemetry
