#include "client.h"

namespace sandbox {
namespace {

constexpr Version kFirst = Version::v1_9;
constexpr Version kLast = Version::v26;
constexpr bool kOmit = true;
constexpr bool kKeep = false;

/// v1.9: strings.Split, with no escaping; an empty column is an empty list.
std::vector<std::string> joined_unescaped(const std::vector<std::string>& list) {
  std::string column;
  for (std::size_t i = 0; i < list.size(); ++i) column += (i > 0 ? "|" : "") + list[i];
  std::vector<std::string> back;
  if (column.empty()) return back;
  std::size_t begin = 0;
  for (std::size_t bar = column.find('|'); bar != std::string::npos; bar = column.find('|', begin)) {
    back.push_back(column.substr(begin, bar - begin));
    begin = bar + 1;
  }
  back.push_back(column.substr(begin));
  return back;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// v1.11: ory/x sqlxx, valueStringSlice and scanStringSlice, with their fault: a bar that follows an escaped
/// bar counts as escaped too. Empty elements are dropped (strings.FieldsFunc).
std::vector<std::string> joined_escaped(const std::vector<std::string>& list) {
  std::string column;
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string element = list[i];
    replace_all(element, "|", "\\|");
    column += (i > 0 ? "|" : "") + element;
  }
  std::vector<std::string> back;
  std::string element;
  bool escaped = false;
  const auto finish = [&] {
    if (element.empty()) return;
    replace_all(element, "\\|", "|");
    back.push_back(element);
    element.clear();
  };
  for (const char c : column) {
    if (c == '\\') {
      escaped = !escaped;
    } else if (escaped && c != '|') {
      escaped = false;
    }
    if (!escaped && c == '|') {
      finish();
    } else {
      element += c;
    }
  }
  finish();
  return back;
}

std::vector<std::string> stored_list(const std::vector<std::string>& list, Lists form) {
  switch (form) {
    case Lists::joined_unescaped:
      return joined_unescaped(list);
    case Lists::joined_escaped:
      return joined_escaped(list);
    case Lists::json:
      break;
  }
  return list;
}

}  // namespace

const std::array<FieldRow, kFieldCount>& all_fields() {
  using enum Field;
  using enum FieldType;
  constexpr Version lifespans = Version::v1_11;
  static constexpr std::array<FieldRow, kFieldCount> table = {{
      {client_id, "client_id", FieldType::text, kKeep, kFirst, kLast},
      {client_name, "client_name", FieldType::text, kKeep, kFirst, kLast},
      {client_secret, "client_secret", FieldType::text, kOmit, kFirst, kLast},
      {redirect_uris, "redirect_uris", FieldType::list, kKeep, kFirst, kLast},
      {grant_types, "grant_types", FieldType::list, kKeep, kFirst, kLast},
      {response_types, "response_types", FieldType::list, kKeep, kFirst, kLast},
      {scope, "scope", FieldType::text, kKeep, kFirst, kLast},
      {audience, "audience", FieldType::list, kKeep, kFirst, kLast},
      {owner, "owner", FieldType::text, kKeep, kFirst, kLast},
      {policy_uri, "policy_uri", FieldType::text, kKeep, kFirst, kLast},
      {allowed_cors_origins, "allowed_cors_origins", FieldType::list, kKeep, kFirst, kLast},
      {tos_uri, "tos_uri", FieldType::text, kKeep, kFirst, kLast},
      {client_uri, "client_uri", FieldType::text, kKeep, kFirst, kLast},
      {logo_uri, "logo_uri", FieldType::text, kKeep, kFirst, kLast},
      {contacts, "contacts", FieldType::list, kKeep, kFirst, kLast},
      {client_secret_expires_at, "client_secret_expires_at", number, kKeep, kFirst, kLast},
      {subject_type, "subject_type", FieldType::text, kKeep, kFirst, kLast},
      {sector_identifier_uri, "sector_identifier_uri", FieldType::text, kOmit, kFirst, kLast},
      {jwks_uri, "jwks_uri", FieldType::text, kOmit, kFirst, kLast},
      {jwks, "jwks", key_set, kOmit, kFirst, kLast},
      {token_endpoint_auth_method, "token_endpoint_auth_method", FieldType::text, kOmit, kFirst, kLast},
      {token_endpoint_auth_signing_alg, "token_endpoint_auth_signing_alg", FieldType::text, kOmit, kFirst,
       kLast},
      {request_uris, "request_uris", FieldType::list, kOmit, kFirst, kLast},
      {request_object_signing_alg, "request_object_signing_alg", FieldType::text, kOmit, kFirst, kLast},
      {userinfo_signed_response_alg, "userinfo_signed_response_alg", FieldType::text, kOmit, kFirst, kLast},
      {created_at, "created_at", time, kKeep, kFirst, kLast},
      {updated_at, "updated_at", time, kKeep, kFirst, kLast},
      {frontchannel_logout_uri, "frontchannel_logout_uri", FieldType::text, kOmit, kFirst, kLast},
      {frontchannel_logout_session_required, "frontchannel_logout_session_required", flag, kOmit, kFirst,
       kLast},
      {post_logout_redirect_uris, "post_logout_redirect_uris", FieldType::list, kOmit, kFirst, kLast},
      {backchannel_logout_uri, "backchannel_logout_uri", FieldType::text, kOmit, kFirst, kLast},
      {backchannel_logout_session_required, "backchannel_logout_session_required", flag, kOmit, kFirst,
       kLast},
      {metadata, "metadata", raw, kOmit, kFirst, kLast},
      {registration_access_token, "registration_access_token", FieldType::text, kOmit, Version::v1_11, kLast},
      {registration_client_uri, "registration_client_uri", FieldType::text, kOmit, Version::v1_11, kLast},
      {access_token_strategy, "access_token_strategy", FieldType::text, kOmit, Version::v2_1, kLast},
      {skip_consent, "skip_consent", flag, kKeep, Version::v2_1, kLast},
      {skip_logout_consent, "skip_logout_consent", nullable_flag, kKeep, Version::v2_3, kLast},
      {authorization_code_grant_access_token_lifespan, "authorization_code_grant_access_token_lifespan",
       duration, kKeep, lifespans, kLast},
      {authorization_code_grant_id_token_lifespan, "authorization_code_grant_id_token_lifespan", duration,
       kKeep, lifespans, kLast},
      {authorization_code_grant_refresh_token_lifespan, "authorization_code_grant_refresh_token_lifespan",
       duration, kKeep, lifespans, kLast},
      {client_credentials_grant_access_token_lifespan, "client_credentials_grant_access_token_lifespan",
       duration, kKeep, lifespans, kLast},
      {device_authorization_grant_access_token_lifespan, "device_authorization_grant_access_token_lifespan",
       duration, kKeep, Version::v26, kLast},
      {device_authorization_grant_id_token_lifespan, "device_authorization_grant_id_token_lifespan", duration,
       kKeep, Version::v26, kLast},
      {device_authorization_grant_refresh_token_lifespan, "device_authorization_grant_refresh_token_lifespan",
       duration, kKeep, Version::v26, kLast},
      {implicit_grant_access_token_lifespan, "implicit_grant_access_token_lifespan", duration, kKeep,
       lifespans, kLast},
      {implicit_grant_id_token_lifespan, "implicit_grant_id_token_lifespan", duration, kKeep, lifespans,
       kLast},
      {jwt_bearer_grant_access_token_lifespan, "jwt_bearer_grant_access_token_lifespan", duration, kKeep,
       lifespans, kLast},
      {password_grant_access_token_lifespan, "password_grant_access_token_lifespan", duration, kKeep,
       lifespans, Version::v1_11},
      {password_grant_refresh_token_lifespan, "password_grant_refresh_token_lifespan", duration, kKeep,
       lifespans, Version::v1_11},
      {refresh_token_grant_id_token_lifespan, "refresh_token_grant_id_token_lifespan", duration, kKeep,
       lifespans, kLast},
      {refresh_token_grant_access_token_lifespan, "refresh_token_grant_access_token_lifespan", duration,
       kKeep, lifespans, kLast},
      {refresh_token_grant_refresh_token_lifespan, "refresh_token_grant_refresh_token_lifespan", duration,
       kKeep, lifespans, kLast},
  }};
  return table;
}

const std::string& Client::text(Field field) const {
  static const std::string none;
  const auto* text = std::get_if<std::string>(&(*this)[field]);
  return text == nullptr ? none : *text;
}

const std::vector<std::string>& Client::list(Field field) const {
  static const std::vector<std::string> none;
  const auto* list = std::get_if<std::vector<std::string>>(&(*this)[field]);
  return list == nullptr ? none : *list;
}

Client after_storage(Client client, const Dialect& dialect) {
  for (const FieldRow& row : all_fields()) {
    if (row.type == FieldType::list) client[row.field] = stored_list(client.list(row.field), dialect.lists);
  }
  for (const Field never_read :
       {Field::client_secret, Field::registration_access_token, Field::registration_client_uri}) {
    client[never_read] = {};
  }
  return client;
}

}  // namespace sandbox
