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

/// A file's text, for showing lines of it. No value of the file is shown but literals, short numbers and
/// the very value that is at fault, and that not where its field holds a secret, or where the syntax is
/// broken: manifests hold secrets, also below misspelt names, and without quotes.
class SourceText {
 public:
  explicit SourceText(std::string text);
  SourceText(const SourceText&) = delete;
  SourceText& operator=(const SourceText&) = delete;
  ~SourceText();

  /// nullopt where the place is no line of the text. Places of one line are best asked for in their order:
  /// then each character of it is looked at once, however many faults it has.
  [[nodiscard]] std::optional<Excerpt> excerpt(const manifest::Location& where);

  static constexpr std::size_t kWidest = 100;  ///< characters of a line that are shown, around the fault

 private:
  /// How far a line was read: to the begin of a token.
  struct Scan {
    std::size_t line = 0;
    std::size_t at = 0;         ///< in bytes, from 0
    std::size_t character = 1;  ///< the same in characters, from 1
    std::string before;         ///< as shown: what stands before, at least kWidest characters of it

    /// To the token that holds the column.
    void advance(std::string_view whole, std::size_t column);
  };
  static constexpr std::size_t kMostBefore = 16 * kWidest;  ///< bytes, from which on it is shortened

  [[nodiscard]] std::optional<std::string_view> line(std::size_t number) const;

  std::string text_;
  std::vector<std::size_t> begins_;  ///< of each line
  Scan scan_;
};

}  // namespace hydra_clients::cli
