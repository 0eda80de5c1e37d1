#include "cli/flag_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <utility>

#include "client/duration.h"
#include "client/edit_distance.h"
#include "client/hydra_version.h"

namespace hydra_clients::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array kUnits =
    std::to_array<Unit>({{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"B", 1}});

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// "g", "gb", "gi" and "gib" are all GiB.
std::optional<std::uint64_t> bytesOf(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.empty() || name == "b") return 1;
  const std::string_view rest = std::string_view(name).substr(1);
  if (!rest.empty() && rest != "b" && rest != "i" && rest != "ib") return std::nullopt;
  switch (name.front()) {
    case 'k':
      return 1u << 10;
    case 'm':
      return 1u << 20;
    case 'g':
      return 1u << 30;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> parseCount(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

CLI::Validator validator(std::function<std::string(const std::string&)> check, std::string name) {
  // CLI11 shows a description behind the type's name; ours stands in the message alone.
  return CLI::Validator([check = std::move(check)](std::string& text) { return check(text); }, "",
                        std::move(name));
}

}  // namespace

std::string durationText(Milliseconds duration) {
  std::string text = formatGoDuration(std::chrono::nanoseconds(duration).count());
  if (text.ends_with("m0s")) text.resize(text.size() - 2);
  if (text.ends_with("h0m")) text.resize(text.size() - 2);
  return text;
}

std::optional<std::uint64_t> parseSize(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const auto unit = bytesOf(std::string(end, text.data() + text.size()));
  if (!unit || number > std::numeric_limits<std::uint64_t>::max() / *unit) return std::nullopt;
  return number * *unit;
}

std::string sizeText(std::uint64_t bytes) {
  const auto unit = std::ranges::find_if(kUnits, [&](const Unit& candidate) {
    return bytes >= candidate.bytes && bytes % candidate.bytes == 0;
  });
  if (unit == kUnits.end()) return "0B";
  return std::to_string(bytes / unit->bytes) + std::string(unit->name);
}

std::string plainFingerprint(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ') plain += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return plain;
}

CLI::Validator notEmpty() {
  return validator(
      [](const std::string& text) { return text.empty() ? "the value is empty" : std::string(); },
      "not empty");
}

CLI::Validator trueOrFalse() {
  const auto check = [](const std::string& text) {
    constexpr std::array<std::string_view, 8> kWords = {"true", "false", "yes", "no", "on", "off", "1", "0"};
    return std::ranges::find(kWords, text) != kWords.end() ? "" : quoted(text) + " is neither true nor false";
  };
  return validator(check, "true or false");
}

CLI::Validator wholeFingerprint() {
  const auto check = [](const std::string& text) -> std::string {
    constexpr std::array<std::size_t, 2> kDigits = {40, 64};  // of SHA-1 and SHA-256 (RFC 4880, RFC 9580)
    const std::string plain = plainFingerprint(text);
    const bool whole = std::ranges::find(kDigits, plain.size()) != kDigits.end() &&
                       plain.find_first_not_of("0123456789ABCDEF") == std::string::npos;
    return whole ? ""
                 : quoted(text) + " is no fingerprint: 40 hexadecimal digits, which gpg --fingerprint shows";
  };
  return validator(check, "fingerprint");
}

CLI::Validator oneOf(std::vector<std::string> choices) {
  const auto check = [choices = std::move(choices)](const std::string& text) -> std::string {
    if (std::ranges::find(choices, text) != choices.end()) return "";
    std::string all;
    for (const std::string& choice : choices) all += (all.empty() ? "" : ", ") + choice;
    const std::vector<std::string_view> names(choices.begin(), choices.end());
    const auto near = nearest(text, names);
    return quoted(text) + " is not one of " + all +
           (near ? "; did you mean " + std::string(*near) + "?" : std::string());
  };
  return validator(check, "one of");
}

CLI::Validator hydraVersion() {
  const auto check = [](const std::string& text) -> std::string {
    const auto version = HydraVersion::parse(text);
    if (!version) return quoted(text) + " is no version: write it like v1.11, v2.3.0 or 26";
    if (*version < kOldestHydra) return quoted(text) + " is older than v1.9, the oldest Hydra that is known";
    if (version->major > 2 && version->major < 25) return quoted(text) + " is no Hydra: after v2 came v25";
    return "";
  };
  return validator(check, "version");
}

CLI::Validator durationWithin(Range<Milliseconds> range) {
  const auto check = [range](const std::string& text) -> std::string {
    const auto nanoseconds = parseGoDuration(text);
    const bool good = nanoseconds && *nanoseconds >= std::chrono::nanoseconds(range.least).count() &&
                      *nanoseconds <= std::chrono::nanoseconds(range.most).count();
    if (good) return "";
    return quoted(text) + " is no duration from " + durationText(range.least) + " to " +
           durationText(range.most) + ": write it like 30s, 1m30s or 500ms";
  };
  return validator(check, "duration");
}

CLI::Validator sizeWithin(Range<std::size_t> range) {
  const auto check = [range](const std::string& text) -> std::string {
    const auto bytes = parseSize(text);
    if (bytes && *bytes >= range.least && *bytes <= range.most) return "";
    return quoted(text) + " is no size from " + sizeText(range.least) + " to " + sizeText(range.most) +
           ": write it like 65536, 16KiB or 256MiB";
  };
  return validator(check, "size");
}

CLI::Validator countWithin(Range<std::size_t> range) {
  const auto check = [range](const std::string& text) -> std::string {
    const auto number = parseCount(text);
    if (number && *number >= range.least && *number <= range.most) return "";
    return quoted(text) + " is no whole number from " + std::to_string(range.least) + " to " +
           std::to_string(range.most);
  };
  return validator(check, "count");
}

CLI::Validator countOrWord(Range<std::size_t> range, std::string word) {
  const auto check = [count = countWithin(range), word = std::move(word)](std::string text) -> std::string {
    if (text == word) return "";
    const std::string refusal = count(text);
    return refusal.empty() ? "" : refusal + ", nor " + quoted(word);
  };
  return validator(check, "count or word");
}

}  // namespace hydra_clients::cli
