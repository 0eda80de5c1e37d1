#include "replica.h"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "hydra/restart_watch.h"
#include "reconcile/announcer.h"
#include "reconcile/loop.h"
#include "reconcile/reconciler.h"
#include "reconcile/secret_keeper.h"
#include "sim_clock.h"
#include "telemetry/metrics.h"

namespace simulate {
namespace {

using namespace hydra_clients;
using std::chrono::milliseconds;

/// As cli/reconcile_flags.cpp has it.
constexpr milliseconds kTriesWithinCycle{2'000};

/// Of the cycle that a document of /status is about; 0 before the first.
std::uint64_t cycleOf(const std::string& status) {
  constexpr std::string_view kMember = R"("cycle":)";
  const auto found = status.find(kMember);
  return found == std::string::npos ? 0 : std::strtoull(status.c_str() + found + kMember.size(), nullptr, 10);
}

}  // namespace

Replica::Replica(ModelTransport::Sides sides, int number, std::string outbox, Eavesdropper eavesdropper,
                 CycleObserver observer)
    : sides_(sides),
      number_(number),
      outbox_(std::move(outbox)),
      eavesdropper_(std::move(eavesdropper)),
      observer_(std::move(observer)),
      source_(sides.scheduler, sides.settings.atomicSource) {}

void Replica::begin() {
  stop_ = {};
  dead_ = false;
  runs_ = true;
  ++process_;
  source_.forget();
  sides_.history.note(number_, "begins");
  sides_.scheduler.detach(sides_.scheduler.spawn(
      [this] {
        live();
        sides_.history.note(number_, dead_ ? "is gone" : "has ended");
        runs_ = false;
      },
      number_));
}

void Replica::kill() {
  dead_ = true;
  stop();
}

void Replica::lookNow(const std::string& reason) {
  if (triggers_ == nullptr) return;
  ++visitors_;  // on a thread of its own, as a signal's or a watch's: it may have to wait for a lock
  sides_.scheduler.detach(sides_.scheduler.spawn([this, triggers = triggers_, reason] {
    triggers->lookNow(reason);
    --visitors_;
  }));
}

hydra::ConnectionOptions Replica::connection() const {
  hydra::ConnectionOptions options;
  options.endpoint = hydra::Endpoint::parse("http://127.0.0.1:4445").value();
  return options;
}

void Replica::live() {
  const auto isDead = [this, mine = process_] { return dead_ || process_ != mine; };
  telemetry::Metrics metrics("simulated", "simulated");
  reconcile::Triggers triggers;
  reconcile::HeartBeat heart;
  reconcile::StatusBoard board(metrics);
  const hydra::ConnectionOptions options = connection();
  ModelTransport transport(sides_, number_, isDead, eavesdropper_);
  hydra::AdminApi api(transport, {.pageSize = sides_.settings.pageSize});
  const auto pgp = secrets::Pgp::start().value();
  const auto keeper = outbox_.empty() ? nullptr : std::make_unique<reconcile::SecretKeeper>(outbox_, *pgp);
  reconcile::ImportOptions imports;
  imports.parallelism = sides_.settings.parallelism;
  imports.failAfter = kTriesWithinCycle;
  imports.secrets.keeper = keeper.get();
  if (keeper) imports.secrets.generated = reconcile::SecretPolicy::Generated::kKept;
  manifest::SetReader reader{manifest::ReadingOptions{}};
  reconcile::Reconciler reconciler({source_, reader, api, options}, imports, [&] { heart.beat(); });
  reconcile::Announcer announcer(metrics);
  hydra::RestartWatch watch(std::make_unique<ModelTransport>(sides_, number_, isDead),
                            [&] { triggers.hydraRestarted(); });
  triggers_ = &triggers;

  const reconcile::Loop* running = nullptr;
  const auto tellObserver = [&](Moment began) {
    // The loop publishes the report when this callback has returned.
    ++visitors_;
    const std::uint64_t cycle = running->nextNumber() - 1;
    sides_.scheduler.detach(sides_.scheduler.spawn([&, reader = observer_(began), cycle] {
      std::string status = *board.newest();
      while (cycleOf(status) < cycle) {
        sides_.scheduler.sleep(milliseconds(1));
        status = *board.newest();
      }
      const bool isItsOwn = cycleOf(status) == cycle;  // else the next one was quicker
      if (isItsOwn && !isDead()) reader(status);
      --visitors_;
    }));
  };
  reconcile::LoopOptions loopOptions;
  loopOptions.interval = sides_.settings.interval;
  loopOptions.onReached = [&](auto began) {
    watch.reached(api.dialect(), began);
    tellObserver(std::chrono::duration_cast<Moment>(began.time_since_epoch()) - beginOf(CLOCK_REALTIME));
  };
  reconcile::Loop loop(reconciler, announcer, triggers, heart, board, loopOptions);
  running = &loop;
  loop.run(stop_.get_token());
  triggers_ = nullptr;
  while (visitors_ > 0) sides_.scheduler.sleep(milliseconds(1));
}

}  // namespace simulate
