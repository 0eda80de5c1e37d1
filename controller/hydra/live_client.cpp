#include "hydra/live_client.h"

#include <algorithm>
#include <utility>

#include "client/json_raw.h"
#include "client/secret.h"

namespace hydra_clients::hydra {
namespace {

void dropSecrets(json::Value& client) {
  std::erase_if(client.members, [](json::Member& member) {
    const bool isSecret = member.name == "client_secret" || member.name == "registration_access_token";
    if (isSecret) wipe(member.value.text);
    return isSecret;
  });
}

/// nullptr where the value is no object with a string `client_id`.
const ClientId* idOf(const json::Value& client) {
  const json::Value* id = client.isObject() ? client.find("client_id") : nullptr;
  return id != nullptr && id->isString() && !id->text.empty() ? &id->text : nullptr;
}

/// Whether a reader of JSON would give these bytes of a string as they stand.
bool isPlain(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
}

}  // namespace

std::optional<LiveClient> LiveClient::of(std::string_view raw) {
  LiveClient client(raw);
  if (client.takeIdAsHydraWritesIt()) return client;
  auto value = json::parse(raw);  // written by something else than Hydra
  if (!value) return std::nullopt;
  dropSecrets(*value);
  const ClientId* const id = idOf(*value);
  if (id == nullptr) return std::nullopt;
  client.readId_ = *id;
  return client;
}

bool LiveClient::takeIdAsHydraWritesIt() {
  if (!raw_.starts_with(kBeforeId)) return false;
  const std::string_view rest = raw_.substr(kBeforeId.size());
  const std::string_view literal = rest.substr(0, json::rawStringLength(rest));
  if (literal.size() <= 2) return false;
  if (isPlain(literal.substr(1, literal.size() - 2))) {
    idLength_ = literal.size() - 2;
    return true;
  }
  auto id = json::parse(literal);
  if (!id || id->text.empty()) return false;
  readId_ = std::move(id->text);
  return true;
}

tl::expected<json::Value, std::string> LiveClient::value() const {
  auto value = json::parse(raw_);
  if (!value) {
    return tl::unexpected("what Hydra answers for it cannot be read, at byte " +
                          std::to_string(value.error().offset) + ": " + value.error().message);
  }
  dropSecrets(*value);
  const ClientId* const read = idOf(*value);
  if (read == nullptr || *read != id()) {
    return tl::unexpected(std::string("what Hydra answers for it has more than one client_id"));
  }
  return std::move(*value);
}

LiveClient LiveClient::kept() const {
  LiveClient copy = *this;
  if (bytes_ == nullptr) {
    copy.bytes_ = std::make_shared<const std::string>(raw_);
    copy.raw_ = *copy.bytes_;
  }
  return copy;
}

}  // namespace hydra_clients::hydra
