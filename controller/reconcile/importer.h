#pragma once

// Imports the missing clients, several side by side, each at most once. Every doubtful answer to a POST is
// resolved by reading back before anything is sent again.

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <variant>
#include <vector>

#include "client/json.h"
#include "hydra/admin_api.h"
#include "hydra/service_watch.h"
#include "manifest/manifest.h"
#include "reconcile/import_queue.h"
#include "reconcile/import_result.h"
#include "reconcile/progress.h"
#include "reconcile/secret_policy.h"
#include "reconcile/write_pace.h"

namespace hydra_clients::reconcile {

struct ImportOptions {
  std::size_t parallelism = 0;  ///< POSTs at once, 1 to 256; 0: as many as are found to be best
  PaceFinder::Limits pace;      ///< where it is to be found
  /// How long one client's tries may go on, counted from its first. Zero: one try.
  std::chrono::milliseconds failAfter{0};
  bool failFast = false;  ///< the first failure stops the others that have not begun
  /// How long a Hydra that is away or silent is waited for before all tries end.
  std::chrono::milliseconds patience{0};
  /// `import`: a client that exists already is a failure, whatever its fields.
  bool existingFails = false;
  /// How many clients may be begun beyond the first that the observer has not been told of.
  std::size_t mostAhead = std::numeric_limits<std::size_t>::max();
  SecretPolicy secrets;
};

/// Told of each result, by `index` in the span given to importAll, in that order and as soon as it and all
/// before it are there; on the thread that called importAll, while the workers go on. false: begin nothing
/// more.
using ImportObserver = std::function<bool(std::size_t index, const ImportResult& result)>;

/// One importAll at a time. It runs workers for its length, as many as POSTs may be under way; what they
/// share is the queue, the pace and the watch on Hydra's service, each with a lock of its own, and nothing is
/// sent while one is held.
class Importer {
 public:
  Importer(hydra::AdminApi& api, ImportOptions options);

  /// One result per manifest, in the same order. Ends early on `stop`: what is under way is finished, what is
  /// in doubt is looked up once, the rest is kStopped. Where nobody can be served it ends too; see fault().
  /// `progress` counts what is finished, which one slow client at the front does not hold up.
  std::vector<ImportResult> importAll(std::span<const manifest::ManifestPtr> manifests,
                                      const std::stop_token& stop, const ImportObserver& observer = {},
                                      const ProgressObserver& progress = {});

  /// The answer that showed that nobody can be served, of the last importAll.
  [[nodiscard]] const std::optional<hydra::AdminError>& fault() const { return fault_; }

  static constexpr std::size_t kMostParallel = 256;
  /// What --parallelism is bounded by where it is found.
  static constexpr std::size_t kMostFound = 64;

 private:
  /// What a try came to: a result, or when to try again.
  using Step = std::variant<ImportResult, SteadyTime>;
  /// What the workers of one importAll share.
  struct Run {
    ImportQueue queue;
    hydra::ServiceWatch service;
    WritePace pace;

    /// Nothing is begun any more, and what is in doubt is looked up by all workers at once.
    void end() {
      queue.end();
      pace.open();
    }
  };

  /// One more thread at work; false where none is to be had.
  bool addWorker(std::vector<std::jthread>& workers, Run& run, const std::stop_token& stop);
  void work(Run& run, const std::stop_token& stop);
  /// One POST, in its turn.
  tl::expected<ClientId, hydra::AdminError> post(const ImportJob& job, Run& run);
  Step attempt(ImportJob& job, Run& run);
  Step afterFailure(ImportJob& job, hydra::AdminError error, Run& run);
  /// Ends the run where it shows that nobody can be served.
  static void heed(const hydra::AdminError& error, Run& run);
  /// The last word on a job that is not tried any more.
  ImportResult settle(ImportJob& job, Run& run);
  /// Body, secret, id and stamp, once. A result: the secret cannot be had.
  std::optional<ImportResult> prepare(ImportJob& job) const;
  /// Looks whether the client is there; nullopt: it is not, or that cannot be known. `doubt`: the last POST
  /// was carried out or was not, and this settles it; of one that may still come, job.doubtful tells.
  std::optional<ImportResult> readBack(ImportJob& job, bool doubt, Run& run);
  /// Tells the keeper of generated secrets, where there is one, what became of the job.
  void tellKeeper(const ImportJob& job, ImportResult& result) const;
  /// What a client that is there means for this job.
  ImportResult judgeExisting(const ImportJob& job, const json::Value& live) const;

  hydra::AdminApi& api_;
  const ImportOptions options_;
  std::optional<hydra::AdminError> fault_;
};

}  // namespace hydra_clients::reconcile
