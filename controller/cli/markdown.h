#pragma once

// Markdown as GitHub and GitLab read it. What a manifest, a repository or a Hydra says is text of strangers:
// it must not end a cell, become a link, an image or HTML, or call anybody by name.

#include <string>
#include <string_view>

namespace hydra_clients::cli {

/// Text of our own as a cell of a table may hold it.
[[nodiscard]] std::string cell(std::string_view text);
/// The same as code.
[[nodiscard]] std::string codeCell(std::string_view text);

/// Text of strangers as code within a line, in a table or out of it; "-" for "". What would end the line is
/// shown as \xNN.
[[nodiscard]] std::string foreignCode(std::string_view text);
/// The same where HTML stands, as in a <summary>.
[[nodiscard]] std::string foreignHtmlCode(std::string_view text);
/// Lines of strangers as a block of code. `language`: "text", "sh".
[[nodiscard]] std::string foreignBlock(std::string_view text, std::string_view language);

}  // namespace hydra_clients::cli
