#pragma once

// What a cycle came to: the value that the log, the metrics, /status and `--output json` are all made from.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/json.h"
#include "manifest/manifest.h"
#include "manifest/source.h"
#include "reconcile/difference.h"
#include "reconcile/in_sync.h"
#include "reconcile/outcome.h"
#include "secrets/outbox.h"

namespace hydra_clients::reconcile {

/// One client's line of a report.
struct ClientReport {
  ClientId id;
  Outcome outcome = Outcome::kInSync;
  std::vector<manifest::Location> places;
  std::vector<Difference> differences;    ///< conflict: the fields that differ
  std::vector<std::string_view> unknown;  ///< declared fields that this Hydra does not know
  std::string reason;                     ///< in words; "" for in_sync and import
  std::vector<manifest::Fault> faults;    ///< invalid: what is wrong with the manifest
  std::string hint;                       ///< what to do about it
  std::string command;                    ///< for a POSIX shell, with which a person can do so
  bool tried = false;                     ///< an import of it was tried in this cycle
  /// refused, retrying: before then it is not tried again; nullopt: whenever the next cycle comes.
  std::optional<std::chrono::system_clock::time_point> nextTry;
};

/// A generated secret of which it is now known that it is in force.
struct SecretReport {
  ClientId id;
  secrets::Confirmed confirmed;
};

enum class CycleResult : std::uint8_t {
  kSuccess,   ///< every declared client is in sync or was imported
  kDegraded,  ///< some client is neither, or the source could not be read and an older snapshot is in force
  kFailed,    ///< no snapshot, no live state, or nobody could be served
};
[[nodiscard]] std::string_view nameOf(CycleResult);

struct CycleReport {
  CycleResult result = CycleResult::kFailed;
  /// Of the loop's cycles since its start, from 1; 0 where there is no loop.
  std::uint64_t cycle = 0;
  /// When the loop begins the next cycle, where nothing else makes it begin.
  std::optional<std::chrono::system_clock::time_point> nextCycle;
  std::string source;                ///< for people: "folder manifests/"
  manifest::Revision revision;       ///< of the manifests in force
  manifest::Revision newestSeen;     ///< of the source, read or not, refused or not
  std::vector<std::string> notices;  ///< of the source: changes that are not committed, a step back
  std::string endpoint;              ///< without credentials
  std::string hydra;                 ///< "Hydra v2.3.0"; "" before it was reached
  std::string error;       ///< why the cycle failed, or why the source could not be read; "" otherwise
  bool hydraAway = false;  ///< the error: Hydra could not be reached
  std::optional<std::chrono::milliseconds> retryAfter;  ///< with the error, Hydra asked for this time
  /// Why Hydra's list of clients is of no use: the declared ones were asked for by id. "" otherwise.
  std::string listError;
  InSync inSync;                      ///< clients of which there is no more to say
  std::vector<ClientReport> clients;  ///< all others, sorted by id; fewer where no plan was made
  /// Where no plan was made: when an earlier cycle made the one that `clients` and `unmanaged` are from.
  std::optional<std::chrono::system_clock::time_point> clientsFrom;
  std::vector<SecretReport> secrets;  ///< confirmed in this cycle
  /// Entries of the outbox of which nobody knows what became of them; nullopt without an open outbox.
  std::optional<std::size_t> outboxPending;
  std::vector<std::string> outboxWarnings;  ///< of its folder; each once
  std::string outboxError;                  ///< why the outbox is of no use now; "" otherwise
  bool clientsKnown = false;                ///< the plan was made
  /// No plan was made, but the manifests are known: `clients` are those that are invalid or duplicates.
  bool faultyKnown = false;
  bool commitRefused = false;              ///< the newest commit's signature does not hold: `error` says why
  bool sourceUnread = false;               ///< this reading gave no snapshot; an older one may be in force
  bool sourceAwaited = false;              ///< there are no manifests at all yet: absent, or an empty folder
  bool nobodyServed = false;               ///< an answer showed that no client could be imported
  std::optional<std::uint64_t> unmanaged;  ///< nullopt: unknown
  std::vector<manifest::Fault> warnings;   ///< of manifests
  std::chrono::system_clock::time_point finished;
  double seconds = 0;

  [[nodiscard]] std::uint64_t count(Outcome outcome) const;
  /// All declared clients.
  [[nodiscard]] std::uint64_t declared() const { return inSync.count() + clients.size(); }
  /// Calls `visit` with a ClientReport of every declared client, in the order of their ids.
  template <typename Visit>
  void forEachClient(const Visit& visit) const;
  /// Shows the clients of `earlier` where this cycle could not read the live ones.
  void recall(const CycleReport& earlier);
  /// "212 in_sync, 3 imported, 1 conflict": the outcomes that occur, in the design's order; "3 import" where
  /// that is only planned.
  [[nodiscard]] std::string summary() const;
};

template <typename Visit>
void CycleReport::forEachClient(const Visit& visit) const {
  auto next = clients.begin();
  inSync.forEach([&](const manifest::ManifestPtr& manifest) {
    for (; next != clients.end() && next->id < manifest->id; ++next) visit(*next);
    ClientReport client;
    client.id = manifest->id;
    client.places = {manifest->from};
    visit(client);
  });
  for (; next != clients.end(); ++next) visit(*next);
}

/// Which declared clients a document names, beside its counts of all.
enum class Named : std::uint8_t {
  kAll,
  kProblems,  ///< those that are neither in sync nor were imported
};

/// What the outcomes of its clients come to, and what went wrong beside them.
[[nodiscard]] CycleResult resultOf(const CycleReport& report);

/// The JSON document of `plan`, `run --once` and /status; its `version` is 1.
[[nodiscard]] json::Value toJson(const CycleReport& report, std::string_view command);

/// toJson(), compact and as text. Whatever the number of clients, no more than one of them is held beside the
/// text.
[[nodiscard]] std::string toJsonText(const CycleReport& report, std::string_view command,
                                     Named named = Named::kAll);

/// For people: `word`, the client and its places; below, `note`, what is wrong, and what a person can do.
[[nodiscard]] std::string toText(const ClientReport& client, std::string_view word, const std::string& note);

/// For people: one line per client that is not in sync, and a summary.
[[nodiscard]] std::string toText(const CycleReport& report);

}  // namespace hydra_clients::reconcile
