#pragma once

// Says what changed from one cycle to the next, each thing once and by name, in the log and in the metrics.

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "client/client_id.h"
#include "manifest/manifest.h"
#include "reconcile/report.h"
#include "reconcile/source_announcer.h"
#include "telemetry/metrics.h"

namespace hydra_clients::reconcile {

/// Remembers what was said. Used by one thread.
class Announcer {
 public:
  /// `secretCommand`: what a person can type where a manifest's secret changed; may be empty.
  explicit Announcer(telemetry::Metrics& metrics,
                     std::function<std::string(const manifest::Manifest&)> secretCommand = {})
      : metrics_(metrics),
        source_({[this](const ClientId& id) { return wasPresent(id); }, std::move(secretCommand)}) {}
  Announcer(const Announcer&) = delete;  // a part of it refers to it
  Announcer& operator=(const Announcer&) = delete;

  /// One line per outcome that changed, one summary line where something changed or failed (at debug level
  /// otherwise), and the cycle's metrics. `desired` is the set in force; null before the first.
  void announce(const CycleReport& report, const manifest::ManifestSetPtr& desired);

 private:
  struct Said {
    Outcome outcome;
    std::string details;
    bool wasPresent = false;  ///< it is, or was once, in Hydra

    [[nodiscard]] bool saysAsMuchAs(const Said& other) const {
      return outcome == other.outcome && details == other.details;
    }
  };

  bool announceClients(const CycleReport& report);
  /// Those that had a line in the last report, and need none any more.
  bool announceHealed(const CycleReport& report, const std::unordered_map<std::string, Said>& before);
  /// Whether a declared client is known to have been in Hydra.
  [[nodiscard]] bool wasPresent(const std::string& key) const;
  /// `wasPresent`: the client is known to have been in Hydra before this cycle.
  void announceClient(const ClientReport& client, const CycleReport& report, bool wasPresent);
  /// One line about all clients that had to be imported again, however many: Hydra lost them.
  bool announceLost(const CycleReport& report);
  /// How many clients are known to have been in Hydra.
  [[nodiscard]] std::int64_t knownPresent() const;
  void announceSecrets(const CycleReport& report);
  bool announceError(const CycleReport& report);
  bool announceListError(const CycleReport& report);
  void count(const CycleReport& report);

  telemetry::Metrics& metrics_;
  SourceAnnouncer source_;
  std::unordered_map<std::string, Said> said_;  ///< by id (or place, without one): all that had a line
  InSync inSync_;                               ///< all others, of the last report
  std::string error_;
  bool hydraAway_ = false;
  std::string listError_;
  std::string outboxError_;
};

}  // namespace hydra_clients::reconcile
