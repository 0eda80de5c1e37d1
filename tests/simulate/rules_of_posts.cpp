// What is sent, and what becomes of it.

#include <algorithm>
#include <chrono>

#include "client/client_id.h"
#include "client/post_body.h"
#include "outbox_view.h"
#include "replica.h"
#include "rules.h"

namespace simulate {
namespace {

using namespace hydra_clients;
using std::chrono::seconds;

bool isDetection(const std::string& target) {
  return target == "/version" || target.ends_with("page_size=1") || target.ends_with("limit=1");
}

std::string textAt(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->isString() ? value->text : "";
}

bool isAbsent(const Held& held) { return !held.present; }

}  // namespace

void Rules::watch(Replica& replica) { states_.emplace_back().replica = &replica; }

void Rules::begins(int replica) {
  State& state = of(replica);
  state.posts.clear();
  state.cycle = scheduler_.now();
}

void Rules::hydraEnded() {
  for (State& state : states_) {
    for (auto& [id, posts] : state.posts) posts.notBefore = Moment{0};
  }
}

const DeclaredSet& Rules::inForce(int replica) const {
  static const DeclaredSet kNothing;
  const Revision& revision = states_[static_cast<std::size_t>(replica)].replica->source().inForce();
  return revision ? *revision : kNothing;
}

void Rules::sent(int replica, const hydra::Request& request) {
  State& state = of(replica);
  if (request.method == hydra::Method::kPost) {
    posted(replica, std::string(request.body->reveal(Purpose::kPostBody)));
    return;
  }
  if (request.method != hydra::Method::kGet) history_.broken(replica, "sends neither a GET nor a POST");
  if (isDetection(request.target)) {
    state.cycle = scheduler_.now();
    state.listFailed = false;
    for (auto& [id, posts] : state.posts) posts.inThisCycle = false;
    return;
  }
  for (auto& [id, posts] : state.posts) {
    const bool thisOne = request.target.ends_with("/" + hydra_clients::percentEncode(id));
    if (thisOne || request.target.find("/clients?") != std::string::npos) posts.inDoubt = false;
  }
}

void Rules::posted(int replica, const std::string& text) {
  const json::Value body = json::parse(text).value();
  const std::string id = textAt(body, "client_id");
  State& state = of(replica);
  Posts& posts = state.posts[id];
  history_.note(replica, "sends " + id);
  checkBody(replica, id, body);
  checkPace(replica, id, posts, posts.body == text);
  // Where the list is of no use, a client that only a list shows is sent all the same (docs/decisions.md).
  const bool isHidden = state.listFailed && !isAddressable(id, hydra_.dialect());
  if (!isHidden && !hydra_.was(id, state.cycle, scheduler_.now(), isAbsent))
    history_.broken(replica, "sends " + id + ", which Hydra has held since before the cycle");
  if (posts.inDoubt) history_.broken(replica, "sends " + id + " again before it has looked for it");
  if (posts.inThisCycle && posts.body != text)
    history_.broken(replica, "sends " + id + " with another secret, or otherwise changed, in one cycle");
  posts.body = text;
  posts.inThisCycle = true;
}

void Rules::checkBody(int replica, const std::string& id, const json::Value& body) {
  const DeclaredSet& set = inForce(replica);
  const auto found = set.find(id);
  if (found == set.end() || !found->second.maySend()) {
    history_.broken(replica, "sends " + id + ", which is not declared by what it has read");
    return;
  }
  const Declared& declared = found->second;
  const std::string secret = textAt(body, "client_secret");
  const std::string stamp = stampOf(body);
  if (textAt(body, "client_name") != declared.name)
    history_.broken(replica, "sends " + id + " otherwise than it is declared");
  const bool asDeclared = declared.kind == Declared::Kind::kPublic ? secret.empty() && stamp.empty()
                          : declared.kind == Declared::Kind::kStated
                              ? secret == statedSecretOf(id) && stamp.empty()
                              : !secret.empty() && !stamp.empty();
  if (!asDeclared) history_.broken(replica, "sends " + id + " with a secret that is not as it is declared");
  if (declared.kind != Declared::Kind::kGenerated || !asDeclared) return;
  if (!outboxHas(of(replica).replica->outbox(), id, secret))
    history_.broken(replica, "sends " + id + " with a secret that is not in its outbox");
}

void Rules::checkPace(int replica, const std::string& id, Posts& posts, bool again) {
  const Moment now = scheduler_.now();
  posts.lately.push_back(now);
  while (posts.lately.front() + seconds(1) < now) posts.lately.pop_front();
  if (posts.lately.size() > kMostPostsASecond)
    history_.broken(replica,
                    "sends " + id + " " + std::to_string(posts.lately.size()) + " times in a second");
  if (again && now < posts.notBefore)
    history_.broken(replica, "sends " + id + " sooner than Retry-After said");
}

void Rules::ended(int replica, const hydra::Request& request, const Ending& ending,
                  const hydra::Response* response) {
  if (request.method != hydra::Method::kPost) {
    const bool list = request.target.find("/clients?") != std::string::npos;
    if (list && (ending.status != 200 || ending.mayHaveHappened)) of(replica).listFailed = true;
    return;
  }
  const json::Value body = json::parse(request.body->reveal(Purpose::kPostBody)).value();
  Posts& posts = of(replica).posts[textAt(body, "client_id")];
  posts.inDoubt = ending.mayHaveHappened && ending.status != 503;
  // What was asked for is forgotten where nobody could be served, so that nobody waits longer for that, and
  // where Hydra was restarted, or seems to have been.
  const bool mayBeForgotten = settings_.faults.foreign > 0 || settings_.restarts > 0 || settings_.watchFails;
  if (response == nullptr || response->headers.retryAfter.empty() || mayBeForgotten) return;
  const seconds asked{std::stoi(response->headers.retryAfter)};
  posts.notBefore = scheduler_.now() + std::min<std::chrono::milliseconds>(asked, settings_.interval);
}

void Rules::created(int replica, const std::string& id, const std::string& text) {
  const json::Value body = json::parse(text).value();
  const std::string stamp = stampOf(body);
  if (stamp.empty()) {
    inForce_.erase(id);
    return;
  }
  inForce_[id] = {textAt(body, "client_secret"), stamp, replica, scheduler_.now()};
  checkSecret(id, inForce_[id]);
}

void Rules::checkSecret(const std::string& id, const Generated& generated) {
  const Held& held = hydra_.held(id);
  if (!held.present || held.stamp != generated.stamp) return;
  if (outboxHas(of(generated.by).replica->outbox(), id, generated.secret)) return;
  // An entry is dropped once its client exists with another's stamp (design §6): what Hydra carries out after
  // that client is gone again has no secret.
  const bool wasAnothers = hydra_.was(id, Moment{0}, generated.since, [&](const Held& before) {
    return before.present && before.stamp != generated.stamp;
  });
  if (!wasAnothers) history_.broken(generated.by, "has lost the secret of " + id + ", which Hydra holds");
}

}  // namespace simulate
