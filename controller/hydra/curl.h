#pragma once

// How a person asks the same Hydra with curl: for the commands that messages show.

#include <string>
#include <string_view>

#include "hydra/endpoint.h"

namespace hydra_clients::hydra {

/// A word of a POSIX shell (XCU 2.2.2): as it is where no character of it means anything, else in single
/// quotes. What a terminal would obey or not show is in octal, for printf(1): the word can be shown anywhere.
/// (A shell drops the line feeds at the end of such a word.)
[[nodiscard]] std::string shellWord(std::string_view word);

/// A file's name as a word that does not look like an option.
[[nodiscard]] std::string shellPath(std::string_view path);

/// curl with what it takes to get through to one endpoint. No credential is in it: the token stands there as
/// the variable or the file that it comes from, the value of an extra header as "…", to be filled in.
class Curl {
 public:
  explicit Curl(const ConnectionOptions& options);

  /// "curl --silent --show-error OPTIONS ARGUMENTS URL". `arguments`: shell words, or "".
  /// `target`: as Request::target.
  [[nodiscard]] std::string command(std::string_view arguments, std::string_view target) const;

 private:
  std::string options_;  ///< shell words, each after a space
  std::string base_;     ///< the URL up to the target
};

}  // namespace hydra_clients::hydra
