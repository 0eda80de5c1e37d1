#include "hydra/link_header.h"

#include "client/ascii.h"
#include "client/hex.h"

namespace hydra_clients::hydra {
namespace {

/// Whether a link's parameters (`; rel="next prev"; title=…`) name the relation.
bool hasRelation(std::string_view parameters, std::string_view relation) {
  const std::string lower = lowerCase(parameters);
  const auto rel = lower.find("rel=");
  if (rel == std::string::npos) return false;
  std::string_view value = std::string_view(lower).substr(rel + 4);
  const bool quoted = value.starts_with('"');
  if (quoted) value.remove_prefix(1);
  value = value.substr(0, value.find_first_of(quoted ? "\"" : "; "));
  while (!value.empty()) {
    const auto space = value.find(' ');
    if (value.substr(0, space) == relation) return true;
    if (space == std::string_view::npos) break;
    value.remove_prefix(space + 1);
  }
  return false;
}

std::optional<std::string> decodeQuery(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size() || hexValue(text[i + 1]) < 0 || hexValue(text[i + 2]) < 0) return std::nullopt;
      out += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> nextLink(std::string_view header) {
  // A comma may stand inside the target, so links are found by their brackets.
  for (auto open = header.find('<'); open != std::string_view::npos; open = header.find('<', open + 1)) {
    const auto close = header.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    const auto following = header.find('<', close);
    if (hasRelation(header.substr(close + 1, following - close - 1), "next")) {
      return std::string(header.substr(open + 1, close - open - 1));
    }
    open = close;
  }
  return std::nullopt;
}

std::optional<std::string> queryParameter(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  std::string_view query = url.substr(question + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name) {
      return decodeQuery(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace hydra_clients::hydra
