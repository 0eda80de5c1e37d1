#include "secrets/sealed_payload.h"

#include <optional>
#include <utility>

#include "client/json.h"
#include "secrets/secret_file.h"

namespace hydra_clients::secrets {
namespace {

constexpr std::string_view kId = "client_id";
constexpr std::string_view kSecret = "client_secret";
constexpr const char* kMakeOne =
    "; make the message with: hydra-clients seal --client-id ID --pgp-key-file KEY";

tl::unexpected<std::string> because(std::string why) { return tl::make_unexpected(std::move(why)); }

void wipeAll(json::Value& value) {
  wipe(value.text);
  for (json::Value& item : value.items) wipeAll(item);
  for (json::Member& member : value.members) {
    wipe(member.name);
    wipeAll(member.value);
  }
}

/// The one value of the text, or nothing where it is not lawful JSON. What is not handed on is wiped.
std::optional<json::Value> parseStrictly(std::string_view text) {
  json::Limits limits;
  limits.stringBytes = kMaxPayloadBytes;
  std::optional<json::Value> found;
  bool lawful = true;
  const auto fault =
      json::readElements(text, limits, json::Strictness::kManifest, [&](json::Element&& element) {
        lawful = lawful && !found && !element.inArray && element.faults.empty();
        if (found) wipeAll(*found);
        found = std::move(element.value);
      });
  if (found && (fault || !lawful)) {
    wipeAll(*found);
    found.reset();
  }
  return found;
}

bool isPayload(const json::Value& value) {
  const json::Value* const id = value.find(kId);
  const json::Value* const secret = value.find(kSecret);
  return value.members.size() == 2 && id != nullptr && id->isString() && secret != nullptr &&
         secret->isString();
}

tl::expected<Secret, std::string> takeSecret(json::Value& payload, std::string_view clientId) {
  std::string secret;
  for (json::Member& member : payload.members) {
    if (member.name == kSecret) secret = std::exchange(member.value.text, {});
  }
  Secret taken(std::move(secret));
  if (clientId.empty()) return because("is sealed for a client_id, and this manifest has none");
  if (payload.find(kId)->text != clientId) {
    return because(std::string("was sealed for another client, and holds for that one alone") + kMakeOne);
  }
  if (const std::string fault = faultOfSecret(taken.reveal(Purpose::kComparison), kMaxSecretBytes);
      !fault.empty()) {
    return because("holds a secret that " + fault);
  }
  return taken;
}

}  // namespace

Secret makePayload(std::string_view clientId, const Secret& secret) {
  std::string quoted = json::quote(secret.reveal(Purpose::kEncryption));
  std::string text;
  text.reserve(kMaxPayloadBytes);  // one buffer: growing it would leave copies behind
  text.append("{\"client_id\":").append(json::quote(clientId)).append(",\"client_secret\":");
  text.append(quoted).append("}");
  wipe(quoted);
  return Secret(std::move(text));
}

tl::expected<Secret, std::string> openPayload(const Secret& payload, std::string_view clientId) {
  auto value = parseStrictly(payload.reveal(Purpose::kUnsealing));
  if (!value || !value->isObject()) {
    if (value) wipeAll(*value);
    return because(std::string("is not bound to a client: it holds a bare secret, not {\"client_id\": …, "
                               "\"client_secret\": …}") +
                   kMakeOne);
  }
  auto secret =
      isPayload(*value)
          ? takeSecret(*value, clientId)
          : because(std::string("must hold exactly the two strings client_id and client_secret") + kMakeOne);
  wipeAll(*value);
  return secret;
}

}  // namespace hydra_clients::secrets
