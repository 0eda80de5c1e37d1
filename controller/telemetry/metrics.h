#pragma once

// Every metric, declared once: name, help, labels and all their values, so that each series is there from the
// start at 0 and the docs page can be made from the same table. Names are an interface: they change only with
// a note.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hydra_clients::telemetry {

/// A label and all the values it can have; without values where they are not fixed (a version, a revision).
struct MetricLabel {
  std::string_view name;
  std::vector<std::string_view> values;
};

/// A metric as it is created and as the docs show it.
struct MetricDeclaration {
  std::string_view name;
  std::string_view type;  ///< "counter", "gauge", "histogram"
  std::string_view help;
  std::vector<MetricLabel> labels;
  std::vector<double> buckets;  ///< upper bounds in seconds, of a histogram
};
/// Every metric, in the order of the docs page.
[[nodiscard]] const std::vector<MetricDeclaration>& declaredMetrics();

/// Told by the loop what happened; asked by nobody but the exposition. Thread-safe: each series is an atomic,
/// and one lock guards the revision. A label value that is not declared is a fault of the caller: an
/// assertion where those are on, and not counted elsewhere.
class Metrics {
 public:
  Metrics(std::string_view version, std::string_view commit);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `result`: "success", "degraded" or "failed".
  void cycleFinished(std::string_view result, double seconds);
  /// One of the outcomes of design §1; NaN where unknown (`unmanaged`).
  void setClients(std::string_view state, double count);
  /// `result`: "imported", "in_sync" (another imported it), "conflict", "refused", "retrying".
  void importFinished(std::string_view result);
  void reimported();
  /// `method`: "GET", "HEAD" or "POST". `code`: the HTTP status, 0 where the request ended without an answer.
  /// Codes that have no series of their own count under their class ("4xx").
  void adminRequest(std::string_view method, int code, double seconds);
  void setRevision(std::string_view revision);
  /// Of the commit in force; 0 without one.
  void setSourceCommitTime(double secondsSinceEpoch);
  /// Of the commit that waits longest to be in force; 0 where none does.
  void setOldestUnappliedCommitTime(double secondsSinceEpoch);
  void sourceReadFailed();
  /// The newest commit is not taken, for want of a signature that holds.
  void setCommitRefused(bool refused);
  /// A fetch from the remote ended.
  void fetched(bool success);
  /// Of the recipient's key that ends first; 0 where none ends.
  void setPgpKeyExpiry(double secondsSinceEpoch);
  /// Entries of the outbox that are not confirmed.
  void setOutboxPending(double count);
  void setInSync(bool inSync);

  /// Prometheus text format 0.0.4, `process_*` (read from /proc now; NaN where that is not mounted) included.
  [[nodiscard]] std::string exposition() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hydra_clients::telemetry
