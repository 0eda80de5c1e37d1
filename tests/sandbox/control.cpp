#include "control.h"

#include "go_json.h"
#include "go_text.h"
#include "service.h"

namespace sandbox {
namespace {

constexpr std::string_view kPrefix = "/sandbox/";
constexpr std::int64_t kMostGenerated = 1'000'000;

Response json(int status, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.set_header("Content-Type", "application/json");
  return response;
}

Response done() { return {.status = 204, .headers = {}, .body = {}}; }

Response wrong(int status, const std::string& what) {
  std::string body = "{\"error\":";
  go_json::append_quoted(body, what);
  return json(status, body + "}\n");
}

}  // namespace

bool Control::owns(const Request& request) { return request.path.starts_with(kPrefix); }

Response Control::handle(const Request& request) {
  const std::string what = request.method + " " + request.path.substr(kPrefix.size());
  if (what.ends_with(" faults")) return faults(request);
  if (what.ends_with(" clients")) return clients(request);
  if (what == "POST clients/generate") return generate(request);
  if (what == "GET requests") return json(200, service_.log_.as_json());
  if (what == "GET state") return state();
  if (what == "DELETE requests") {
    service_.log_.clear();
    return done();
  }
  if (what == "POST reset") {
    reset();
    return done();
  }
  if (what == "POST disconnect") {
    service_.disconnect_others(connection_);
    return done();
  }
  return wrong(404, "the sandbox knows no " + request.method + " " + request.path);
}

void Control::reset() {
  service_.store_.clear();
  service_.faults_.clear();
  service_.log_.clear();
}

Response Control::faults(const Request& request) {
  if (request.method == "GET") return json(200, service_.faults_.as_json() + "\n");
  if (request.method == "DELETE") {
    service_.faults_.clear();
    return done();
  }
  if (request.method != "PUT" && request.method != "POST") return wrong(405, "GET, PUT, POST or DELETE");
  auto rules = parse_faults(request.body);
  if (!rules) return wrong(400, rules.error());
  if (request.method == "PUT") service_.faults_.clear();
  service_.faults_.add(std::move(*rules));
  return json(200, service_.faults_.as_json() + "\n");
}

Response Control::clients(const Request& request) {
  if (request.method == "PUT") return preload(request);
  if (request.method == "DELETE") {
    service_.store_.clear();
    return done();
  }
  if (request.method != "GET") return wrong(405, "GET, PUT or DELETE");
  std::string body = "[";
  for (const StoredClient* client : service_.store_.in_order()) {
    if (body.size() > 1) body += ',';
    std::string secret;
    go_json::append_quoted(secret, client->secret);
    body += "{\"client_secret\":" + secret + "," + client->json.substr(1);
  }
  return json(200, body + "]\n");
}

Response Control::preload(const Request& request) {
  const auto value = go_json::only_value(request.body);
  if (!value) return wrong(400, value.error());
  if (go_json::kind_of(*value) != go_json::Kind::array) return wrong(400, "a list of clients is wanted");
  for (const auto client : go_json::elements(*value)) {
    if (const auto loaded = service_.api_.preload(client); !loaded) return wrong(400, loaded.error());
  }
  return state();
}

/// {"count":N,"prefix":"bulk-","template":{…}}: N clients of one template, ids prefix000000, prefix000001, …
Response Control::generate(const Request& request) {
  const auto value = go_json::only_value(request.body);
  if (!value || go_json::kind_of(*value) != go_json::Kind::object) return wrong(400, "an object is wanted");
  std::int64_t count = 0;
  std::string prefix = "bulk-";
  std::string model = "{}";
  for (const auto& member : go_json::members(*value)) {
    if (member.name == "count") count = parse_int(member.value).value_or(0);
    if (member.name == "prefix" && go_json::kind_of(member.value) == go_json::Kind::string) {
      prefix = go_json::unquote(member.value);
    }
    if (member.name == "template") model = member.value;
  }
  if (count < 1 || count > kMostGenerated || !model.starts_with('{')) {
    return wrong(400, "\"count\" must be 1 to 1000000 and \"template\" an object");
  }
  const bool bare = go_json::members(model).empty();
  for (std::int64_t i = 0; i < count; ++i) {
    std::string id;
    go_json::append_quoted(id, prefix + std::to_string(1'000'000 + i).substr(1));
    const std::string client =
        model.substr(0, model.rfind('}')) + (bare ? "" : ",") + "\"client_id\":" + id + "}";
    if (const auto loaded = service_.api_.preload(client); !loaded) return wrong(400, loaded.error());
  }
  return state();
}

Response Control::state() const {
  std::string body = "{\"dialect\":\"" + std::string(service_.dialect_.name) +
                     "\",\"clients\":" + std::to_string(service_.store_.size()) +
                     ",\"connections\":" + std::to_string(service_.open_connections()) +
                     ",\"faults\":" + service_.faults_.as_json() + "}\n";
  return json(200, body);
}

}  // namespace sandbox
