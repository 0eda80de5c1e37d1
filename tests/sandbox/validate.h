// Hydra's validator: which client is refused, with which words, and what it fills in or rewrites.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client.h"
#include "errors.h"

namespace sandbox {

struct ServerSettings {
  std::string default_scope = "offline_access offline openid";
  std::vector<std::string> subject_types = {"public"};
  bool sector_identifiers_answer = false;  // pretend that every sector_identifier_uri holds the redirect URIs
};

/// client.Validator.Validate: the client's defaults are filled in, its CORS origins rewritten.
tl::expected<void, ApiError> validate(Client& client, const Dialect& dialect, const ServerSettings& settings);

}  // namespace sandbox
