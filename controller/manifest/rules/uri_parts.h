#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients::manifest {

/// A URI's scheme as Go's net/url reads it.
struct Scheme {
  std::string name;       ///< in lower case; "" where there is none
  std::string_view rest;  ///< what follows the colon, or everything
};

/// nullopt where Go says "missing protocol scheme" (the text begins with a colon).
[[nodiscard]] std::optional<Scheme> splitScheme(std::string_view uri);

/// Whether Go's net/url refuses it in any position: a control character or DEL.
[[nodiscard]] bool hasControlCharacter(std::string_view uri);

/// Why url.ParseRequestURI certainly refuses it, in words, or nothing. What is judged here holds for every
/// Go; hosts, ports and escapes are not judged.
[[nodiscard]] std::optional<std::string> whyNoRequestUri(std::string_view uri);

/// Scheme, host and port of a URI that url.ParseRequestURI takes, where they are beyond doubt: without an
/// authority host and port are empty, with one it must be made of letters, digits, ".", "-" and a port only.
struct Origin {
  std::string scheme;
  std::string host;
  std::string port;
  bool operator==(const Origin&) const = default;
};
[[nodiscard]] std::optional<Origin> plainOrigin(std::string_view uri);

}  // namespace hydra_clients::manifest
