#include "hydra/admin_api.h"

#include <utility>

#include "client/json_raw.h"
#include "hydra/admin_error.h"
#include "hydra/list_look_up.h"
#include "hydra/redaction.h"

namespace hydra_clients::hydra {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpCreated = 201;
constexpr int kHttpUnauthorized = 401;
constexpr int kHttpNotFound = 404;

void withhold(const Secret& secret, Response& answer) {
  Redaction redaction;
  redaction.add(secret.reveal(Purpose::kComparison));
  redaction.applyTo(answer);
}

/// The answer to a POST that names another client than the one that was sent.
AdminError another(const Response& response, const std::string& where, const ClientId& sent,
                   const ClientId& answered) {
  AdminError error =
      malformed(Call::kCreate, response, where,
                "client \"" + printable(answered) + "\" when client \"" + printable(sent) +
                    "\" was sent: is this Hydra's admin API, or something that answers in its place?");
  error.kind = AdminError::Kind::kNotHydra;
  return error;
}

}  // namespace

AdminApi::AdminApi(Transport& transport, const AdminOptions& options)
    : transport_(transport),
      options_(options),
      listLookUp_(std::make_unique<ListLookUp>(
          [this](const LiveClientVisitor& visit) { return visitClients(visit, std::stop_token{}); })) {}

AdminApi::~AdminApi() = default;

tl::expected<std::optional<LiveClient>, AdminError> AdminApi::lookUp(const ClientId& id) {
  return dialect_.addressable(id) ? find(id) : listLookUp_->find(id);
}

bool AdminApi::ready() {
  const auto answer = transport_.send({Method::kGet, "/health/ready", nullptr});
  return answer && answer->status == kHttpOk;
}

tl::expected<std::optional<LiveClient>, AdminError> AdminApi::find(const ClientId& id) {
  const auto answer = transport_.send({Method::kGet, dialect_.clientTarget(id), nullptr});
  if (!answer) return tl::unexpected(fromTransport(answer.error()));
  const std::string where = transport_.endpoint();
  if (answer->status == kHttpNotFound || answer->status == kHttpUnauthorized) {
    // Any other 404 is a wrong path, and any other 401 somebody in front: neither says that the client is
    // missing.
    const auto fault = parseFault(*answer);
    if (fault && fault->saysMissing()) return std::nullopt;
  }
  if (answer->status != kHttpOk) return tl::unexpected(fromResponse(Call::kFind, *answer, dialect_, where));

  const auto raw = json::rawValue(answer->body);
  if (!raw) return tl::unexpected(malformed(Call::kFind, *answer, where, "JSON that is cut or broken"));
  const auto client = LiveClient::of(*raw);
  if (!client) return tl::unexpected(malformed(Call::kFind, *answer, where, "JSON that is no client"));
  if (client->id() != id) {  // MySQL's default collation does not tell upper from lower case
    return tl::unexpected(malformed(Call::kFind, *answer, where,
                                    "another client, \"" + printable(client->id()) +
                                        "\", when it was asked for \"" + printable(id) +
                                        "\": does its database ignore upper and lower case?"));
  }
  return client->kept();
}

tl::expected<ClientId, AdminError> AdminApi::create(const NewClient& client) {
  auto answer = transport_.send({Method::kPost, std::string(dialect_.clientsPath()), client.body});
  if (!answer) return tl::unexpected(fromTransport(answer.error()));
  const std::string where = transport_.endpoint();
  if (answer->status != kHttpCreated) {
    if (client.secret) withhold(*client.secret, *answer);
    AdminError error = fromResponse(Call::kCreate, *answer, dialect_, where);
    if (error.kind == AdminError::Kind::kRefused && refusesChosenIds(*answer)) refusedChosenId_ = true;
    return tl::unexpected(std::move(error));
  }
  // Its id is all that is wanted of the answer, and what it is known by; the rest holds secrets.
  const auto raw = json::rawValue(answer->body);
  const auto created = raw ? LiveClient::of(*raw) : std::nullopt;
  const ClientId id(created ? created->id() : "");
  wipe(answer->body);
  if (!raw) return tl::unexpected(malformed(Call::kCreate, *answer, where, "JSON that is cut or broken"));
  if (id.empty()) return tl::unexpected(malformed(Call::kCreate, *answer, where, "JSON that is no client"));
  if (!client.id.empty() && id != client.id) return tl::unexpected(another(*answer, where, client.id, id));
  return id;
}

}  // namespace hydra_clients::hydra
