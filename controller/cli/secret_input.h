#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include <tl/expected.hpp>

#include "client/secret.h"

namespace hydra_clients::cli {

/// A secret from standard input: all of it without its one trailing newline (LF or CRLF), or, where it is a
/// terminal, a line that is typed twice and not shown; `prompt` is asked for on standard error. At most
/// `limit` bytes. The error is in words and quotes nothing; `stop` ends the wait, and the terminal shows what
/// is typed again.
[[nodiscard]] tl::expected<Secret, std::string> readSecretInput(const std::string& prompt, std::size_t limit,
                                                                const std::stop_token& stop);

}  // namespace hydra_clients::cli
