#include "hydra_model.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include <sys/socket.h>

#include "client/json.h"
#include "client/post_body.h"
#include "router.h"
#include "sim_clock.h"

namespace simulate {
namespace {

using namespace hydra_clients;

sandbox::Request toRequest(const hydra::Request& sent) {
  sandbox::Request request;
  request.method = std::string(nameOf(sent.method));
  const auto mark = sent.target.find('?');
  request.raw_path = sent.target.substr(0, mark);
  if (mark != std::string::npos) request.raw_query = sent.target.substr(mark + 1);
  request.path = sandbox::go_url::path_unescape(request.raw_path).value_or(request.raw_path);
  request.query = sandbox::go_url::parse_query(request.raw_query);
  request.headers.emplace_back("Accept", "application/json");
  if (sent.body) request.body = std::string(sent.body->reveal(Purpose::kPostBody));
  return request;
}

std::string httpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

hydra::Response fromResponse(const sandbox::Response& answered) {
  hydra::Response response;
  response.status = answered.status;
  response.body = answered.body;
  for (const auto& [name, value] : answered.headers) {
    if (sandbox::same_token(name, "Content-Type")) response.headers.contentType = value;
    if (sandbox::same_token(name, "Link")) response.headers.link = value;
    if (sandbox::same_token(name, "Location")) response.headers.location = value;
    if (sandbox::same_token(name, "X-Total-Count")) response.headers.totalCount = std::stoull(value);
  }
  response.headers.date = httpDate();
  return response;
}

std::string textAt(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->isString() ? value->text : "";
}

}  // namespace

HydraModel::HydraModel(Scheduler& scheduler, History& history, const std::string& dialect, int mostOfAPage)
    : scheduler_(scheduler),
      history_(history),
      dialect_(*sandbox::find_dialect(dialect)),
      api_(dialect_, sandbox::ApiSettings{.server = {}, .max_page_size = mostOfAPage}, store_) {}

hydra::Response HydraModel::answer(const hydra::Request& request, int by) {
  return fromResponse(handle(toRequest(request), by));
}

sandbox::Response HydraModel::handle(const sandbox::Request& request, int by) {
  const sandbox::Route found = sandbox::route(request, dialect_);
  switch (found.endpoint) {
    case sandbox::Endpoint::list:
      return api_.list(request).response;
    case sandbox::Endpoint::get:
      return api_.get(found.id);
    case sandbox::Endpoint::version: {
      const std::string release(dialect_.release);
      return {.status = 200,
              .headers = {{"Content-Type", "application/json"}},
              .body = R"({"version":")" + release + "\"}"};
    }
    case sandbox::Endpoint::metrics:
      return metrics();
    case sandbox::Endpoint::create:
      break;
    case sandbox::Endpoint::answered:
      return found.response;
    default:
      history_.broken(by, "sends a " + request.method + " of " + request.path);
      return found.response;
  }
  sandbox::Response created = api_.create(request);
  if (created.status != 201) return created;
  const json::Value client = json::parse(created.body).value();
  const std::string id = textAt(client, "client_id");
  changed(id, {.since = {},
               .present = true,
               .name = textAt(client, "client_name"),
               .isPublic = textAt(client, "token_endpoint_auth_method") == "none",
               .stamp = stampOf(client),
               .by = by});
  history_.note(by, "  Hydra now holds " + id);
  if (onCreated) onCreated(by, id, request.body);
  return created;
}

sandbox::Response HydraModel::metrics() const {
  const double begin = std::chrono::duration<double>(beginOf(CLOCK_REALTIME) + started_).count();
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain"}},
          .body = "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds " +
                  std::to_string(begin) + "\n"};
}

void HydraModel::put(const std::string& id, const std::string& name) {
  (void)api_.preload(R"({"client_id":")" + id + R"(","client_name":")" + name +
                     R"(","scope":"openid","token_endpoint_auth_method":"none"})");
  changed(
      id,
      {.since = {}, .present = true, .name = name, .isPublic = true, .stamp = {}, .by = Scheduler::kNobody});
}

void HydraModel::remove(const std::string& id) {
  if (store_.erase(id)) changed(id, {});
}

void HydraModel::stop(bool loses) {
  up_ = false;
  connections_.clear();
  if (!loses) return;
  store_.clear();
  for (const std::string& id : everHeld()) {
    if (held(id).present) changed(id, {});
  }
}

void HydraModel::start() {
  up_ = true;
  ++process_;
  started_ = scheduler_.now();
}

FileDescriptor HydraModel::connect() {
  int ends[2];
  if (!up_ || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
  connections_.emplace_back(ends[0]);
  return FileDescriptor(ends[1]);
}

void HydraModel::changed(const std::string& id, Held now) {
  now.since = scheduler_.now();
  past_[id].push_back(std::move(now));
}

const Held& HydraModel::held(const std::string& id) const {
  static const Held kNothing;
  const auto found = past_.find(id);
  return found == past_.end() ? kNothing : found->second.back();
}

bool HydraModel::was(const std::string& id, Moment from, Moment to,
                     const std::function<bool(const Held&)>& like) const {
  static const std::vector<Held> kNothing;
  const auto found = past_.find(id);
  const std::vector<Held>& past = found == past_.end() ? kNothing : found->second;
  if ((past.empty() || past.front().since >= from) && like(Held{})) return true;
  for (std::size_t i = 0; i < past.size(); ++i) {
    const bool ended = i + 1 < past.size() && past[i + 1].since < from;
    if (!ended && past[i].since <= to && like(past[i])) return true;
  }
  return false;
}

std::optional<Moment> HydraModel::createdBy(const std::string& id, int replica, Moment from,
                                            Moment to) const {
  std::optional<Moment> created;
  (void)was(id, from, to, [&](const Held& held) {
    if (held.present && held.by == replica) created = held.since;
    return false;
  });
  return created;
}

std::vector<std::string> HydraModel::everHeld() const {
  std::vector<std::string> ids;
  for (const auto& [id, past] : past_) ids.push_back(id);
  return ids;
}

}  // namespace simulate
