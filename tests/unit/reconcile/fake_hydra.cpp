#include "fake_hydra.h"

#include <utility>

#include "client/json.h"

namespace hydra_clients::test {
namespace {

constexpr std::string_view kMissing = R"({"error":"Unable to locate the resource","error_description":""})";
constexpr std::string_view kExists =
    R"({"error":"Unable to insert or update resource because a resource with that value exists already","error_description":""})";

std::string decode(std::string_view encoded) {
  std::string text;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%') {
      text += static_cast<char>(std::stoi(std::string(encoded.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      text += encoded[i];
    }
  }
  return text;
}

}  // namespace

FakeHydra::Answer FakeHydra::send(const hydra::Request& request) {
  Fault fault;
  {
    const std::scoped_lock lock(mutex_);
    fault = fault_;
    if (request.method == hydra::Method::kPost) ++posts_;
  }
  if (fault) {
    if (auto answered = fault(request, [&] { return answer(request); })) return *answered;
  }
  return answer(request);
}

FakeHydra::Answer FakeHydra::answer(const hydra::Request& request) {
  const std::scoped_lock lock(mutex_);
  constexpr std::string_view kClients = "/admin/clients";
  if (request.target == "/version") return response(200, R"({"version":"v2.3.0"})");
  if (request.method == hydra::Method::kPost) return create(request);
  if (request.target.starts_with("/admin/clients/")) {
    const auto found = clients_.find(decode(request.target.substr(kClients.size() + 1)));
    return found == clients_.end() ? response(404, std::string(kMissing)) : response(200, found->second);
  }
  if (request.target.starts_with(kClients)) return list();
  return response(404, "404 page not found");
}

FakeHydra::Answer FakeHydra::list() const {
  std::string body = "[";
  for (const auto& [id, client] : clients_) body += (body.size() > 1 ? "," : "") + client;
  hydra::Response page = response(200, body + "]");
  page.headers.totalCount = clients_.size();
  return page;
}

FakeHydra::Answer FakeHydra::create(const hydra::Request& request) {
  auto client = json::parse(request.body->reveal(Purpose::kPostBody));
  if (!client) return response(400, R"({"error":"invalid_request","error_description":"malformed"})");
  const json::Value* name = client->find("client_name");
  if (name != nullptr && name->text == "refuse me") {
    return response(400, R"({"error":"invalid_client_metadata","error_description":"not this one"})");
  }
  const json::Value* given = client->find("client_id");
  const std::string id = given != nullptr ? given->text : "assigned-" + std::to_string(clients_.size());
  if (clients_.contains(id)) return response(409, std::string(kExists));
  std::erase_if(client->members, [](const json::Member& member) { return member.name == "client_secret"; });
  if (given == nullptr) client->add("client_id", json::Value::string(id));
  clients_[id] = json::write(*client);
  return response(201, clients_[id]);
}

void FakeHydra::put(const std::string& id, const std::string& json) {
  const std::scoped_lock lock(mutex_);
  clients_[id] = json;
}

void FakeHydra::remove(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  clients_.erase(id);
}

void FakeHydra::setFault(Fault fault) {
  const std::scoped_lock lock(mutex_);
  fault_ = std::move(fault);
}

std::size_t FakeHydra::posts() const {
  const std::scoped_lock lock(mutex_);
  return posts_;
}

std::size_t FakeHydra::clients() const {
  const std::scoped_lock lock(mutex_);
  return clients_.size();
}

std::optional<std::string> FakeHydra::stored(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = clients_.find(id);
  return found == clients_.end() ? std::nullopt : std::optional(found->second);
}

hydra::Response FakeHydra::response(int status, std::string body) {
  hydra::Response response;
  response.status = status;
  response.headers.contentType = "application/json; charset=utf-8";
  response.body = std::move(body);
  return response;
}

hydra::TransportError FakeHydra::lost(bool mayHaveArrived) {
  return {hydra::TransportError::Kind::kClosed, mayHaveArrived, "the connection ended before an answer came"};
}

}  // namespace hydra_clients::test
