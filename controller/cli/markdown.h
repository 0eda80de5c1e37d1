#pragma once

#include <string>
#include <string_view>

namespace hydra_clients::cli {

/// Text as a cell of a Markdown table may hold it.
[[nodiscard]] std::string cell(std::string_view text);
/// The same as code.
[[nodiscard]] std::string codeCell(std::string_view text);

}  // namespace hydra_clients::cli
