#include "telemetry/http_answer.h"

#include <algorithm>
#include <array>

namespace hydra_clients::telemetry {
namespace {

constexpr std::string_view kReading = "GET, HEAD";

HttpAnswer metrics(const HttpQuestion&, const StatusCallbacks& callbacks) {
  HttpAnswer answer = plainAnswer(200, callbacks.metrics());
  answer.contentType = "text/plain; version=0.0.4; charset=utf-8";
  return answer;
}

HttpAnswer healthz(const HttpQuestion&, const StatusCallbacks& callbacks) {
  return callbacks.healthy() ? plainAnswer(200, "ok\n") : plainAnswer(503, "the loop is stuck\n");
}

HttpAnswer readyz(const HttpQuestion&, const StatusCallbacks& callbacks) {
  return callbacks.ready()
             ? plainAnswer(200, "ok\n")
             : plainAnswer(503, "no cycle has read both the manifests and Hydra yet; see /status\n");
}

HttpAnswer status(const HttpQuestion&, const StatusCallbacks& callbacks) {
  HttpAnswer answer{200, "application/json", {}, callbacks.statusJson()};
  if (answer.body == nullptr) {
    answer.status = 503;
    answer.body = std::make_shared<const std::string>("{\"error\":\"no cycle has ended yet\"}\n");
  }
  return answer;
}

/// Whether a browser sends this on behalf of a page of another site. Programs send neither header.
bool isCrossSite(const HttpQuestion& question) {
  if (!question.origin.empty() && question.origin != "http://" + std::string(question.host)) return true;
  return !question.fetchSite.empty() && question.fetchSite != "same-origin" && question.fetchSite != "none";
}

/// git-sync's hash, a SHA-1 or a SHA-256 as git writes it; anything that is not one is as good as none.
std::string revisionOf(const HttpQuestion& question) {
  constexpr std::size_t kSha1Digits = 40;
  constexpr std::size_t kSha256Digits = 64;
  const std::string_view hash = question.revision;
  const bool lawful = (hash.size() == kSha1Digits || hash.size() == kSha256Digits) &&
                      hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return lawful ? std::string(hash) : "";
}

HttpAnswer reconcile(const HttpQuestion& question, const StatusCallbacks& callbacks) {
  if (isCrossSite(question)) return plainAnswer(403, "a page of another site may not start a cycle\n");
  callbacks.reconcileNow(revisionOf(question));
  return plainAnswer(200, "a cycle will start\n");
}

HttpAnswer index(const HttpQuestion&, const StatusCallbacks&);

struct Endpoint {
  std::string_view path;
  std::string_view methods;
  std::string_view what;
  HttpAnswer (*answer)(const HttpQuestion&, const StatusCallbacks&);
};

constexpr std::array<Endpoint, 6> kEndpoints{{
    {"/", kReading, "this list", &index},
    {"/metrics", kReading, "for Prometheus", &metrics},
    {"/healthz", kReading, "200 while the loop lives, whatever Hydra does", &healthz},
    {"/readyz", kReading, "200 once a cycle has read both the manifests and Hydra", &readyz},
    {"/status", kReading, "the last cycle, client by client, as JSON", &status},
    {"/-/reconcile", "POST", "start a cycle now (git-sync's webhook)", &reconcile},
}};

HttpAnswer index(const HttpQuestion&, const StatusCallbacks&) {
  std::string text = "hydra-clients\n\n";
  for (const Endpoint& endpoint : kEndpoints) {
    std::string line = std::string(endpoint.methods.substr(0, endpoint.methods.find(','))) + " ";
    line.resize(5, ' ');
    line += endpoint.path;
    line.resize(20, ' ');
    text += line + std::string(endpoint.what) + "\n";
  }
  return plainAnswer(200, std::move(text));
}

bool allows(std::string_view methods, std::string_view method) {
  return method == methods || (methods == kReading && (method == "GET" || method == "HEAD"));
}

}  // namespace

HttpAnswer plainAnswer(unsigned status, std::string text) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = std::make_shared<const std::string>(std::move(text));
  return answer;
}

HttpAnswer answerTo(const HttpQuestion& question, const StatusCallbacks& callbacks) {
  const std::string_view path = question.target.substr(0, question.target.find('?'));
  const auto* const endpoint =
      std::find_if(kEndpoints.begin(), kEndpoints.end(), [&](const Endpoint& e) { return e.path == path; });
  if (endpoint == kEndpoints.end()) return plainAnswer(404, "nothing here; / lists what there is\n");
  if (!allows(endpoint->methods, question.method)) {
    HttpAnswer answer = plainAnswer(405, "use " + std::string(endpoint->methods) + "\n");
    answer.allow = endpoint->methods;
    return answer;
  }
  try {
    return endpoint->answer(question, callbacks);
  } catch (...) {
    return plainAnswer(500, "internal error; the log may say more\n");
  }
}

}  // namespace hydra_clients::telemetry
