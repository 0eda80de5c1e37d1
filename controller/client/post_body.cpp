#include "client/post_body.h"

#include <utility>

#include "client/fields.h"

namespace hydra_clients {
namespace {

/// The fields with metadata.hydra_clients.import set.
std::string stamped(std::string_view fields, std::string_view stamp) {
  json::Value client = json::parse(fields).value();
  json::Value* metadata = nullptr;
  for (json::Member& member : client.members) {
    if (member.name == "metadata") metadata = &member.value;
  }
  if (metadata == nullptr) {
    client.add("metadata", json::Value::object());
    metadata = &client.members.back().value;
  }
  if (!metadata->isObject()) *metadata = json::Value::object();
  json::Value mark = json::Value::object();
  if (const json::Value* theirs = metadata->find(kStampKey); theirs != nullptr && theirs->isObject()) {
    mark = *theirs;  // what else stands there is the manifest's, and compared
  }
  std::erase_if(mark.members, [](const json::Member& member) { return member.name == "import"; });
  mark.add("import", json::Value::string(std::string(stamp)));
  std::erase_if(metadata->members, [](const json::Member& member) { return member.name == kStampKey; });
  metadata->add(std::string(kStampKey), std::move(mark));
  return json::write(client);
}

/// Strings that need no escape are the rule for secrets; quote() would leave copies behind on growing.
void appendMember(std::string& body, std::string_view name, std::string_view value) {
  if (body.back() != '{') body += ',';
  std::string quoted = json::quote(value);
  body += json::quote(name) + ":";
  body += quoted;
  wipe(quoted);
}

}  // namespace

std::string stampOf(const json::Value& client) {
  const json::Value* metadata = client.find("metadata");
  const json::Value* mark = metadata != nullptr ? metadata->find(kStampKey) : nullptr;
  const json::Value* stamp = mark != nullptr ? mark->find("import") : nullptr;
  return stamp != nullptr ? stamp->text : std::string();
}

SharedSecret makePostBody(const PostBodyParts& parts) {
  std::string body = parts.stamp ? stamped(parts.fields, *parts.stamp) : std::string(parts.fields);
  body.pop_back();  // the closing brace
  const std::size_t room =
      64 + (parts.id ? parts.id->size() * 6 : 0) + (parts.secret ? parts.secret->size() * 6 : 0);
  body.reserve(body.size() + room);  // no copy of the secret is left behind by growing
  if (parts.id) appendMember(body, "client_id", *parts.id);
  if (parts.secret != nullptr) {
    appendMember(body, "client_secret", parts.secret->reveal(Purpose::kPostBody));
  }
  body += '}';
  return std::make_shared<const Secret>(std::move(body));
}

}  // namespace hydra_clients
