#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/fault.h"

namespace hydra_clients::cli {

/// The line of a fault, fit for a terminal, and the marks below it ("     ^~~~~").
struct Excerpt {
  std::string line;
  std::string marks;
};

/// A file's text, for showing lines of it. No string of the file is shown but names of members and the very
/// value that is at fault, and that not where its field holds a secret: manifests hold secrets, also below
/// misspelt names.
class SourceText {
 public:
  explicit SourceText(std::string text);
  SourceText(const SourceText&) = delete;
  SourceText& operator=(const SourceText&) = delete;
  ~SourceText();

  /// nullopt where the place is no line of the text.
  [[nodiscard]] std::optional<Excerpt> excerpt(const manifest::Location& where) const;

  static constexpr std::size_t kWidest = 100;  ///< characters of a line that are shown, around the fault

 private:
  [[nodiscard]] std::optional<std::string_view> line(std::size_t number) const;

  std::string text_;
  std::vector<std::size_t> begins_;  ///< of each line
};

}  // namespace hydra_clients::cli
