#include "contract_server.h"

#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "client/client_id.h"
#include "client/post_body.h"

namespace hydra_clients::contract {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

}  // namespace

Server& Server::get() {
  static Server server;
  return server;
}

std::string Server::start() {
  const std::string url = variable("CONTRACT_ENDPOINT");
  const std::string name = variable("CONTRACT_SERVER");
  const auto colon = name.find(':');
  if (url.empty() || colon == std::string::npos) {
    return "contract-tests wants a server: CONTRACT_ENDPOINT=http://… or unix:///…, and "
           "CONTRACT_SERVER=sandbox:v2.3 "
           "or hydra:v2.3.0; tests/contract/run starts each and sets both";
  }
  const auto version = HydraVersion::parse(name.substr(colon + 1));
  if (!version) return "CONTRACT_SERVER: " + name + " has no version after its colon";
  const auto endpoint = hydra::Endpoint::parse(url);
  if (!endpoint) return "CONTRACT_ENDPOINT: " + endpoint.error();
  hydra::ConnectionOptions options;
  options.endpoint = *endpoint;
  auto transport = hydra::makeTransport(options);
  if (!transport) return transport.error();

  Server& server = get();
  server.version_ = *version;
  server.transport_ = std::move(*transport);
  server.api_ = std::make_unique<hydra::AdminApi>(*server.transport_);
  const auto dialect = server.api_->detect();
  return dialect ? std::string() : dialect.error().message;
}

namespace {

SharedSecret bodyOf(std::string_view fields, const std::optional<std::string>& id,
                    const std::string& secret) {
  const Secret given{std::string(secret)};
  PostBodyParts parts{.fields = fields, .id = {}, .secret = secret.empty() ? nullptr : &given, .stamp = {}};
  if (id) parts.id = *id;
  return makePostBody(parts);
}

}  // namespace

CreateResult post(std::string_view fields, const std::optional<std::string>& id, const std::string& secret) {
  return Server::get().api().create({bodyOf(fields, id, secret), id.value_or(""), nullptr});
}

json::Value answerToPost(std::string_view fields, const std::string& secret) {
  const auto id = Server::get().takesChosenIds() ? std::optional(freshId("answer")) : std::nullopt;
  const std::string path(Server::get().api().dialect().clientsPath());
  const auto answer =
      Server::get().transport().send({hydra::Method::kPost, path, bodyOf(fields, id, secret)});
  auto client = answer ? json::parse(answer->body) : tl::unexpected(json::SyntaxFault{});
  return client ? std::move(*client) : json::Value{};
}

CreateResult postAnywhere(std::string_view fields) {
  return post(fields, Server::get().takesChosenIds() ? std::optional(freshId("any")) : std::nullopt);
}

std::string freshId(std::string_view what) { return "contract-" + std::string(what) + "-" + randomUuid(); }

std::optional<json::Value> readBack(const ClientId& id) {
  hydra::AdminApi& api = Server::get().api();
  if (api.dialect().addressable(id)) {
    const auto found = api.find(id);
    EXPECT_TRUE(found) << id << ": " << why(found);
    return found && *found ? std::optional((*found)->value().value()) : std::nullopt;
  }
  std::optional<json::Value> live;
  const auto listed = api.visitClients(
      [&](const hydra::LiveClient& client) {
        if (client.id() == id) live = client.value().value();
      },
      {});
  EXPECT_TRUE(listed) << why(listed);
  return live;
}

}  // namespace hydra_clients::contract

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const std::string problem = hydra_clients::contract::Server::start(); !problem.empty()) {
    std::fprintf(stderr, "%s\n", problem.c_str());
    return 1;
  }
  return RUN_ALL_TESTS();
}
