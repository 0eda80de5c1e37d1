// Which Hydra is it? (hydra-admin-api §1)

#include <optional>
#include <utility>

#include "client/json_raw.h"
#include "hydra/admin_api.h"
#include "hydra/admin_error.h"
#include "hydra/link_header.h"

namespace hydra_clients::hydra {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpNotFound = 404;
constexpr int kHttpServerFault = 500;

/// An answer to a list of at most one client.
struct Probe {
  Response response;
  bool isList = false;
  std::size_t clients = 0;
  std::optional<json::Value> sample;  ///< the first client, where it can be read
};

tl::expected<Probe, AdminError> ask(Transport& transport, const char* target) {
  auto answer = transport.send({Method::kGet, target, nullptr});
  if (!answer) return tl::unexpected(fromTransport(answer.error()));
  Probe probe{std::move(*answer), false, 0, std::nullopt};
  if (probe.response.status != kHttpOk) return probe;
  bool isList = true;
  const auto fault = json::splitArray(probe.response.body, [&](std::string_view raw) {
    if (++probe.clients > 1) return;
    const auto client = LiveClient::of(raw);
    isList = client.has_value();
    auto value = client ? client->value() : tl::unexpected(std::string());
    if (value) probe.sample = std::move(*value);
  });
  if (fault && fault->kind == json::RawFault::Kind::kNoArray) isList = false;
  if (fault || !isList) {
    return tl::unexpected(
        malformed(Call::kDetect, probe.response, transport.endpoint(),
                  isList ? "JSON that is cut or broken" : "JSON that is no list of clients"));
  }
  probe.isList = true;
  return probe;
}

bool shows(const Probe& probe, std::string_view field) {
  return probe.sample && probe.sample->find(field) != nullptr;
}

/// Whether the answer to GET /clients?limit=1 is v1's: v2 serves that path too where the endpoint ends in
/// /admin.
bool isV1List(const Probe& probe) {
  const auto next = nextLink(probe.response.headers.link);
  return probe.isList && probe.clients <= 1 && probe.response.headers.totalCount &&
         !shows(probe, "skip_consent") && !(next && next->find("page_token") != std::string::npos);
}

Family familyOf(const HydraVersion& version) {
  if (version.major <= 1) return Family::kV1;
  if (version.major > 2) return Family::kV25;
  return version.minor < 2 ? Family::kV2_0 : Family::kV2_2;
}

/// Where /version says nothing: by the headers, and by the fields that a client of it shows (each is always
/// there since the version that brought it, hydra-admin-api §3).
Dialect v2ByBehaviour(const Probe& probe, bool refusedChosenId) {
  if (!probe.response.headers.totalCount) return {Family::kV25, {26, 2, 0}, false};
  if (refusedChosenId || (probe.sample && !shows(probe, "skip_logout_consent"))) {
    const bool knowsSkipConsent = !probe.sample || shows(probe, "skip_consent");
    return {Family::kV2_0, knowsSkipConsent ? HydraVersion{2, 1, 2} : HydraVersion{2, 0, 3}, false};
  }
  return {Family::kV2_2, {2, 3, 0}, false};
}

Dialect v1ByBehaviour(const Probe& probe) {
  const bool knowsLifespans = !probe.sample || shows(probe, "authorization_code_grant_access_token_lifespan");
  return {Family::kV1, knowsLifespans ? HydraVersion{1, 11, 10} : HydraVersion{1, 11, 8}, false};
}

AdminError neither(const Probe& v2, const std::string& where) {
  AdminError error = fromResponse(Call::kDetect, v2.response, {}, where);
  error.kind = AdminError::Kind::kNotHydra;
  error.message = where +
                  " serves neither /admin/clients (Hydra v2) nor /clients (v1): is this Hydra's admin port " +
                  "(4445 by default, not the public 4444), and is its path prefix right?";
  return error;
}

AdminError adminInEndpoint(const std::string& where) {
  AdminError error;
  error.kind = AdminError::Kind::kNotHydra;
  error.status = kHttpOk;
  error.mayHaveArrived = false;
  error.message = where + " is Hydra v2's /admin path itself: leave /admin out of the endpoint";
  return error;
}

/// v1 answers 500 to every list that holds a client with a key that it cannot read (hydra-admin-api §0a).
bool isPoisonedV1(const Probe& probe) {
  if (probe.response.status != kHttpServerFault) return false;
  const auto fault = parseFault(probe.response);
  return fault && fault->isUnrecognizable();
}

}  // namespace

tl::expected<std::optional<HydraVersion>, AdminError> AdminApi::askVersion() {
  const auto answer = transport_.send({Method::kGet, "/version", nullptr});
  if (!answer) return tl::unexpected(fromTransport(answer.error()));
  if (answer->status != kHttpOk) return std::nullopt;
  const auto body = json::parse(answer->body);
  const json::Value* version = body && body->isObject() ? body->find("version") : nullptr;
  return version != nullptr && version->isString() ? HydraVersion::parse(version->text) : std::nullopt;
}

tl::expected<Dialect, AdminError> AdminApi::detect() {
  if (std::exchange(detected_, false) && dialect_.versionIsKnown) {
    const auto version = askVersion();
    if (!version) return tl::unexpected(version.error());  // a Hydra that is away is asked once
    detected_ = *version == dialect_.version;
    if (detected_) return dialect_;
  }
  auto dialect = detectFromScratch();
  detected_ = dialect.has_value();
  return dialect;
}

tl::expected<Dialect, AdminError> AdminApi::detectFromScratch() {
  const std::string where = transport_.endpoint();
  const auto v2 = ask(transport_, "/admin/clients?page_size=1");
  if (!v2) return tl::unexpected(v2.error());
  if (!v2->isList && v2->response.status != kHttpNotFound) {
    return tl::unexpected(fromResponse(Call::kDetect, v2->response, {}, where));
  }
  const auto version = askVersion().value_or(std::nullopt);
  if (v2->isList && !(version && familyOf(*version) == Family::kV1)) {
    total_ = v2->response.headers.totalCount;
    dialect_ = version ? Dialect{familyOf(*version), *version, true} : v2ByBehaviour(*v2, refusedChosenId_);
    return dialect_;
  }

  const auto v1 = ask(transport_, "/clients?limit=1");
  if (!v1) return tl::unexpected(v1.error());
  if (!v1->isList && !isPoisonedV1(*v1)) {
    return tl::unexpected(v1->response.status == kHttpNotFound
                              ? neither(*v2, where)
                              : fromResponse(Call::kDetect, v1->response, {}, where));
  }
  if (v1->isList && !isV1List(*v1)) return tl::unexpected(adminInEndpoint(where));
  total_ = v1->response.headers.totalCount;
  const bool versionFits = version && familyOf(*version) == Family::kV1;
  dialect_ = versionFits ? Dialect{Family::kV1, *version, true} : v1ByBehaviour(*v1);
  return dialect_;
}

}  // namespace hydra_clients::hydra
