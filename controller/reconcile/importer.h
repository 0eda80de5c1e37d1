#pragma once

// Imports the missing clients, several side by side, each at most once. Every doubtful answer to a POST is
// resolved by reading back before anything is sent again.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "hydra/admin_api.h"
#include "hydra/retry.h"
#include "manifest/manifest.h"
#include "reconcile/secret_policy.h"

namespace hydra_clients::reconcile {

struct ImportOptions {
  std::size_t parallelism = 8;  ///< requests at once, 1 to 256
  /// How long one client's tries may go on, counted from its first. Zero: one try.
  std::chrono::milliseconds failAfter{0};
  bool failFast = false;  ///< the first failure stops the others that have not begun
  /// `import`: a client that exists already is a failure, whatever its fields.
  bool existingFails = false;
  SecretPolicy secrets;
};

/// What became of one client.
struct ImportResult {
  enum class Kind {
    kImported,  ///< our POST created it
    kInSync,    ///< another created it meanwhile, equal to the manifest
    kConflict,  ///< another created it meanwhile, and `fields` differ
    kExists,    ///< it exists (only where ImportOptions::existingFails)
    kRefused,   ///< Hydra's own no
    kRetrying,  ///< a passing fault outlived the tries
    kUnknown,   ///< a POST without an id to ask for had no clear answer
    kWaiting,   ///< its secret could not be had
    kStopped,   ///< not tried: stopped, or nobody can be served
  };
  Kind kind = Kind::kStopped;
  ClientId id;             ///< as Hydra knows it
  SharedSecret generated;  ///< the secret that was made for it
  std::string sealed;      ///< the same, encrypted (SecretPolicy::seal)
  std::vector<std::string_view> fields;
  std::string message;  ///< of a failure, in words
  std::optional<std::chrono::milliseconds> retryAfter;
};

/// Told of each result as it comes, by `index` in the span given to importAll. Called under the importer's
/// lock: one call at a time, from any worker; must not block for long.
using ImportObserver = std::function<void(std::size_t index, const ImportResult& result)>;

/// One use of importAll at a time. Threads: `parallelism` workers for the length of the call; `mutex_` guards
/// the queue, the results and the two flags, and nothing is sent while it is held.
class Importer {
 public:
  Importer(hydra::AdminApi& api, ImportOptions options);

  /// One result per manifest, in the same order. Ends early on `stop`: what is under way is finished, the
  /// rest is kStopped. An answer that shows that nobody can be served ends it too; see fault().
  std::vector<ImportResult> importAll(std::span<const manifest::ManifestPtr> manifests,
                                      const std::stop_token& stop, const ImportObserver& observer = {});

  /// The answer that showed that nobody can be served, of the last importAll.
  [[nodiscard]] const std::optional<hydra::AdminError>& fault() const { return fault_; }

  static constexpr std::size_t kMostParallel = 256;

 private:
  using Time = std::chrono::steady_clock::time_point;

  /// One client on its way. Owned by the queue or by the worker that has taken it.
  struct Job {
    std::size_t index = 0;
    manifest::ManifestPtr manifest;
    SharedSecret body;    ///< made at the first try; every try sends the same
    SharedSecret secret;  ///< that stands in `body`; null where the client needs none
    SharedSecret generated;
    std::string sealed;
    ClientId id;
    std::string stamp;
    bool doubtful = false;  ///< an earlier POST of ours may have arrived
    int tries = 0;
    Time due;
    Time deadline;
    hydra::Backoff backoff;
  };
  struct Later {
    bool operator()(const Job& a, const Job& b) const {
      return a.due != b.due ? a.due > b.due : a.index > b.index;
    }
  };

  void work(const std::stop_token& stop);
  std::optional<Job> take(const std::stop_token& stop);
  void finish(const Job& job, ImportResult result);
  void putBack(Job job, std::optional<std::chrono::milliseconds> retryAfter);

  /// One try. nullopt: to be tried again (the job was changed accordingly).
  std::optional<ImportResult> attempt(Job& job, std::optional<std::chrono::milliseconds>& retryAfter);
  std::optional<ImportResult> prepare(Job& job) const;
  std::optional<ImportResult> afterFailure(Job& job, hydra::AdminError error,
                                           std::optional<std::chrono::milliseconds>& retryAfter);
  /// What a client that is there means for this job.
  ImportResult judgeExisting(const Job& job, const json::Value& live) const;
  tl::expected<std::optional<json::Value>, hydra::AdminError> lookUp(const ClientId& id);
  void abandon(const hydra::AdminError& error);

  hydra::AdminApi& api_;
  const ImportOptions options_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::priority_queue<Job, std::vector<Job>, Later> queue_;  ///< at most as many jobs as manifests
  std::size_t unfinished_ = 0;
  bool abandoned_ = false;
  std::optional<hydra::AdminError> fault_;
  std::vector<ImportResult> results_;
  ImportObserver observer_;
  std::stop_token stop_;
};

}  // namespace hydra_clients::reconcile
