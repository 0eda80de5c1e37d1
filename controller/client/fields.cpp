#include "client/fields.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace hydra_clients {
namespace {

using enum FieldType;

constexpr HydraVersion kAlways{0, 0, 0};
constexpr HydraVersion kV1_11{1, 11, 0};
constexpr HydraVersion kV1_11_9{1, 11, 9};
constexpr HydraVersion kV2_0{2, 0, 0};
constexpr HydraVersion kV2_1{2, 1, 0};
constexpr HydraVersion kV2_2{2, 2, 0};
constexpr HydraVersion kV25_4{25, 4, 0};

constexpr Field always(std::string_view name, FieldType type, WhenEmpty empty = WhenEmpty::kStaysEmpty) {
  return {name, type, kAlways, std::nullopt, empty};
}
constexpr Field since(HydraVersion version, std::string_view name, FieldType type) {
  return {name, type, version, std::nullopt, WhenEmpty::kStaysEmpty};
}

constexpr std::array kFields = {
    since(kV2_1, "access_token_strategy", kStrategy),
    always("allowed_cors_origins", kOrigins),
    always("audience", kStringSet),
    since(kV1_11_9, "authorization_code_grant_access_token_lifespan", kDuration),
    since(kV1_11_9, "authorization_code_grant_id_token_lifespan", kDuration),
    since(kV1_11_9, "authorization_code_grant_refresh_token_lifespan", kDuration),
    always("backchannel_logout_session_required", kBoolean),
    always("backchannel_logout_uri", kString),
    since(kV1_11_9, "client_credentials_grant_access_token_lifespan", kDuration),
    always("client_id", kClientId),
    always("client_name", kString),
    always("client_secret", kSecret),
    always("client_secret_expires_at", kReadOnly),
    always("client_uri", kString),
    always("contacts", kStringSet),
    always("created_at", kReadOnly),
    since(kV25_4, "device_authorization_grant_access_token_lifespan", kDuration),
    since(kV25_4, "device_authorization_grant_id_token_lifespan", kDuration),
    since(kV25_4, "device_authorization_grant_refresh_token_lifespan", kDuration),
    always("frontchannel_logout_session_required", kBoolean),
    always("frontchannel_logout_uri", kString),
    always("grant_types", kStringSet),
    since(kV1_11_9, "implicit_grant_access_token_lifespan", kDuration),
    since(kV1_11_9, "implicit_grant_id_token_lifespan", kDuration),
    always("jwks", kKeySet),
    always("jwks_uri", kString),
    since(kV1_11_9, "jwt_bearer_grant_access_token_lifespan", kDuration),
    always("logo_uri", kString),
    always("metadata", kMetadata),
    always("owner", kString),
    Field{"password_grant_access_token_lifespan", kDuration, kV1_11_9, kV2_0, WhenEmpty::kStaysEmpty},
    Field{"password_grant_refresh_token_lifespan", kDuration, kV1_11_9, kV2_0, WhenEmpty::kStaysEmpty},
    always("policy_uri", kString),
    always("post_logout_redirect_uris", kStringSet),
    always("redirect_uris", kStringSet),
    since(kV1_11_9, "refresh_token_grant_access_token_lifespan", kDuration),
    since(kV1_11_9, "refresh_token_grant_id_token_lifespan", kDuration),
    since(kV1_11_9, "refresh_token_grant_refresh_token_lifespan", kDuration),
    since(kV1_11, "registration_access_token", kReadOnly),
    since(kV1_11, "registration_client_uri", kReadOnly),
    always("request_object_signing_alg", kString),
    always("request_uris", kStringSet),
    always("response_types", kStringSet),
    always("scope", kScope, WhenEmpty::kHydraDefault),
    always("sector_identifier_uri", kString),
    since(kV2_1, "skip_consent", kBoolean),
    since(kV2_2, "skip_logout_consent", kBoolean),
    always("subject_type", kString, WhenEmpty::kHydraDefault),
    always("token_endpoint_auth_method", kString, WhenEmpty::kHydraDefault),
    always("token_endpoint_auth_signing_alg", kString),
    always("tos_uri", kString),
    always("updated_at", kReadOnly),
    always("userinfo_signed_response_alg", kString, WhenEmpty::kHydraDefault),
};

static_assert(std::ranges::is_sorted(kFields, {}, &Field::name));
static_assert(kFields.size() <= 64,
              "DeclaredFields keeps sets of them as 64 bits; CanonicalFields the index in one byte");

constexpr std::size_t lengthOf(std::uint8_t index) { return kFields[index].name.size(); }

/// Indices of kFields by the lengths of their names, of which few are the same: each member of each client is
/// looked for.
constexpr auto kByLength = [] {
  std::array<std::uint8_t, kFields.size()> indices{};
  std::iota(indices.begin(), indices.end(), std::uint8_t{0});
  std::ranges::sort(indices, {}, lengthOf);
  return indices;
}();

}  // namespace

bool Field::knownBy(const HydraVersion& version) const {
  return version >= since && (!until || version < *until);
}

bool Field::compared() const { return type != kSecret && type != kReadOnly && type != kClientId; }

std::span<const Field> allFields() { return kFields; }

const Field* findField(std::string_view name) {
  for (const std::uint8_t index : std::ranges::equal_range(kByLength, name.size(), {}, lengthOf)) {
    if (kFields[index].name == name) return &kFields[index];
  }
  return nullptr;
}

std::size_t indexOf(const Field& field) { return static_cast<std::size_t>(&field - kFields.data()); }

}  // namespace hydra_clients
