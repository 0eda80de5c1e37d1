#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients::hydra {

/// The target of `rel="next"` in a Link header (RFC 8288 §3), as it stands there; nullopt without one.
/// Hydra's are relative: `</admin/clients?page_size=250&page_token=…>; rel="next",<…>; rel="last"`.
[[nodiscard]] std::optional<std::string> nextLink(std::string_view header);

/// The value of a parameter in a URL's query, percent-decoded; nullopt where it is absent or wrongly encoded.
[[nodiscard]] std::optional<std::string> queryParameter(std::string_view url, std::string_view name);

}  // namespace hydra_clients::hydra
