// What is said on /status, and when all is done.

#include <algorithm>
#include <set>
#include <utility>

#include "outbox_view.h"
#include "replica.h"
#include "rules.h"

namespace simulate {
namespace {

using namespace hydra_clients;
using Kind = Declared::Kind;

std::string textAt(const json::Value& object, std::string_view pointer) {
  const json::Value* value = json::at(object, pointer);
  return value != nullptr ? value->text : "";
}

bool isAbsent(const Held& held) { return !held.present; }

bool isAsDeclared(const Held& held, const Declared& declared) {
  return held.present && held.name == declared.name && (declared.kind != Kind::kPublic || held.isPublic);
}

}  // namespace

std::function<void(const std::string& status)> Rules::cycleEnds(int replica, Moment began) {
  const Cycle cycle{began, std::max(began, of(replica).cycle), scheduler_.now(),
                    of(replica).replica->source().inForce()};
  return [this, replica, cycle](const std::string& status) { told(replica, status, cycle); };
}

void Rules::told(int replica, const std::string& text, const Cycle& cycle) {
  const json::Value status = json::parse(text).value();
  std::string lines;
  std::set<std::string> named;
  for (const json::Value& line : json::at(status, "/clients")->items) {
    const std::string id = textAt(line, "/client_id");
    lines += " " + id + "=" + textAt(line, "/outcome");
    named.insert(id);
    checkLine(replica, line, cycle);
  }
  history_.note(replica,
                "says of cycle " + textAt(status, "/cycle") + " " + textAt(status, "/result") + ":" + lines);
  // A manifest that went away and is written anew is as good as a changed one: nothing holds it back.
  for (auto& [id, posts] : of(replica).posts) {
    if (!named.contains(id)) posts.notBefore = Moment{0};
  }
  for (const auto& [id, declared] : *cycle.manifests) {
    // A cycle that was cut short says nothing of those that it did not reach.
    if (!named.contains(id) && !of(replica).replica->isStopping())
      history_.broken(replica, "does not say what became of " + id);
  }
  const bool faultless =
      std::ranges::all_of(json::at(status, "/clients")->items, [](const json::Value& line) {
        const std::string outcome = textAt(line, "/outcome");
        return outcome == "in_sync" || outcome == "import";
      });
  if (textAt(status, "/result") == "success" && !faultless)
    history_.broken(replica, "says success, and not of every client");
  for (const auto& [id, generated] : inForce_) checkSecret(id, generated);
  if (cycle.began >= settings_.calmAt) checkSettled(replica, status, *cycle.manifests);
}

void Rules::checkLine(int replica, const json::Value& line, const Cycle& cycle) {
  const std::string id = textAt(line, "/client_id");
  const std::string outcome = textAt(line, "/outcome");
  const auto found = cycle.manifests->find(id);
  if (found == cycle.manifests->end()) {
    history_.broken(replica, "says " + outcome + " of " + id + ", which is not declared by what it has read");
    return;
  }
  const Declared& declared = found->second;
  const bool remembered = !isAddressable(id, hydra_.dialect());
  const auto ever = [&](const std::function<bool(const Held&)>& like) {
    return hydra_.was(id, remembered ? Moment{0} : cycle.from, cycle.to, like);
  };
  bool isTrue = true;
  if (outcome == "in_sync") {
    isTrue = ever([&](const Held& held) { return isAsDeclared(held, declared); });
  } else if (outcome == "conflict") {
    isTrue = ever([&](const Held& held) { return held.present && !isAsDeclared(held, declared); });
  } else if (outcome == "import") {
    // A POST of an earlier cycle too, where its stamp shows it now; but each creation once.
    const std::optional<Moment> creation = hydra_.createdBy(id, replica, cycle.from, cycle.to);
    isTrue = creation.has_value();
    if (creation && std::exchange(of(replica).posts[id].toldOf, creation) == creation)
      history_.broken(replica, "says import of " + id + " a second time");
  } else if (outcome == "waiting" || outcome == "refused") {
    isTrue = ever(isAbsent);
  } else if (outcome == "invalid") {
    isTrue = declared.kind == Kind::kInvalid;
  } else if (outcome == "duplicate") {
    isTrue = declared.kind == Kind::kDuplicate;
  } else if (outcome != "retrying") {
    isTrue = false;
  }
  if (!isTrue)
    history_.broken(replica, "says " + outcome + " of " + id + ", which it was at no time of the cycle");
  if (!declared.maySend() && outcome != "invalid" && outcome != "duplicate")
    history_.broken(replica, "says " + outcome + " of " + id + ", whose manifest is of no use");
}

void Rules::checkSettled(int replica, const json::Value& status, const DeclaredSet& set) {
  State& state = of(replica);
  state.settled = isSettled(replica, status, set);
  const auto& lines = json::at(status, "/clients")->items;
  const bool held = std::ranges::any_of(lines, [](const json::Value& line) {
    return json::at(line, "/next_try") != nullptr;  // it waits out what a fault has earned it
  });
  if (!state.settled && !held) ++state.cyclesSinceCalm;
  if (state.cyclesSinceCalm > kCyclesToSettle)
    history_.broken(replica,
                    "is not in sync " + std::to_string(kCyclesToSettle) + " cycles after the last fault");
}

bool Rules::isSettled(int replica, const json::Value& status, const DeclaredSet& set) const {
  const State& state = states_[static_cast<std::size_t>(replica)];
  for (const json::Value& line : json::at(status, "/clients")->items) {
    const std::string outcome = textAt(line, "/outcome");
    const auto declared = set.find(textAt(line, "/client_id"));
    const bool needsOutbox =
        declared != set.end() && declared->second.kind == Kind::kGenerated && state.replica->outbox().empty();
    const bool done = outcome == "in_sync" || outcome == "conflict" || outcome == "invalid" ||
                      outcome == "duplicate" || (outcome == "waiting" && needsOutbox) ||
                      (outcome == "refused" && hydra_.dialect().chosen_id_refused);
    if (!done) return false;
  }
  if (state.replica->outbox().empty()) return true;
  return std::ranges::none_of(outboxFiles(state.replica->outbox()), [&](const OutboxFile& file) {
    return file.pending && hydra_.held(file.id).present;
  });
}

bool Rules::settled() const {
  if (!history_.faults().empty()) return true;
  return std::ranges::all_of(states_, [](const State& state) { return state.settled; });
}

void Rules::atTheEnd() {
  for (const auto& [id, generated] : inForce_) checkSecret(id, generated);
}

}  // namespace simulate
