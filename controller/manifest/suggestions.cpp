#include "manifest/suggestions.h"

#include <algorithm>
#include <array>

namespace hydra_clients::manifest {
namespace {

struct Advice {
  std::string_view name;
  std::string_view advice;
};

// What people's own files hold (counted over public ones), and what other servers call these things.
constexpr std::string_view kUnknownToHydra =
    "Hydra does not know this field of OpenID Connect registration and would drop it; leave it out or put it "
    "into "
    "metadata";
constexpr std::string_view kUseComment = "for people there is \"$comment\"";
constexpr std::array kAdvice = std::to_array<Advice>({
    {"//", kUseComment},
    {"_comment", kUseComment},
    {"acr_values", kUnknownToHydra},
    {"allowed_origins", "did you mean \"allowed_cors_origins\"?"},
    {"application_type", kUnknownToHydra},
    {"auth_method", "did you mean \"token_endpoint_auth_method\"?"},
    {"callback_url", "did you mean \"redirect_uris\"? It is an array"},
    {"callbacks", "did you mean \"redirect_uris\"?"},
    {"client_id_issued_at", "Hydra makes this itself; leave it out"},
    {"comment", kUseComment},
    {"confidential",
     "a public client says \"token_endpoint_auth_method\": \"none\"; any other method is confidential"},
    {"cors_origins", "did you mean \"allowed_cors_origins\"?"},
    {"default_acr_values", kUnknownToHydra},
    {"default_max_age", kUnknownToHydra},
    {"description", "Hydra keeps no description; client_name, metadata or $comment can hold one"},
    {"enabled", "Hydra cannot switch a client off; leave it out"},
    {"grants", "did you mean \"grant_types\"?"},
    {"id", "did you mean \"client_id\"? Hydra would drop \"id\" and make up an id of its own"},
    {"id_token_signed_response_alg", kUnknownToHydra},
    {"initiate_login_uri", kUnknownToHydra},
    {"keys", "did you mean \"jwks\"? It is an object that holds \"keys\""},
    {"logout_uri",
     "did you mean \"post_logout_redirect_uris\", \"frontchannel_logout_uri\" or "
     "\"backchannel_logout_uri\"?"},
    {"name", "did you mean \"client_name\"?"},
    {"public", "a public client says \"token_endpoint_auth_method\": \"none\""},
    {"redirect_uri", "did you mean \"redirect_uris\"? It is an array"},
    {"require_auth_time", kUnknownToHydra},
    {"scopes", "did you mean \"scope\"? It is one string of words separated by spaces"},
    {"secret", "did you mean \"client_secret\"? Better still \"client_secret_from\""},
    {"secret_from", "did you mean \"client_secret_from\"?"},
    {"skip_logout_prompt", "did you mean \"skip_logout_consent\"?"},
    {"software_id", kUnknownToHydra},
    {"software_version", kUnknownToHydra},
    {"update_if_exists", "there is nothing like it: a client that exists is never changed"},
});
static_assert(std::ranges::is_sorted(kAdvice, {}, &Advice::name));

}  // namespace

std::optional<std::string_view> adviceForFieldName(std::string_view written) {
  const auto found = std::ranges::lower_bound(kAdvice, written, {}, &Advice::name);
  if (found == kAdvice.end() || found->name != written) return std::nullopt;
  return found->advice;
}

}  // namespace hydra_clients::manifest
