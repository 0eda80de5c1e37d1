// An OAuth 2.0 client as Hydra's Go struct holds it: which fields each dialect knows, their types, and what
// stands in an answer when a field is empty. Reading and writing it as JSON is in client_json.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect.h"

namespace sandbox {

/// In the order of Hydra's struct, which is the order of its answers.
enum class Field {
  client_id,
  client_name,
  client_secret,
  redirect_uris,
  grant_types,
  response_types,
  scope,
  audience,
  owner,
  policy_uri,
  allowed_cors_origins,
  tos_uri,
  client_uri,
  logo_uri,
  contacts,
  client_secret_expires_at,
  subject_type,
  sector_identifier_uri,
  jwks_uri,
  jwks,
  token_endpoint_auth_method,
  token_endpoint_auth_signing_alg,
  request_uris,
  request_object_signing_alg,
  userinfo_signed_response_alg,
  created_at,
  updated_at,
  frontchannel_logout_uri,
  frontchannel_logout_session_required,
  post_logout_redirect_uris,
  backchannel_logout_uri,
  backchannel_logout_session_required,
  metadata,
  registration_access_token,
  registration_client_uri,
  access_token_strategy,
  skip_consent,
  skip_logout_consent,
  authorization_code_grant_access_token_lifespan,
  authorization_code_grant_id_token_lifespan,
  authorization_code_grant_refresh_token_lifespan,
  client_credentials_grant_access_token_lifespan,
  device_authorization_grant_access_token_lifespan,
  device_authorization_grant_id_token_lifespan,
  device_authorization_grant_refresh_token_lifespan,
  implicit_grant_access_token_lifespan,
  implicit_grant_id_token_lifespan,
  jwt_bearer_grant_access_token_lifespan,
  password_grant_access_token_lifespan,
  password_grant_refresh_token_lifespan,
  refresh_token_grant_id_token_lifespan,
  refresh_token_grant_access_token_lifespan,
  refresh_token_grant_refresh_token_lifespan,
};
inline constexpr std::size_t kFieldCount =
    static_cast<std::size_t>(Field::refresh_token_grant_refresh_token_lifespan) + 1;

enum class FieldType {
  text,
  flag,
  nullable_flag,
  list,
  number,
  time,
  duration,
  key_set,  // jwks
  raw,      // metadata
};

struct FieldRow {
  Field field;
  std::string_view name;
  FieldType type;
  bool omit_empty;  // `,omitempty`: no member in the answer when the value is empty
  Version since;
  Version until;
};

/// Every field, in the order of Field.
const std::array<FieldRow, kFieldCount>& all_fields();

inline bool knows(const Dialect& dialect, const FieldRow& row) {
  return dialect.version >= row.since && dialect.version <= row.until;
}

/// A field's value; monostate is Go's zero value (nil, "", false, 0). text, time, key_set and raw are strings
/// (the latter two JSON), durations and numbers integers.
using Value = std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;

class Client {
 public:
  const Value& operator[](Field field) const { return values_[static_cast<std::size_t>(field)]; }
  Value& operator[](Field field) { return values_[static_cast<std::size_t>(field)]; }

  bool has(Field field) const { return !std::holds_alternative<std::monostate>((*this)[field]); }
  /// The text of a field, "" for none.
  const std::string& text(Field field) const;
  /// The elements of a field, none for nil.
  const std::vector<std::string>& list(Field field) const;

  /// jwks holds a key that this Hydra stores and cannot read again: an answer with it is a 500.
  bool unreadable_keys = false;
  /// jwks holds a key that is not valid; such a client is refused where keys are checked.
  bool invalid_keys = false;
  /// jwks holds a key set ({"keys":…}), not only an empty object.
  bool has_key_set = false;

 private:
  std::array<Value, kFieldCount> values_;
};

/// The client as it comes back from the database: nil lists are empty, lists joined by "|" come back as that
/// Hydra splits them, members that are not stored are gone.
Client after_storage(Client client, const Dialect& dialect);

}  // namespace sandbox
