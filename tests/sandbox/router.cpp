#include "router.h"

#include <algorithm>
#include <array>
#include <vector>

#include "errors.h"
#include "go_url.h"

namespace sandbox {
namespace {

struct Match {
  Endpoint endpoint;
  std::string id;
};

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::optional<Endpoint> on_collection(std::string_view method) {
  if (method == "GET") return Endpoint::list;
  if (method == "POST") return Endpoint::create;
  return std::nullopt;
}

std::optional<Endpoint> on_client(std::string_view method, const Dialect& dialect) {
  if (method == "GET") return Endpoint::get;
  if (method == "PUT") return Endpoint::replace;
  if (method == "DELETE") return Endpoint::remove;
  if (method == "PATCH" && dialect.patch) return Endpoint::patch;
  return std::nullopt;
}

std::optional<Match> matched(std::optional<Endpoint> endpoint, std::string id = {}) {
  if (!endpoint) return std::nullopt;
  return Match{*endpoint, std::move(id)};
}

std::string metrics_path(const Dialect& dialect) {
  return dialect.version < Version::v2_1 ? "/metrics/prometheus" : "/admin/metrics/prometheus";
}

/// A handler for the decoded path, where `/` ends an id.
std::optional<Match> match(std::string_view method, std::string_view path, const Dialect& dialect,
                           std::string_view clients_path) {
  if (method == "GET") {
    if (path == "/version") return Match{Endpoint::version, {}};
    if (path == "/health/alive") return Match{Endpoint::alive, {}};
    if (path == "/health/ready") return Match{Endpoint::ready, {}};
    if (path == metrics_path(dialect)) return Match{Endpoint::metrics, {}};
  }
  if (path == clients_path) return matched(on_collection(method));
  if (!path.starts_with(clients_path) || path.size() < clients_path.size() + 2 ||
      path[clients_path.size()] != '/') {
    return std::nullopt;
  }
  const std::string_view rest = path.substr(clients_path.size() + 1);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return matched(on_client(method, dialect), std::string(rest));
  if (method == "PUT" && slash > 0 && rest.substr(slash) == "/lifespans" &&
      dialect.version >= Version::v1_11) {
    return Match{Endpoint::replace_lifespans, std::string(rest.substr(0, slash))};
  }
  return std::nullopt;
}

Route answered(int status, const std::string& type, std::string body) {
  Route route;
  route.response.status = status;
  route.response.body = std::move(body);
  if (!type.empty()) route.response.set_header("Content-Type", type);
  return route;
}

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// http.Redirect.
Route redirect(const Request& request, int status, const std::string& location) {
  const bool with_body = request.method == "GET" || request.method == "HEAD";
  const std::string text = status == 301 ? "Moved Permanently" : "Temporary Redirect";
  Route route = answered(
      status, with_body ? "text/html; charset=utf-8" : "",
      request.method == "GET" ? "<a href=\"" + html_escape(location) + "\">" + text + "</a>.\n\n" : "");
  route.response.set_header("Location", location);
  return route;
}

std::string with_query(std::string path, const Request& request) {
  go_url::Url url;
  url.path = std::move(path);
  url.raw_query = request.raw_query;
  return url.text();
}

/// httprouter.CleanPath.
std::string clean(std::string_view path) {
  std::vector<std::string_view> parts;
  bool trailing = path.ends_with('/');
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
      if (path.empty()) trailing = true;
    } else if (part == ".") {
      if (path.empty()) trailing = true;
    } else if (!part.empty()) {
      parts.push_back(part);
    }
  }
  std::string cleaned;
  for (const auto part : parts) cleaned.append("/").append(part);
  if (trailing || cleaned.empty()) cleaned += '/';
  return cleaned;
}

/// The path in the router's own letters, where only their case differs ("/Clients/x").
std::string in_route_case(const std::string& path, const Dialect& dialect) {
  std::vector<std::string> known = {std::string(dialect.clients_path), "/clients", "/version",
                                    "/health/alive", "/health/ready"};
  for (const auto& prefix : known) {
    if (path.size() >= prefix.size() && same_token(std::string_view(path).substr(0, prefix.size()), prefix) &&
        (path.size() == prefix.size() || path[prefix.size()] == '/')) {
      return prefix + path.substr(prefix.size());
    }
  }
  return path;
}

bool has_handler(std::string_view method, std::string_view path, const Dialect& dialect) {
  return match(method, path, dialect, dialect.clients_path) || match(method, path, dialect, "/clients");
}

/// The path with its trailing slash taken away or added, when that has a handler.
std::optional<std::string> other_slash(std::string_view method, const std::string& path,
                                       const Dialect& dialect) {
  const std::string other =
      path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path + "/";
  if (has_handler(method, other, dialect)) return other;
  return std::nullopt;
}

Route not_allowed(const Request& request, const std::vector<std::string>& allowed) {
  std::string list;
  for (const auto& method : allowed) list += (list.empty() ? "" : ", ") + method;
  Route route = request.method == "OPTIONS"
                    ? answered(200, "", "")
                    : answered(405, "text/plain; charset=utf-8", "Method Not Allowed\n");
  route.response.set_header("Allow", list);
  if (route.response.status == 405) route.response.set_header("X-Content-Type-Options", "nosniff");
  return route;
}

std::vector<std::string> allowed_methods(std::string_view path, const Dialect& dialect) {
  std::vector<std::string> allowed;
  for (const auto method : kMethods) {
    if (has_handler(method, path, dialect)) allowed.emplace_back(method);
  }
  if (!allowed.empty()) allowed.emplace_back("OPTIONS");
  std::sort(allowed.begin(), allowed.end());
  return allowed;
}

Route by_httprouter(const Request& request, const Dialect& dialect) {
  const std::string& path = request.path;
  if (auto found = match(request.method, path, dialect, dialect.clients_path)) {
    return {.endpoint = found->endpoint, .id = std::move(found->id), .response = {}, .to_admin = false};
  }
  // v2.0 to v2.3 serve every admin route without its prefix too: as a redirect to a host that is not there.
  if (dialect.version >= Version::v2_1 && match(request.method, path, dialect, "/clients")) {
    Route away = redirect(request, 307, "http://" + with_query("/admin" + path, request));
    away.to_admin = true;
    return away;
  }
  if (path != "/" && request.method != "OPTIONS") {
    const int status = request.method == "GET" ? 301 : 307;
    if (const auto other = other_slash(request.method, path, dialect)) {
      return redirect(request, status, with_query(*other, request));
    }
    std::string fixed = in_route_case(clean(path), dialect);
    if (const auto other = other_slash(request.method, fixed, dialect)) fixed = *other;
    if (fixed != path && has_handler(request.method, fixed, dialect)) {
      return redirect(request, status, with_query(fixed, request));
    }
  }
  if (const auto allowed = allowed_methods(path, dialect); !allowed.empty())
    return not_allowed(request, allowed);
  Route route;
  route.response = route_not_found(request, dialect);
  return route;
}

/// ServeMux matches the escaped path, segment by segment, so that %2F may stand in an id.
Route by_servemux(const Request& request, const Dialect& dialect) {
  std::string raw = request.raw_path;
  // AddAdminPrefixIfNotPresent sets only the decoded path: an escaped slash survives only under /admin.
  if (!request.path.starts_with("/admin")) {
    go_url::Url url;
    url.path = "/admin" + request.path;
    raw = url.escaped_path();
  }
  if (raw.size() > 1 && raw.ends_with('/')) raw.pop_back();
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const std::string bare = raw.starts_with("/admin/") ? raw.substr(6) : raw;
  for (const auto& [path, endpoint] : {std::pair{"/version", Endpoint::version},
                                       {"/health/alive", Endpoint::alive},
                                       {"/health/ready", Endpoint::ready},
                                       {"/metrics/prometheus", Endpoint::metrics}}) {
    if (bare == path && method == "GET")
      return {.endpoint = endpoint, .id = {}, .response = {}, .to_admin = false};
  }
  std::vector<std::string> allowed;
  for (const auto candidate : kMethods) {
    if (const auto found = match(candidate, raw, dialect, dialect.clients_path)) {
      if (candidate == method) {
        const auto id = go_url::path_unescape(found->id);
        return {.endpoint = found->endpoint, .id = id.value_or(found->id), .response = {}, .to_admin = false};
      }
      allowed.emplace_back(candidate);
    }
  }
  if (!allowed.empty()) {
    if (std::find(allowed.begin(), allowed.end(), "GET") != allowed.end()) allowed.emplace_back("HEAD");
    std::sort(allowed.begin(), allowed.end());
    return not_allowed(request, allowed);
  }
  Route route;
  route.response = route_not_found(request, dialect);
  return route;
}

}  // namespace

Route route(const Request& request, const Dialect& dialect) {
  return dialect.servemux ? by_servemux(request, dialect) : by_httprouter(request, dialect);
}

std::string_view endpoint_name(Endpoint endpoint) {
  static constexpr std::array<std::string_view, 12> names = {"list",  "create", "get",       "replace",
                                                             "patch", "delete", "lifespans", "version",
                                                             "alive", "ready",  "metrics",   "other"};
  return names[static_cast<std::size_t>(endpoint)];
}

}  // namespace sandbox
