#include "validate.h"

#include <algorithm>

#include "go_url.h"

namespace sandbox {
namespace {

using Verdict = tl::expected<void, ApiError>;

Verdict refuse(const std::string& hint) { return tl::unexpected(invalid_metadata(hint)); }

template <class List>
bool contains(const List& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void fill_in(Client& client, Field field, const std::string& value) {
  if (client.text(field).empty()) client[field] = value;
}

/// Before v25 `jwks: {}` counts as set.
bool keys_are_set(const Client& client, const Dialect& dialect) {
  return dialect.version >= Version::v26 ? client.has_key_set : client.has(Field::jwks);
}

Verdict check_authentication(Client& client, const Dialect& dialect) {
  static const std::vector<std::string> algorithms = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                                      "PS512", "ES256", "ES384", "ES512"};
  const bool has_keys = keys_are_set(client, dialect);
  const bool has_uri = !client.text(Field::jwks_uri).empty();
  fill_in(client, Field::token_endpoint_auth_method, "client_secret_basic");
  if (client.text(Field::token_endpoint_auth_method) == "private_key_jwt") {
    if (!has_uri && !has_keys) {
      return refuse(
          "When token_endpoint_auth_method is 'private_key_jwt', either jwks or jwks_uri must be set.");
    }
    const std::string& algorithm = client.text(Field::token_endpoint_auth_signing_alg);
    if (!algorithm.empty() && !contains(algorithms, algorithm)) {
      return refuse(
          "Only RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and ES512 are supported as algorithms "
          "for private key authentication.");
    }
  }
  if (has_uri && has_keys)
    return refuse("Fields jwks and jwks_uri can not both be set, you must choose one.");
  if (dialect.strict_keys && client.invalid_keys) return refuse("Invalid JSON web key in set.");
  return {};
}

Verdict check_origins(Client& client) {
  std::vector<std::string> origins = client.list(Field::allowed_cors_origins);
  for (std::string& origin : origins) {
    auto url = go_url::parse(origin);
    if (!url) {
      return refuse("Origin URL " + origin +
                    " from allowed_cors_origins could not be parsed: " + url.error());
    }
    if (url->scheme != "https" && url->scheme != "http") {
      return refuse("Origin URL " + origin + " must use https:// or http:// as HTTP scheme.");
    }
    if (url->user && !go_url::user_text(*url->user).empty()) {
      return refuse("Origin URL " + origin + " has HTTP user and/or password set which is not allowed.");
    }
    url->path.erase(url->path.find_last_not_of('/') + 1);
    if (!url->path.empty() || !url->raw_query.empty() || !url->fragment.empty()) {
      return refuse("Origin URL " + origin +
                    " must have an empty path, query, and fragment but one of the parts is not empty.");
    }
    origin = url->text();
  }
  if (client.has(Field::allowed_cors_origins)) client[Field::allowed_cors_origins] = std::move(origins);
  return {};
}

/// Hydra fetches the URI and wants every redirect URI in it; what goes wrong there it does not say.
Verdict check_sector_identifier(const Client& client, const ServerSettings& settings) {
  const std::string& uri = client.text(Field::sector_identifier_uri);
  if (uri.empty()) return {};
  const auto url = go_url::parse(uri);
  if (!url) return refuse("Value of sector_identifier_uri could not be parsed because " + url.error() + ".");
  if (url->scheme == "https" && settings.sector_identifiers_answer) return {};
  return refuse("");
}

tl::expected<std::vector<go_url::Url>, ApiError> check_redirects(const Client& client,
                                                                 const Dialect& dialect) {
  const bool fragment_first = dialect.version >= Version::v26;
  std::vector<go_url::Url> parsed;
  for (const std::string& uri : client.list(Field::redirect_uris)) {
    const bool has_fragment = uri.find('#') != std::string::npos;
    const ApiError fragment_fault = invalid_redirect_uri("Redirect URIs must not contain fragments (#).");
    if (has_fragment && fragment_first) return tl::unexpected(fragment_fault);
    auto url = go_url::parse_request_uri(uri);
    if (!url) return tl::unexpected(invalid_redirect_uri("Unable to parse redirect URL: " + uri));
    if (has_fragment) return tl::unexpected(fragment_fault);
    parsed.push_back(std::move(*url));
  }
  return parsed;
}

Verdict check_subject_type(Client& client, const ServerSettings& settings) {
  const auto& types = settings.subject_types;
  const std::string& type = client.text(Field::subject_type);
  if (type.empty()) {
    client[Field::subject_type] = contains(types, "public") ? std::string("public") : types.front();
    return {};
  }
  if (contains(types, type)) return {};
  std::string allowed;
  for (const auto& one : types) allowed += (allowed.empty() ? "" : " ") + one;
  return refuse("Subject type " + type + " is not supported by server, only [" + allowed + "] are allowed.");
}

Verdict check_logout_redirects(const Client& client, const std::vector<go_url::Url>& redirects) {
  for (const std::string& uri : client.list(Field::post_logout_redirect_uris)) {
    const auto url = go_url::parse_request_uri(uri);
    if (!url) return refuse("Unable to parse post_logout_redirect_uri: " + uri);
    const bool found = std::any_of(redirects.begin(), redirects.end(), [&](const go_url::Url& r) {
      return r.hostname() == url->hostname() && r.port() == url->port() && r.scheme == url->scheme;
    });
    if (!found) {
      return refuse("post_logout_redirect_uri \"" + uri +
                    "\" must match the domain, port, scheme of at least one of the registered redirect URIs "
                    "but did not'");
    }
  }
  return {};
}

Verdict check_strategy(Client& client) {
  std::string strategy = client.text(Field::access_token_strategy);
  if (strategy.empty()) return {};
  std::transform(strategy.begin(), strategy.end(), strategy.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (strategy != "jwt" && strategy != "opaque") {
    return refuse("invalid access token strategy: expected one of [jwt, opaque] but got " +
                  client.text(Field::access_token_strategy));
  }
  client[Field::access_token_strategy] = strategy;
  return {};
}

/// tos_uri since v25.4, the others since v26.2.
Verdict check_pages(const Client& client, const Dialect& dialect) {
  if (dialect.version < Version::v26) return {};
  static const std::vector<std::pair<Field, std::string>> pages = {{Field::tos_uri, "tos_uri"},
                                                                   {Field::policy_uri, "policy_uri"},
                                                                   {Field::logo_uri, "logo_uri"},
                                                                   {Field::client_uri, "client_uri"}};
  for (const auto& [field, name] : pages) {
    const std::string& uri = client.text(field);
    if (uri.empty()) continue;
    const auto url = go_url::parse_request_uri(uri);
    if (!url) return refuse("Field " + name + " must be a valid URI: " + url.error());
    if (url->scheme != "https" && url->scheme != "http") {
      return refuse("Field " + name + " must use https:// or http:// as HTTP scheme.");
    }
  }
  return {};
}

}  // namespace

tl::expected<void, ApiError> validate(Client& client, const Dialect& dialect,
                                      const ServerSettings& settings) {
  if (auto verdict = check_authentication(client, dialect); !verdict) return verdict;
  const std::string& secret = client.text(Field::client_secret);
  if (!secret.empty() && secret.size() < 6) {
    return refuse("Field client_secret must contain a secret that is at least 6 characters long.");
  }
  fill_in(client, Field::scope, settings.default_scope);
  if (auto verdict = check_origins(client); !verdict) return verdict;
  client[Field::client_secret_expires_at] = std::int64_t{0};
  if (auto verdict = check_sector_identifier(client, settings); !verdict) return verdict;
  fill_in(client, Field::userinfo_signed_response_alg, "none");
  const std::string& algorithm = client.text(Field::userinfo_signed_response_alg);
  if (algorithm != "none" && algorithm != "RS256") {
    return refuse("Field userinfo_signed_response_alg can either be 'none' or 'RS256'.");
  }
  const auto redirects = check_redirects(client, dialect);
  if (!redirects) return tl::unexpected(redirects.error());
  if (auto verdict = check_subject_type(client, settings); !verdict) return verdict;
  if (auto verdict = check_logout_redirects(client, *redirects); !verdict) return verdict;
  if (auto verdict = check_strategy(client); !verdict) return verdict;
  return check_pages(client, dialect);
}

}  // namespace sandbox
