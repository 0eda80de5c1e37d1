// The one table of metrics: what is created, what is documented. A name that has been released changes only
// with a note; `clients` follows the outcomes of design §1, in their order.

#include "telemetry/metrics.h"

namespace hydra_clients::telemetry {
namespace {

const std::vector<double> kCycleBuckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,   1,   2.5,
                                        5,     10,   30,    60,   120, 300,  600.0, 1800};
const std::vector<double> kRequestBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                          0.5,   1,      2.5,   5,    10,    30,   60};

// Codes with a series of their own: what Hydra answers, and what a proxy in front of it does. Every other one
// counts under its class, and "error" is a request without an answer.
const std::vector<std::string_view> kCodes{"200", "201", "400", "401", "403", "404",  "408",
                                           "409", "413", "429", "500", "502", "503",  "504",
                                           "1xx", "2xx", "3xx", "4xx", "5xx", "error"};

}  // namespace

const std::vector<MetricDeclaration>& declaredMetrics() {
  static const std::vector<MetricDeclaration> kTable{
      {"hydra_clients_reconcile_total",
       "counter",
       "Cycles that ended, by result.",
       {{"result", {"success", "degraded", "failed"}}},
       {}},
      {"hydra_clients_reconcile_duration_seconds", "histogram", "How long a cycle took.", {}, kCycleBuckets},
      {"hydra_clients_last_reconcile_timestamp_seconds",
       "gauge",
       "When the last cycle ended, whatever its result; 0 before the first.",
       {},
       {}},
      {"hydra_clients_last_success_timestamp_seconds",
       "gauge",
       "When the last successful cycle ended; 0 before the first.",
       {},
       {}},
      {"hydra_clients_in_sync",
       "gauge",
       "1 where the last cycle found or made every declared client as its manifest says, 0 otherwise.",
       {},
       {}},
      {"hydra_clients_clients",
       "gauge",
       "Clients by the outcome of the last cycle that could read Hydra's; import: imported in that cycle; "
       "unmanaged: in Hydra without a manifest, NaN where that is not known (Hydra holds many more clients "
       "than are declared, or its list cannot be read).",
       {{"state",
         {"duplicate", "invalid", "in_sync", "conflict", "waiting", "refused", "retrying", "import",
          "unmanaged"}}},
       {}},
      {"hydra_clients_imports_total",
       "counter",
       "Imports that were tried, by what came of each; in_sync: another replica had imported the client.",
       {{"result", {"imported", "in_sync", "conflict", "refused", "retrying"}}},
       {}},
      {"hydra_clients_reimports_total",
       "counter",
       "Clients that were imported although they had been in Hydra before: Hydra lost them.",
       {},
       {}},
      {"hydra_clients_admin_requests_total",
       "counter",
       "Requests to Hydra's admin API, by method and status; error: without an answer.",
       {{"method", {"GET", "HEAD", "POST"}}, {"code", kCodes}},
       {}},
      {"hydra_clients_admin_request_duration_seconds",
       "histogram",
       "How long a request to Hydra's admin API took, whatever its end.",
       {},
       kRequestBuckets},
      {"hydra_clients_source_revision_info",
       "gauge",
       "1 for the revision of the manifests in force; 0 without one, as a plain folder is.",
       {{"revision", {}}},
       {}},
      {"hydra_clients_source_commit_timestamp_seconds",
       "gauge",
       "When the commit in force was made (its committer's time); 0 without one.",
       {},
       {}},
      {"hydra_clients_oldest_unapplied_commit_timestamp_seconds",
       "gauge",
       "When the oldest commit was made that was seen as the newest and is not in force yet: refused, not to "
       "be read, or Hydra is away; one that a webhook announced and that was not seen yet counts from its "
       "announcement. 0 where the newest commit is in force.",
       {},
       {}},
      {"hydra_clients_source_read_errors_total",
       "counter",
       "Readings of the source that gave no snapshot: torn, unreadable, absent.",
       {},
       {}},
      {"hydra_clients_source_commit_refused",
       "gauge",
       "1 while --require-signed-commits refuses the newest commit, or cannot check it; 0 otherwise.",
       {},
       {}},
      {"hydra_clients_source_fetches_total",
       "counter",
       "Fetches from --git-url that ended, by result.",
       {{"result", {"success", "failed"}}},
       {}},
      {"hydra_clients_source_last_fetch_timestamp_seconds",
       "gauge",
       "When the last fetch from --git-url that did not fail ended; 0 before the first, and where nothing is "
       "fetched.",
       {},
       {}},
      {"hydra_clients_outbox_pending",
       "gauge",
       "Generated secrets in the outbox whose client is not confirmed in Hydra; NaN where the outbox cannot "
       "be "
       "used.",
       {},
       {}},
      {"hydra_clients_pgp_key_expiry_timestamp_seconds",
       "gauge",
       "When nothing can be encrypted any more to the PGP recipient whose key ends first; 0 where none ends.",
       {},
       {}},
      {"hydra_clients_build_info",
       "gauge",
       "1, with the program's version and commit as labels.",
       {{"version", {}}, {"commit", {}}},
       {}},
      {"process_cpu_seconds_total", "counter", "User and system CPU time of this process.", {}, {}},
      {"process_resident_memory_bytes", "gauge", "Resident memory of this process.", {}, {}},
      {"process_virtual_memory_bytes", "gauge", "Virtual memory of this process.", {}, {}},
      {"process_open_fds", "gauge", "File descriptors that are open.", {}, {}},
      {"process_max_fds", "gauge", "File descriptors that may be open.", {}, {}},
      {"process_start_time_seconds", "gauge", "When this process started, in seconds since 1970.", {}, {}},
      {"process_threads", "gauge", "Threads of this process.", {}, {}},
  };
  return kTable;
}

}  // namespace hydra_clients::telemetry
