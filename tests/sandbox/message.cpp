#include "message.h"

#include <algorithm>

namespace sandbox {

bool same_token(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string Request::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return same_token(h.first, name); });
  return found == headers.end() ? std::string{} : found->second;
}

void Response::set_header(std::string_view name, std::string value) {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return same_token(h.first, name); });
  if (found == headers.end()) {
    headers.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

}  // namespace sandbox
