#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "manifest/sources/fetch/git_url.h"

namespace hydra_clients::manifest {

/// Whom an http(s) server is told to let in.
struct GitLogin {
  std::string user;
  Secret password;
};

/// Who a bare token is sent as: GitHub's Apps want this name, most other servers take any.
inline constexpr std::string_view kTokenUser = "x-access-token";

/// A part of a URL with "%41" for "A"; as written where a "%" means nothing.
[[nodiscard]] std::string percentDecoded(std::string_view text);

/// The login for a URL out of the content of a file: lines as git's own credential store has them
/// (https://USER:PASSWORD@HOST, percent-encoded, gitcredentials(7) and git-credential-store(1); the first
/// for the URL's scheme, host and port counts), or one line, USER:PASSWORD or a token. The error follows the
/// file's name ("holds no login for …") and repeats nothing of it.
[[nodiscard]] tl::expected<GitLogin, std::string> loginFor(const GitUrl& url, const Secret& file);

}  // namespace hydra_clients::manifest
