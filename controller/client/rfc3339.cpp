#include "client/rfc3339.h"

#include <array>
#include <ctime>

namespace hydra_clients {
namespace {

constexpr const char* kForm = "%Y-%m-%dT%H:%M:%SZ";

}  // namespace

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  std::array<char, 64> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return "a time out of range";
  return {text.data(), std::strftime(text.data(), text.size(), kForm, &utc)};
}

std::optional<std::chrono::system_clock::time_point> parseRfc3339(std::string_view text) {
  std::tm utc{};
  const std::string written(text);
  const char* end = strptime(written.c_str(), kForm, &utc);
  if (end == nullptr) return std::nullopt;
  const auto time = std::chrono::system_clock::from_time_t(timegm(&utc));
  // strptime also takes blanks, single digits and a thirty-first of February.
  if (rfc3339(time) != text) return std::nullopt;
  return time;
}

}  // namespace hydra_clients
