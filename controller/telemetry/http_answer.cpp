#include "telemetry/http_answer.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include <spdlog/fmt/fmt.h>

#include "telemetry/gzip.h"
#include "telemetry/page_files.h"

namespace hydra_clients::telemetry {
namespace {

constexpr std::string_view kReading = "GET, HEAD";
constexpr std::size_t kLeastPacked = 16 << 10;  ///< bytes of a document for which it is worth the work

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

/// The value of a parameter of the target's query; "" without one. Values need no decoding here.
std::string_view parameter(std::string_view target, std::string_view name) {
  std::string_view rest = target.substr(std::min(target.find('?'), target.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view pair = rest.substr(0, rest.find('&'));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
      return pair.substr(name.size() + 1);
    rest.remove_prefix(pair.size());
  }
  return "";
}

std::optional<StatusClients> clientsWanted(std::string_view target) {
  const std::string_view wanted = parameter(target, "clients");
  if (wanted.empty() || wanted == "all") return StatusClients::kAll;
  if (wanted == "problems") return StatusClients::kProblems;
  return std::nullopt;
}

/// So that whoever asks every few seconds is sent the document only when it is another one. Weak, since it
/// may be sent packed (RFC 9110 §8.8.3).
std::string tagOf(const std::string& body) {
  return fmt::format("W/\"{:016x}\"", std::hash<std::string_view>{}(body));
}

HttpAnswer status(const HttpQuestion& question, const StatusCallbacks& callbacks) {
  const auto wanted = clientsWanted(question.target);
  if (!wanted) return plainAnswer(400, "clients: \"all\" or \"problems\" (neither in sync nor imported)\n");
  HttpAnswer answer{200, "application/json", {}, callbacks.statusJson(*wanted)};
  if (answer.body == nullptr) {
    answer.status = 503;
    answer.body = std::make_shared<const std::string>("{\"error\":\"no cycle has ended yet\"}\n");
    return answer;
  }
  answer.tag = tagOf(*answer.body);
  if (question.knownTag.find(answer.tag) != std::string_view::npos) answer.status = 304;
  return answer;
}

/// Whether a browser sends this on behalf of a page of another site. Programs send neither header. A proxy
/// may have ended TLS before it, so the origin's scheme is not known here.
bool isCrossSite(const HttpQuestion& question) {
  const std::string host(question.host);
  const bool own = question.origin == "http://" + host || question.origin == "https://" + host;
  if (!question.origin.empty() && !own) return true;
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
  const std::uint64_t cycle = callbacks.reconcileNow(revisionOf(question));
  HttpAnswer answer = plainAnswer(200, fmt::format(R"({{"message":"a cycle will start","cycle":{}}})"
                                                   "\n",
                                                   cycle));
  answer.contentType = "application/json";
  return answer;
}

struct Endpoint {
  std::string_view path;
  std::string_view methods;
  std::string_view what;
  HttpAnswer (*answer)(const HttpQuestion&, const StatusCallbacks&);
  bool isOpen;  ///< to callers without the token: it says nothing of any client
};

constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::array<Endpoint, 5> kEndpoints{{
    {kMetricsPath, kReading, "for Prometheus", &metrics, true},
    {"/healthz", kReading, "200 while the loop lives, whatever Hydra does", &healthz, true},
    {"/readyz", kReading, "200 once a cycle has read both the manifests and Hydra", &readyz, true},
    {"/status", kReading, "the last cycle, client by client, as JSON (?clients=problems: only those)",
     &status, false},
    {"/-/reconcile", "POST", "start a cycle now (git-sync's webhook)", &reconcile, false},
}};

bool isServed(const Endpoint& endpoint, ServedPaths paths) {
  if (paths == ServedPaths::kMetrics) return endpoint.isOpen;
  return paths == ServedPaths::kAll || endpoint.path != kMetricsPath;
}

HttpAnswer nothingHere(ServedPaths paths) {
  std::string text = "nothing here; there are:\n\n";
  const auto add = [&](std::string_view method, std::string_view path, std::string_view what) {
    text += fmt::format("{:<4} {:<14} {}\n", method, path, what);
  };
  if (paths != ServedPaths::kMetrics) add("GET", "/", "the status page");
  for (const Endpoint& endpoint : kEndpoints) {
    if (!isServed(endpoint, paths)) continue;
    add(endpoint.methods.substr(0, endpoint.methods.find(',')), endpoint.path, endpoint.what);
  }
  return plainAnswer(404, std::move(text));
}

HttpAnswer tokenWanted() {
  HttpAnswer answer =
      plainAnswer(401, "this needs the token of --listen-token-file: Authorization: Bearer …\n");
  answer.wantsToken = true;
  return answer;
}

HttpAnswer anotherHost() {
  return plainAnswer(421,
                     "this host name is not known here: ask by an IP address or localhost, or start run with "
                     "--listen-host NAME; with --listen-token-file or by TLS any name will do\n");
}

HttpAnswer pageAnswer(const PageFile& file) {
  HttpAnswer answer = plainAnswer(200, std::string(file.text));
  answer.contentType = file.contentType;
  answer.isPage = true;
  return answer;
}

HttpAnswer wrongMethod(std::string_view methods) {
  HttpAnswer answer = plainAnswer(405, fmt::format("use {}\n", methods));
  answer.allow = methods;
  return answer;
}

/// What a target names. Nothing is decoded and no dots are resolved: a path is one of those listed, letter by
/// letter, or there is nothing.
struct Target {
  std::string_view authority;  ///< "" where the target does not hold one
  std::string_view path;       ///< without the query
};

Target parsed(std::string_view target) {
  target = target.substr(0, target.find('?'));
  for (const std::string_view scheme : {"http://", "https://"}) {  // RFC 9112 §3.2.2
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t slash = target.find('/');
    return {target.substr(0, slash), slash == std::string_view::npos ? "/" : target.substr(slash)};
  }
  return {"", target};
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

HttpAnswer HttpAnswers::to(const HttpQuestion& question) {
  const auto [authority, path] = parsed(question.target);
  const PageFile* const file = paths_ == ServedPaths::kMetrics ? nullptr : pageFileAt(path);
  if (file != nullptr) return allows(kReading, question.method) ? pageAnswer(*file) : wrongMethod(kReading);
  const auto* const endpoint = std::ranges::find(kEndpoints, path, &Endpoint::path);
  if (endpoint == kEndpoints.end() || !isServed(*endpoint, paths_)) return nothingHere(paths_);
  if (!allows(endpoint->methods, question.method)) return wrongMethod(endpoint->methods);
  if (!endpoint->isOpen) {
    if (token_ && !token_->isShownBy(question.authorization)) return tokenWanted();
    if (hosts_ && !hosts_->include(authority.empty() ? question.host : authority)) return anotherHost();
  }
  try {
    HttpAnswer answer = endpoint->answer(question, callbacks_);
    pack(answer, question.acceptEncoding);
    return answer;
  } catch (...) {
    return plainAnswer(500, "internal error; the log may say more\n");
  }
}

/// Ten thousand clients that are not in sync are ten megabytes, and half of one as gzip.
void HttpAnswers::pack(HttpAnswer& answer, std::string_view acceptEncoding) {
  if (answer.tag.empty() || answer.body->size() < kLeastPacked || !acceptsGzip(acceptEncoding)) return;
  auto* packed =
      std::ranges::find(packed_, answer.body, [](const Packed& document) { return document.of.lock(); });
  if (packed == packed_.end()) {
    std::swap(packed_[0], packed_[1]);
    packed = packed_.begin();
    *packed = {answer.body, gzipped(*answer.body)};
  }
  if (packed->bytes == nullptr) return;
  answer.body = packed->bytes;
  answer.isGzip = true;
}

}  // namespace hydra_clients::telemetry
