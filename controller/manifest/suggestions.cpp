#include "manifest/suggestions.h"

#include <algorithm>
#include <array>
#include <vector>

#include "client/ascii.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kLongestName = 64;  // no field's name is longer; a longer one is no slip of the finger

std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ':' || c == ' ' || c == '.') continue;
    result.push_back(lowerCase(c));
  }
  return result;
}

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

std::size_t editDistance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > most) return most + 1;
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> older(width), old(width), current(width);
  for (std::size_t j = 0; j < width; ++j) old[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({old[j] + 1, current[j - 1] + 1, old[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], older[j - 2] + 1);
    }
    older.swap(old);
    old.swap(current);
  }
  return std::min(old[b.size()], most + 1);
}

std::optional<std::string_view> nearest(std::string_view written, std::span<const std::string_view> known) {
  if (written.empty() || written.size() > kLongestName) return std::nullopt;
  const std::string plain = folded(written);
  std::optional<std::string_view> best;
  std::size_t bestDistance = std::max<std::size_t>(1, written.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::string plainCandidate = folded(candidate);
    if (plainCandidate == plain) return candidate;
    const std::size_t distance = editDistance(plain, plainCandidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

std::optional<std::string_view> adviceForFieldName(std::string_view written) {
  const auto found = std::ranges::lower_bound(kAdvice, written, {}, &Advice::name);
  if (found == kAdvice.end() || found->name != written) return std::nullopt;
  return found->advice;
}

}  // namespace hydra_clients::manifest
