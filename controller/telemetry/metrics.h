#pragma once

// Every metric, declared once: name, help, labels and all their values, so that each series is there from the
// start at 0 and the docs page can be made from the same table. Names are an interface: they change only with a note.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hydra_clients::telemetry {

/// A metric as the docs show it.
struct MetricDeclaration {
  std::string_view name;
  std::string_view type;  ///< "counter", "gauge", "histogram"
  std::string_view labels;
  std::string_view help;
};
[[nodiscard]] const std::vector<MetricDeclaration>& declaredMetrics();

/// Told by the loop what happened; asked by nobody but the exposition. Thread-safe.
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
  /// `code` 0: the request ended without an answer.
  void adminRequest(std::string_view method, int code, double seconds);
  void setRevision(std::string_view revision);
  void sourceReadFailed();
  void setPgpKeyExpiry(double secondsSinceEpoch);
  void setInSync(bool inSync);

  /// Prometheus text format 0.0.4, `process_*` included.
  [[nodiscard]] std::string exposition() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hydra_clients::telemetry
