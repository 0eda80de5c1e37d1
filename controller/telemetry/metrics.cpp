#include "telemetry/metrics.h"

#include <cassert>
#include <chrono>
#include <deque>
#include <locale>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "telemetry/process_metrics.h"

namespace hydra_clients::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

const MetricDeclaration& declarationOf(std::string_view name) {
  for (const MetricDeclaration& metric : declaredMetrics()) {
    if (metric.name == name) return metric;
  }
  throw std::logic_error("a metric that is not declared: " + std::string(name));
}

/// Every combination of the labels' values, in the order of the declaration.
std::vector<prometheus::Labels> combinationsOf(const std::vector<MetricLabel>& labels) {
  std::vector<prometheus::Labels> combinations{{}};
  for (const MetricLabel& label : labels) {
    std::vector<prometheus::Labels> longer;
    for (const auto& combination : combinations) {
      for (const std::string_view value : label.values) {
        longer.push_back(combination);
        longer.back().emplace(label.name, value);
      }
    }
    combinations = std::move(longer);
  }
  return combinations;
}

/// A metric with all its series, made at once from its declaration. Series are never removed, so what is
/// found stays.
template <typename Metric>
class Declared {
 public:
  Declared(prometheus::Registry& registry, std::string_view name) {
    const MetricDeclaration& declaration = declarationOf(name);
    auto& family = prometheus::detail::Builder<Metric>()
                       .Name(std::string(declaration.name))
                       .Help(std::string(declaration.help))
                       .Register(registry);
    for (const auto& labels : combinationsOf(declaration.labels)) {
      if constexpr (std::is_same_v<Metric, Histogram>) {
        series_.emplace(labels, &family.Add(labels, declaration.buckets));
      } else {
        series_.emplace(labels, &family.Add(labels));
      }
    }
  }

  /// The series of a metric without labels.
  Metric& operator*() const { return *series_.begin()->second; }
  Metric* operator->() const { return series_.begin()->second; }

  /// Null, after an assertion, for label values that are not declared.
  [[nodiscard]] Metric* find(const prometheus::Labels& labels) const {
    const auto found = series_.find(labels);
    assert(found != series_.end() && "a label value that the table of metrics does not have");
    return found == series_.end() ? nullptr : found->second;
  }

 private:
  std::map<prometheus::Labels, Metric*> series_;
};

std::string codeLabel(int code) {
  if (code < 100 || code > 599) return "error";
  std::string exact = std::to_string(code);
  for (const MetricLabel& label : declarationOf("hydra_clients_admin_requests_total").labels) {
    for (const std::string_view value : label.values) {
      if (value == exact) return exact;
    }
  }
  return exact.substr(0, 1) + "xx";
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// A family that is made when it is asked for: of one series, with labels that are not fixed.
prometheus::MetricFamily momentary(std::string_view name, double value,
                                   std::vector<prometheus::ClientMetric::Label> labels = {}) {
  const MetricDeclaration& declaration = declarationOf(name);
  prometheus::MetricFamily family;
  family.name = declaration.name;
  family.help = declaration.help;
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  if (declaration.type == "counter") {
    family.type = prometheus::MetricType::Counter;
    metric.counter.value = value;
  } else {
    family.type = prometheus::MetricType::Gauge;
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
  return family;
}

void appendProcess(std::vector<prometheus::MetricFamily>& families) {
  const ProcessFigures process = readProcessFigures();
  families.push_back(momentary("process_cpu_seconds_total", process.cpuSeconds));
  families.push_back(momentary("process_resident_memory_bytes", process.residentBytes));
  families.push_back(momentary("process_virtual_memory_bytes", process.virtualBytes));
  families.push_back(momentary("process_open_fds", process.openFiles));
  families.push_back(momentary("process_max_fds", process.maxFiles));
  families.push_back(momentary("process_start_time_seconds", process.startTime));
  families.push_back(momentary("process_threads", process.threads));
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  Declared<Counter> reconciles{registry, "hydra_clients_reconcile_total"};
  Declared<Histogram> reconcileSeconds{registry, "hydra_clients_reconcile_duration_seconds"};
  Declared<Gauge> lastReconcile{registry, "hydra_clients_last_reconcile_timestamp_seconds"};
  Declared<Gauge> lastSuccess{registry, "hydra_clients_last_success_timestamp_seconds"};
  Declared<Gauge> inSync{registry, "hydra_clients_in_sync"};
  Declared<Gauge> clients{registry, "hydra_clients_clients"};
  Declared<Counter> imports{registry, "hydra_clients_imports_total"};
  Declared<Counter> reimports{registry, "hydra_clients_reimports_total"};
  Declared<Counter> adminRequests{registry, "hydra_clients_admin_requests_total"};
  Declared<Histogram> adminSeconds{registry, "hydra_clients_admin_request_duration_seconds"};
  Declared<Gauge> sourceCommit{registry, "hydra_clients_source_commit_timestamp_seconds"};
  Declared<Gauge> oldestUnapplied{registry, "hydra_clients_oldest_unapplied_commit_timestamp_seconds"};
  Declared<Counter> readErrors{registry, "hydra_clients_source_read_errors_total"};
  Declared<Gauge> commitRefused{registry, "hydra_clients_source_commit_refused"};
  Declared<Counter> fetches{registry, "hydra_clients_source_fetches_total"};
  Declared<Gauge> lastFetch{registry, "hydra_clients_source_last_fetch_timestamp_seconds"};
  Declared<Gauge> outboxPending{registry, "hydra_clients_outbox_pending"};
  Declared<Gauge> pgpKeyExpiry{registry, "hydra_clients_pgp_key_expiry_timestamp_seconds"};
  std::string version;
  std::string commit;
  mutable std::mutex mutex;  ///< guards `revision`
  std::string revision;
};

Metrics::Metrics(std::string_view version, std::string_view commit) : impl_(std::make_unique<Impl>()) {
  impl_->version = version;
  impl_->commit = commit;
}

Metrics::~Metrics() = default;

void Metrics::cycleFinished(std::string_view result, double seconds) {
  if (auto* counter = impl_->reconciles.find({{"result", std::string(result)}})) counter->Increment();
  impl_->reconcileSeconds->Observe(seconds);
  impl_->lastReconcile->Set(now());
  if (result == "success") impl_->lastSuccess->Set(now());
}

void Metrics::setClients(std::string_view state, double count) {
  if (auto* gauge = impl_->clients.find({{"state", std::string(state)}})) gauge->Set(count);
}

void Metrics::importFinished(std::string_view result) {
  if (auto* counter = impl_->imports.find({{"result", std::string(result)}})) counter->Increment();
}

void Metrics::reimported() { impl_->reimports->Increment(); }

void Metrics::adminRequest(std::string_view method, int code, double seconds) {
  auto* counter = impl_->adminRequests.find({{"method", std::string(method)}, {"code", codeLabel(code)}});
  if (counter != nullptr) counter->Increment();
  impl_->adminSeconds->Observe(seconds);
}

void Metrics::setRevision(std::string_view revision) {
  const std::lock_guard lock(impl_->mutex);
  impl_->revision = revision;
}

void Metrics::setSourceCommitTime(double secondsSinceEpoch) { impl_->sourceCommit->Set(secondsSinceEpoch); }

void Metrics::setOldestUnappliedCommitTime(double secondsSinceEpoch) {
  impl_->oldestUnapplied->Set(secondsSinceEpoch);
}

void Metrics::sourceReadFailed() { impl_->readErrors->Increment(); }

void Metrics::setCommitRefused(bool refused) { impl_->commitRefused->Set(refused ? 1 : 0); }
void Metrics::fetched(bool success) {
  if (auto* counter = impl_->fetches.find({{"result", success ? "success" : "failed"}})) counter->Increment();
  if (success) impl_->lastFetch->Set(now());
}

void Metrics::setPgpKeyExpiry(double secondsSinceEpoch) { impl_->pgpKeyExpiry->Set(secondsSinceEpoch); }

void Metrics::setOutboxPending(double count) { impl_->outboxPending->Set(count); }

void Metrics::setInSync(bool inSync) { impl_->inSync->Set(inSync ? 1 : 0); }

std::string Metrics::exposition() const {
  auto families = impl_->registry.Collect();
  {
    const std::lock_guard lock(impl_->mutex);
    families.push_back(momentary("hydra_clients_source_revision_info", impl_->revision.empty() ? 0 : 1,
                                 {{"revision", impl_->revision}}));
  }
  families.push_back(
      momentary("hydra_clients_build_info", 1, {{"version", impl_->version}, {"commit", impl_->commit}}));
  appendProcess(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace hydra_clients::telemetry
