#include "settings.h"

namespace simulate {
namespace {

/// Most seeds have few kinds of fault, and some of those often: what goes wrong together is then seen alone
/// too.
unsigned rate(Chance& chance) {
  if (!chance.permille(350)) return 0;
  return chance.oneOf(std::vector<unsigned>{10, 50, 200, 500});
}

FaultRates rates(Chance& chance) {
  FaultRates faults;
  if (chance.permille(100)) return faults;
  for (unsigned* each : {&faults.notSent, &faults.cut, &faults.internal, &faults.late, &faults.lost,
                         &faults.busy, &faults.garbled, &faults.refused, &faults.list, &faults.disk})
    *each = rate(chance);
  if (chance.permille(100)) faults.foreign = rate(chance);
  return faults;
}

std::size_t some(Chance& chance, std::uint64_t most) {
  return chance.coin() ? 0 : static_cast<std::size_t>(chance.between(1, most));
}

}  // namespace

Settings::Settings(Chance& chance) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  dialect =
      chance.oneOf(std::vector<std::string>{"v2.3", "v2.3", "v2.3", "v1.11", "v1.9", "v26", "v26", "v2.1"});
  replicas = static_cast<std::size_t>(chance.between(1, 3));
  clients = static_cast<std::size_t>(chance.between(1, 8));
  pageSize = chance.coin() ? 0 : static_cast<int>(chance.between(2, 4));
  mostOfAPage = chance.permille(700) ? 0 : static_cast<int>(chance.between(2, 5));
  parallelism = chance.coin() ? 0 : static_cast<std::size_t>(chance.between(1, 4));
  interval = milliseconds(chance.between(1'000, 30'000));
  atomicSource = chance.coin();
  outboxPermille = chance.oneOf(std::vector<unsigned>{0, 500, 1000, 1000});
  faults = rates(chance);
  watchFails = chance.coin();
  edits = some(chance, 12);
  restarts = some(chance, 3);
  kills = some(chance, 3);
  sourceFaults = some(chance, 4);
  quietAt = seconds(chance.between(5, 90));
  calmAt = quietAt + kLatest + kTimeout + seconds(5);
}

std::string Settings::text() const {
  return "Hydra " + dialect + ", " + std::to_string(replicas) + " replicas, " + std::to_string(clients) +
         " clients, pages of " + std::to_string(pageSize) + "/" + std::to_string(mostOfAPage) +
         ", parallelism " + std::to_string(parallelism) + ", interval " + std::to_string(interval.count()) +
         " ms, " + (atomicSource ? "commits" : "files") + ", " + std::to_string(edits) + " edits, " +
         std::to_string(restarts) + " restarts of Hydra, " + std::to_string(kills) +
         " of replicas, quiet at " +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(quietAt).count()) + " s";
}

}  // namespace simulate
