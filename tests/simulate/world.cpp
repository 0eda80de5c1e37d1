#include "world.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "disk.h"

namespace simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kNobody = Scheduler::kNobody;

}  // namespace

World::World(std::uint64_t seed, std::string folder)
    : scheduler_(seed),
      history_(scheduler_),
      settings_(scheduler_.chance()),
      folder_(std::move(folder)),
      hydra_(scheduler_, history_, settings_.dialect, settings_.mostOfAPage),
      rules_(scheduler_, history_, hydra_, settings_),
      revision_(std::make_shared<const DeclaredSet>(firstSet(settings_.clients, scheduler_.chance()))) {
  history_.note(kNobody, settings_.text());
  hydra_.onCreated = [this](int by, const std::string& id, const std::string& body) {
    rules_.created(by, id, body);
  };
  setDiskFaults([this] { return diskError(); });
  for (std::size_t i = 0; i < settings_.replicas; ++i) addReplica(static_cast<int>(i));
  planEdits();
  planHandEdits();
  planRestarts();
  planKills();
  planSourceFaults();
}

World::~World() { setDiskFaults({}); }

void World::addReplica(int number) {
  Eavesdropper eavesdropper;
  eavesdropper.sent = [this, number](const auto& request) { rules_.sent(number, request); };
  eavesdropper.ended = [this, number](const auto& request, const Ending& ending, const auto* response) {
    rules_.ended(number, request, ending, response);
  };
  const bool hasOutbox = scheduler_.chance().permille(settings_.outboxPermille);
  replicas_.push_back(
      std::make_unique<Replica>(ModelTransport::Sides{scheduler_, history_, hydra_, settings_}, number,
                                hasOutbox ? folder_ + "/" + std::to_string(number) : "", eavesdropper,
                                [this, number](Moment began) { return rules_.cycleEnds(number, began); }));
  rules_.watch(*replicas_.back());
  Replica& replica = *replicas_.back();
  replica.source().show(revision_);
  scheduler_.at(milliseconds(scheduler_.chance().between(0, 3'000)), [this, &replica, number] {
    rules_.begins(number);
    replica.begin();
  });
}

Moment World::sometime() {
  const auto end = std::chrono::duration_cast<milliseconds>(settings_.quietAt).count();
  return milliseconds(scheduler_.chance().between(0, static_cast<std::uint64_t>(end)));
}

void World::planEdits() {
  for (std::size_t i = 0; i < settings_.edits; ++i) {
    scheduler_.at(sometime(), [this] {
      std::string change;
      publish(std::make_shared<const DeclaredSet>(
          edited(*revision_, settings_.clients, scheduler_.chance(), change)));
      history_.note(kNobody, "a person " + change + " in the manifests");
    });
  }
}

void World::publish(Revision revision) {
  revision_ = std::move(revision);
  for (const auto& replica : replicas_) {
    const Moment seen = scheduler_.now() + milliseconds(scheduler_.chance().between(0, 3'000));
    const bool isWatched = scheduler_.chance().coin();
    scheduler_.at(seen, [replica = replica.get(), revision = revision_, isWatched] {
      replica->source().show(revision);
      if (isWatched) replica->lookNow("manifests changed");
    });
  }
}

void World::planHandEdits() {
  for (std::size_t i = 0; i < settings_.edits; ++i) {
    scheduler_.at(sometime(), [this] {
      Chance& chance = scheduler_.chance();
      const std::string id = idOf(static_cast<std::size_t>(chance.between(0, settings_.clients)));
      if (!hydra_.isUp()) return;
      if (chance.permille(400)) {
        history_.note(kNobody, "a person deletes " + id + " in Hydra");
        hydra_.remove(id);
      } else {
        const std::string name = chance.coin() ? "A" : "by hand";
        history_.note(kNobody, "a person puts " + id + " into Hydra, named " + name);
        hydra_.put(id, name);
      }
    });
  }
}

void World::planRestarts() {
  for (std::size_t i = 0; i < settings_.restarts; ++i) scheduler_.at(sometime(), [this] { restartHydra(); });
}

void World::restartHydra() {
  if (!hydra_.isUp()) return;
  const bool loses = scheduler_.chance().coin();
  history_.note(kNobody, loses ? "Hydra ends, and its database with it" : "Hydra ends");
  hydra_.stop(loses);
  rules_.hydraEnded();
  scheduler_.at(scheduler_.now() + milliseconds(scheduler_.chance().between(100, 8'000)), [this] {
    history_.note(kNobody, "Hydra begins");
    hydra_.start();
  });
}

void World::planKills() {
  for (std::size_t i = 0; i < settings_.kills; ++i) {
    const auto number = static_cast<std::size_t>(scheduler_.chance().between(0, replicas_.size() - 1));
    const bool kill = scheduler_.chance().coin();
    scheduler_.at(sometime(),
                  [this, number, kill] { endReplica(*replicas_[number], static_cast<int>(number), kill); });
  }
}

void World::endReplica(Replica& replica, int number, bool kill) {
  if (!replica.runs()) return;
  history_.note(number, kill ? "is killed" : "is told to stop");
  // From a thread of its own: to ask for a stop calls back who waits for one, which may wait for a lock.
  scheduler_.detach(scheduler_.spawn(
      [this, &replica, number, kill] {
        if (kill) {
          replica.kill();
        } else {
          replica.stop();
        }
        while (replica.runs()) scheduler_.sleep(milliseconds(10));
        if (ending_) return;
        rules_.begins(number);
        replica.begin();
      },
      kNobody));
}

void World::planSourceFaults() {
  using State = ModelSource::State;
  for (std::size_t i = 0; i < settings_.sourceFaults; ++i) {
    const auto number = static_cast<std::size_t>(scheduler_.chance().between(0, replicas_.size() - 1));
    const State state = scheduler_.chance().oneOf(
        std::vector<State>{State::kUnreadable, State::kAbsent, State::kEmpty, State::kTorn, State::kTorn});
    const Moment begin = sometime();
    ModelSource& source = replicas_[number]->source();
    scheduler_.at(begin, [this, &source, state, number] {
      history_.note(static_cast<int>(number),
                    "its manifests are as state " + std::to_string(static_cast<int>(state)));
      source.setState(state);
    });
    scheduler_.at(begin + milliseconds(scheduler_.chance().between(1, 10'000)), [this, &source, number] {
      history_.note(static_cast<int>(number), "its manifests are whole again");
      source.setState(State::kWhole);
    });
  }
}

int World::diskError() {
  const int owner = scheduler_.owner();
  if (owner == kNobody) return 0;
  if (replicas_[static_cast<std::size_t>(owner)]->isDead()) return EIO;
  if (scheduler_.now() >= settings_.quietAt || !scheduler_.chance().permille(settings_.faults.disk)) return 0;
  history_.note(owner, "its disk fails");
  return scheduler_.chance().coin() ? EIO : ENOSPC;
}

void World::run() {
  const Moment latest = settings_.calmAt + kLongestSettling;
  scheduler_.run([&] { return rules_.settled() || scheduler_.now() > latest; });
  if (!rules_.settled()) history_.broken(kNobody, "not every replica has settled in time");
  rules_.atTheEnd();
  ending_ = true;
  for (std::size_t i = 0; i < replicas_.size(); ++i)
    endReplica(*replicas_[i], static_cast<int>(i), /*kill=*/false);
  scheduler_.run([&] { return scheduler_.fibers() == 0; });
}

}  // namespace simulate
