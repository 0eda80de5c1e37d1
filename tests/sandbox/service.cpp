#include "service.h"

#include "control.h"
#include "go_json.h"

namespace sandbox {
namespace {

Response text_response(int status, std::string type, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.set_header("Content-Type", std::move(type));
  return response;
}

/// The id that a POST's body carries, as Go finds it; "" for none.
std::string id_in_body(const Request& request) {
  const auto value = go_json::first_value(request.body);
  if (!value || go_json::kind_of(*value) != go_json::Kind::object) return {};
  std::string id;
  for (const auto& member : go_json::members(*value)) {
    if (go_json::names_field(member.name, "client_id") &&
        go_json::kind_of(member.value) == go_json::Kind::string) {
      id = go_json::unquote(member.value);
    }
  }
  return id;
}

std::string id_of(const Request& request) {
  if (request.method == "POST") return id_in_body(request);
  const auto slash = request.path.find("/clients/");
  return slash == std::string::npos ? std::string{} : request.path.substr(slash + 9);
}

}  // namespace

Service::Service(const Options& options)
    : options_(options),
      dialect_(*options.dialect),
      api_(dialect_,
           ApiSettings{.server = options.server,
                       .max_page_size = options.max_page_size,
                       .public_url = options.public_url},
           store_),
      faults_(options.seed) {
  faults_.add(options.faults);
}

FaultPlan Service::begin(const Request& request) {
  if (Control::owns(request) || !faults_.any()) return {};
  return faults_.plan(request, id_of(request));
}

Answer Service::answer(const Request& request, const FaultPlan& plan, std::uint64_t connection) {
  if (Control::owns(request))
    return {.response = Control(*this, connection).handle(request), .hang_up = false};
  std::string endpoint = "other";
  bool stored = false;
  Answer answer;
  if (plan.instead_before) {
    answer.response = *plan.instead_before;
  } else {
    answer = route_and_handle(request, endpoint, stored);
    if (plan.instead_after) answer.response = *plan.instead_after;
    apply_to_response(plan, request, dialect_, answer.response);
  }
  const int outcome = plan.drop_after || answer.hang_up ? 0 : answer.response.status;
  log_.add(request.method, endpoint, outcome);
  if (request.method == "POST") log_.add_post(id_in_body(request), stored, outcome, connection, request.body);
  return answer;
}

void Service::note_dropped(const Request& request, std::uint64_t connection) {
  log_.add(request.method, "dropped", 0);
  if (request.method == "POST")
    log_.add_post(id_in_body(request), /*stored=*/false, 0, connection, request.body);
}

Answer Service::route_and_handle(const Request& request, std::string& endpoint, bool& stored) {
  if (!options_.bearer_token.empty() &&
      request.header("Authorization") != "Bearer " + options_.bearer_token) {
    Response response =
        text_response(401, "text/html",
                      "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
                      "<center><h1>401 Authorization Required</h1></center>\r\n</body>\r\n</html>\r\n");
    response.set_header("WWW-Authenticate", "Bearer");
    return {.response = std::move(response), .hang_up = false};
  }
  if (options_.base_path.empty()) return within_base(request, endpoint, stored);
  const std::string& base = options_.base_path;
  if (request.path != base && !request.path.starts_with(base + "/")) {
    return {.response = text_response(404, "text/html", "<html><body><h1>404 Not Found</h1></body></html>\n"),
            .hang_up = false};
  }
  Request inside = request;
  inside.path = request.path.substr(base.size());
  inside.raw_path = request.raw_path.substr(base.size());
  if (inside.path.empty()) inside.path = inside.raw_path = "/";
  return within_base(inside, endpoint, stored);
}

Answer Service::within_base(const Request& request, std::string& endpoint, bool& stored) {
  // Hydra behind a proxy that ends TLS refuses what did not come through it.
  if (options_.require_forwarded_proto && !request.path.starts_with("/health/") &&
      request.header("X-Forwarded-Proto") != "https") {
    ApiError error = unrecognizable();
    error.status = 502;
    return {.response = error_response(error), .hang_up = false};
  }
  const Route found = route(request, dialect_);
  endpoint = endpoint_name(found.endpoint);
  Answer answer = handle(request, found, stored);
  // v2 marks what its admin routes answer, health and version apart.
  const bool is_health = found.endpoint == Endpoint::version || found.endpoint == Endpoint::alive ||
                         found.endpoint == Endpoint::ready;
  if (dialect_.version >= Version::v2_1 && !is_health &&
      (found.endpoint != Endpoint::answered || found.to_admin)) {
    answer.response.set_header("Cache-Control", "private, no-cache, no-store, must-revalidate");
  }
  return answer;
}

Answer Service::handle(const Request& request, const Route& route, bool& stored) {
  Answer answer;
  switch (route.endpoint) {
    case Endpoint::list:
      return api_.list(request);
    case Endpoint::create:
      answer.response = api_.create(request);
      stored = answer.response.status == 201;
      break;
    case Endpoint::get:
      answer.response = api_.get(route.id);
      break;
    case Endpoint::replace:
      answer.response = api_.replace(request, route.id);
      break;
    case Endpoint::patch:
      answer.response = api_.patch(request, route.id);
      break;
    case Endpoint::remove:
      answer.response = api_.remove(route.id);
      break;
    case Endpoint::replace_lifespans:
      answer.response = api_.replace_lifespans(request, route.id);
      break;
    case Endpoint::version:
      answer.response = version();
      break;
    case Endpoint::alive:
    case Endpoint::ready:
      answer.response = text_response(200, "application/json; charset=utf-8", "{\"status\":\"ok\"}\n");
      break;
    case Endpoint::metrics:
      answer.response = metrics();
      break;
    case Endpoint::answered:
      answer.response = route.response;
      break;
  }
  return answer;
}

Response Service::version() const {
  std::string body = "{\"version\":";
  go_json::append_quoted(body, options_.version.empty() ? dialect_.release : options_.version);
  return text_response(200, "application/json; charset=utf-8", body + "}\n");
}

Response Service::metrics() const {
  const auto since_epoch = std::chrono::duration<double>(started_.time_since_epoch()).count();
  return text_response(
      200,
      dialect_.version < Version::v2_1 ? "text/plain; version=0.0.4; charset=utf-8"
                                       : "text/plain; version=0.0.4; charset=utf-8; escaping=values",
      "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.\n"
      "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds " +
          std::to_string(since_epoch) + "\n");
}

}  // namespace sandbox
