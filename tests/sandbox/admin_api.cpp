#include "admin_api.h"

#include <chrono>

#include "client_json.h"
#include "go_time.h"
#include "go_url.h"
#include "paging.h"
#include "patch.h"
#include "random.h"

namespace sandbox {
namespace {

Response json_response(int status, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.set_header("Content-Type", "application/json; charset=utf-8");
  return response;
}

Response client_response(int status, const Client& client, const Dialect& dialect) {
  std::string body;
  append_client(body, client, dialect);
  return json_response(status, body + "\n");
}

/// Client.BeforeSave: what is nil becomes empty in the database, and in the answer.
void before_save(Client& client) {
  if (!client.has(Field::jwks)) client[Field::jwks] = std::string("{}");
  if (!client.has(Field::metadata)) client[Field::metadata] = std::string("{}");
  for (const Field field : {Field::audience, Field::allowed_cors_origins}) {
    if (!client.has(field)) client[field] = std::vector<std::string>{};
  }
}

StoredClient stored_form(const Client& client, const Dialect& dialect) {
  const Client back = after_storage(client, dialect);
  StoredClient stored{.id = client.text(Field::client_id),
                      .order_key = client.text(Field::client_id),
                      .name = client.text(Field::client_name),
                      .owner = client.text(Field::owner),
                      .secret = {},
                      .created_at = client.text(Field::created_at),
                      .json = {},
                      .unreadable = client.unreadable_keys};
  append_client(stored.json, back, dialect);
  return stored;
}

/// pop stamps updated_at itself, whatever the handler set.
std::string now_to_the_microsecond() {
  using namespace std::chrono;
  return format_rfc3339(floor<microseconds>(system_clock::now()));
}

std::string now_to_the_second() { return format_rfc3339(round_to_second(std::chrono::system_clock::now())); }

}  // namespace

Response AdminApi::missing(bool on_get) const {
  return error_response(on_get && dialect_.missing_client_is_401 ? missing_client_401() : missing_client());
}

Answer AdminApi::list(const Request& request) {
  const auto page =
      list_page(request, std::string(dialect_.clients_path), store_, dialect_, settings_.max_page_size);
  if (!page) return {.response = error_response(page.error()), .hang_up = false};
  if (page->panics) return {.response = {}, .hang_up = true};
  std::string body = "[";
  for (const StoredClient* client : page->clients) {
    if (client->unreadable) return {.response = error_response(unrecognizable()), .hang_up = false};
    if (body.size() > 1) body += ',';
    body += client->json;
  }
  Response response = json_response(200, body + "]\n");
  if (!page->link.empty()) response.set_header("Link", page->link);
  if (page->total) response.set_header("X-Total-Count", *page->total);
  return {.response = std::move(response), .hang_up = false};
}

Response AdminApi::create(const Request& request) {
  Client client;
  if (const auto decoded = decode_client(request.body, dialect_, client); !decoded) {
    return error_response(undecodable(decoded.error(), dialect_));
  }
  if (dialect_.chosen_id_refused && !client.text(Field::client_id).empty()) {
    return error_response(
        bad_request("It is no longer possible to set an OAuth2 Client ID as a user. The system will "
                    "generate a unique ID for you."));
  }
  if (client.text(Field::client_secret).empty()) client[Field::client_secret] = random_secret();
  const bool id_before_uri = dialect_.version < Version::v2_3;
  if (client.text(Field::client_id).empty() && id_before_uri) client[Field::client_id] = random_uuid();
  if (const auto valid = validate(client, dialect_, settings_.server); !valid)
    return error_response(valid.error());
  client[Field::created_at] = now_to_the_second();
  client[Field::updated_at] = now_to_the_microsecond();
  if (dialect_.registration_token) {
    go_url::Url path;
    path.path = "/oauth2/register/" + client.text(Field::client_id);
    client[Field::registration_access_token] = random_access_token(dialect_.version >= Version::v2_1);
    client[Field::registration_client_uri] = settings_.public_url + path.text();
  }
  if (client.text(Field::client_id).empty()) client[Field::client_id] = random_uuid();
  before_save(client);

  StoredClient stored = stored_form(client, dialect_);
  stored.secret = client.text(Field::client_secret);
  if (!store_.insert(std::move(stored))) return error_response(client_exists());
  if (client.text(Field::token_endpoint_auth_method) == "none") client[Field::client_secret] = {};
  Response response = client_response(201, client, dialect_);
  const std::string& id = client.text(Field::client_id);
  response.set_header("Location", std::string(dialect_.clients_path) + "/" +
                                      (dialect_.servemux ? go_url::path_escape(id) : id));
  return response;
}

Response AdminApi::get(const std::string& id) const {
  const StoredClient* stored = store_.find(id);
  if (stored == nullptr) return missing(/*on_get=*/true);
  if (stored->unreadable) return error_response(unrecognizable());
  return json_response(200, stored->json + "\n");
}

Response AdminApi::replace(const Request& request, const std::string& id) {
  Client client;
  if (const auto decoded = decode_client(request.body, dialect_, client); !decoded) {
    if (dialect_.version == Version::v1_9) return error_response(unrecognizable());
    return error_response(bad_request("Unable to decode the request body: " + decoded.error()));
  }
  client[Field::client_id] = id;
  return update(std::move(client), "");
}

Response AdminApi::update(Client client, const std::string& secret) {
  const std::string given = client.text(Field::client_secret);
  if (const auto valid = validate(client, dialect_, settings_.server); !valid)
    return error_response(valid.error());
  client[Field::updated_at] = now_to_the_microsecond();
  const StoredClient* before = store_.find(client.text(Field::client_id));
  if (before == nullptr) return missing(/*on_get=*/false);
  if (before->unreadable) return error_response(unrecognizable());
  before_save(client);
  // The answer shows a fresh created_at unless the body carried one; the database keeps the first.
  Client kept = client;
  kept[Field::created_at] = before->created_at;
  StoredClient stored = stored_form(kept, dialect_);
  stored.secret = !given.empty() ? given : !secret.empty() ? secret : before->secret;
  store_.replace(std::move(stored));
  if (!client.has(Field::created_at)) {
    client[Field::created_at] = format_rfc3339(std::chrono::system_clock::now());
  }
  return client_response(200, client, dialect_);
}

Response AdminApi::patch(const Request& request, const std::string& id) {
  const StoredClient* before = store_.find(id);
  if (before == nullptr) return missing(/*on_get=*/true);
  if (before->unreadable) return error_response(unrecognizable());
  const PatchRules rules{.only_add_remove_replace = dialect_.version >= Version::v2_1,
                         .replace_adds_missing = dialect_.version != Version::v2_1,
                         .add_makes_parents = dialect_.version >= Version::v2_3};
  const auto patched = apply_patch(before->json, request.body, rules);
  if (!patched) return error_response(unrecognizable());
  Client client;
  // Before v25 the patched document is read into the client that is there: what a patch removes stays.
  if (dialect_.version < Version::v26) (void)decode_client(before->json, dialect_, client);
  if (!decode_client(*patched, dialect_, client)) return error_response(unrecognizable());
  return update(std::move(client), before->secret);
}

Response AdminApi::replace_lifespans(const Request& request, const std::string& id) {
  const StoredClient* before = store_.find(id);
  if (before == nullptr) return missing(/*on_get=*/true);
  if (before->unreadable) return error_response(unrecognizable());
  const auto given = decode_lifespans(request.body, dialect_);
  if (!given) return error_response(bad_request("Unable to decode the request body: " + given.error()));
  Client client;
  (void)decode_client(before->json, dialect_, client);
  for (const FieldRow& row : all_fields()) {
    if (row.type == FieldType::duration) client[row.field] = (*given)[row.field];
  }
  return update(std::move(client), before->secret);
}

Response AdminApi::remove(const std::string& id) {
  const StoredClient* before = store_.find(id);
  if (before == nullptr) return missing(/*on_get=*/false);
  if (before->unreadable) return error_response(unrecognizable());
  store_.erase(id);
  return {.status = 204, .headers = {}, .body = {}};
}

tl::expected<void, std::string> AdminApi::preload(std::string_view json) {
  Client client;
  if (auto decoded = decode_client(json, dialect_, client); !decoded) return decoded;
  if (client.text(Field::client_id).empty()) client[Field::client_id] = random_uuid();
  if (const auto valid = validate(client, dialect_, settings_.server); !valid) {
    return tl::unexpected(valid.error().description);
  }
  if (!client.has(Field::created_at)) client[Field::created_at] = now_to_the_second();
  if (!client.has(Field::updated_at)) client[Field::updated_at] = now_to_the_second();
  before_save(client);
  StoredClient stored = stored_form(client, dialect_);
  stored.secret = client.text(Field::client_secret);
  if (dialect_.random_order) stored.order_key = random_uuid();
  store_.erase(stored.id);
  store_.insert(std::move(stored));
  return {};
}

}  // namespace sandbox
