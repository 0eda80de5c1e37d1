#include "client/hydra_version.h"

#include <charconv>

namespace hydra_clients {

std::string HydraVersion::text() const {
  const auto part = [](int number) { return number == kNewestOfLine ? "x" : std::to_string(number); };
  return "v" + std::to_string(major) + "." + part(minor) + "." + part(patch);
}

std::optional<HydraVersion> HydraVersion::parse(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  text = text.substr(0, text.find_first_of("-+"));
  HydraVersion version{0, kNewestOfLine, kNewestOfLine};
  int* const parts[] = {&version.major, &version.minor, &version.patch};
  for (int* part : parts) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (error != std::errc{} || *part >= kNewestOfLine) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return version;
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace hydra_clients
