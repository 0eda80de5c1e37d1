#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/large_buffers.h"
#include "cli/listen_flags.h"
#include "cli/progress.h"
#include "cli/reconcile_flags.h"
#include "cli/signals.h"
#include "client/file_descriptor.h"
#include "hydra/restart_watch.h"
#include "manifest/sources/fetch/fetch_process.h"
#include "manifest/sources/path_watch.h"
#include "reconcile/announcer.h"
#include "reconcile/fetcher.h"
#include "reconcile/loop.h"
#include "reconcile/progress_log.h"
#include "reconcile/triggers.h"
#include "secrets/key_expiry.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/status_server.h"

namespace hydra_clients::cli {
namespace {

struct Flags {
  ReconcileFlags shared;
  bool once = false;
  std::chrono::milliseconds interval{60'000};
  std::chrono::milliseconds gitInterval{60'000};
  ListenFlags listening;
  std::string logFormat = "logfmt";
  std::string logLevel = "info";
};

constexpr const char* kAbout =
    "Run the control loop: import what is missing, report what differs, again and again\n\n"
    "A cycle reads the manifests and the live clients, imports the clients that Hydra does not have, and "
    "reports "
    "the rest: in sync, in conflict, invalid, waiting for a secret. It never updates or deletes a client. "
    "The next cycle begins when the manifests change, when Hydra went away or was restarted, at SIGHUP, at "
    "POST /-/reconcile, and --interval after the last one ended; one that failed is tried again at once and "
    "then every second. SIGTERM and Ctrl-C end it.\n\n"
    "The log goes to standard error. --listen serves a status page for people at /, /status (JSON: every "
    "client "
    "and why), /metrics (Prometheus), /healthz and /readyz.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients run --endpoint http://127.0.0.1:4445 --manifests manifests/\n"
    "  hydra-clients run --endpoint unix:///run/hydra/admin.sock --manifests /etc/clients --interval 30s\n"
    "  HYDRA_ADMIN_URL=http://127.0.0.1:4445 hydra-clients run --once --manifests manifests/ --output json\n"
    "  hydra-clients run --endpoint http://127.0.0.1:4445 --git-url https://git.example.org/clients.git "
    "--state-dir state/\n"
    "  curl -X POST http://127.0.0.1:9464/-/reconcile      # while it runs: look now\n"
    "  curl http://127.0.0.1:9464/status                   # who is in sync, who is not, and why\n"
    "  hydra-clients run … --listen unix:/run/hydra-clients/status.sock --metrics-listen :9464\n"
    "\n"
    "Exit codes: 0 a clean stop, 1 it could not start, 64 a mistake on the command line.\n"
    "With --once: 0 every client is in sync or was imported, 1 some are not, or the cycle failed.";

constexpr std::chrono::milliseconds kShortestInterval{10};
constexpr std::chrono::milliseconds kShortestGitInterval{1'000};

/// How long the loop may be busy with one thing before /healthz calls it stuck, beyond one request's time.
constexpr std::chrono::seconds kHeartBeatSlack{50};

telemetry::LogLevel levelOf(const std::string& name) {
  if (name == "debug") return telemetry::LogLevel::kDebug;
  if (name == "warning") return telemetry::LogLevel::kWarning;
  return name == "error" ? telemetry::LogLevel::kError : telemetry::LogLevel::kInfo;
}

int runOnce(const ReconcileFlags& flags) {
  SignalThread::block();
  flags.source.check();
  for (const std::string& warning : flags.source.warnings())
    std::cerr << "hydra-clients: warning: " << warning << "\n";
  const FileDescriptor state = flags.source.lockState();
  ProgressDisplay progress(StreamWriter(STDERR_FILENO, {}), progressOnStandardError(flags.quiet));
  Session session = openSession(flags.connection);
  const SignalThread signals({.lookNow = {}, .cutOff = [&] { session.transport->cancelAll(); }});
  Sides sides(flags, Mode::kImports, session, signals.stopToken(), {},
              [&](const reconcile::Progress& now) { progress.show(now); });
  if (sides.pgp) {
    for (const std::string& warning : expiryWarnings(*sides.pgp))
      std::cerr << "hydra-clients: warning: " << warning << "\n";
  }
  const reconcile::CycleReport report = sides.reconciler.runOnce(signals.stopToken());
  progress.clear();
  printReport(report, flags.output, "run");
  return report.result == reconcile::CycleResult::kSuccess ? kSuccess : kFailure;
}

telemetry::StatusCallbacks statusCallbacks(telemetry::Metrics& metrics, reconcile::HeartBeat& heart,
                                           reconcile::StatusBoard& board, reconcile::Loop& loop,
                                           const std::function<void(const std::string& reason)>& lookNow,
                                           std::chrono::seconds heartBeatLimit) {
  telemetry::StatusCallbacks callbacks;
  callbacks.metrics = [&metrics] { return metrics.exposition(); };
  callbacks.statusJson = [&board](telemetry::StatusClients clients) {
    return board.newest(clients == telemetry::StatusClients::kAll ? reconcile::Named::kAll
                                                                  : reconcile::Named::kProblems);
  };
  callbacks.healthy = [&heart, heartBeatLimit] { return heart.alive(heartBeatLimit); };
  callbacks.ready = [&loop] { return loop.ready(); };
  callbacks.reconcileNow = [&board, &loop, &lookNow](const std::string& revision) {
    if (!revision.empty()) board.announced(revision);
    const std::uint64_t cycle = loop.nextNumber();
    lookNow("POST /-/reconcile");
    return cycle;
  };
  return callbacks;
}

/// Those of --listen and, where it is given, --metrics-listen. Throws Failure.
std::vector<std::unique_ptr<telemetry::StatusServer>> startServers(
    const ListenFlags& flags, const telemetry::StatusCallbacks& callbacks) {
  for (const std::string& warning : flags.warnings()) telemetry::logWarning(warning);
  std::vector<std::unique_ptr<telemetry::StatusServer>> servers;
  for (const ListenFlags::Server& wanted : flags.servers()) {
    auto server = telemetry::StatusServer::start(wanted.options, callbacks);
    if (!server) throw Failure("--" + wanted.flag + ": " + server.error());
    servers.push_back(std::move(*server));
  }
  return servers;
}

/// A way to Hydra of the restart watch's own: one connection, on which nothing else may move.
std::unique_ptr<hydra::Transport> watchTransport(hydra::ConnectionOptions options,
                                                 telemetry::Metrics& metrics) {
  options.maxConnections = 1;
  auto transport = hydra::makeTransport(options);
  if (!transport) throw Failure(transport.error());
  return hydra::observed(std::move(*transport), [&](hydra::Method method, int code, double seconds) {
    metrics.adminRequest(nameOf(method), code, seconds);
  });
}

/// What fetches the manifests, where they are to be fetched.
std::unique_ptr<reconcile::Fetcher> startFetcher(const Flags& flags, reconcile::Triggers& triggers,
                                                 telemetry::Metrics& metrics) {
  if (!flags.shared.source.fetches()) return nullptr;
  return std::make_unique<reconcile::Fetcher>(
      [command = flags.shared.source.fetchCommand(/*holdsState=*/true)](const std::stop_token& stop) {
        return manifest::runFetch(command, stop);
      },
      reconcile::FetcherOptions{.interval = flags.gitInterval}, triggers, metrics);
}

/// What watches the manifests, or what decides on them, where that is files.
std::unique_ptr<manifest::PathWatch> startPathWatch(const Flags& flags, reconcile::Triggers& triggers) {
  if (!flags.shared.source.isWatched()) return nullptr;
  return std::make_unique<manifest::PathWatch>(
      [&] { return flags.shared.source.watchedPaths(); }, [&] { triggers.lookNow("manifests changed"); },
      [](const std::string& problem) {
        telemetry::logWarning("changes of manifests may be seen only at the next interval",
                              {{"problem", problem}});
      });
}

void logDue(secrets::KeyExpiryWatch& recipients) {
  for (const std::string& warning : recipients.dueWarnings(std::chrono::system_clock::now()))
    telemetry::logWarning(warning);
}

int runLoop(const Flags& flags) {
  flags.listening.check();
  flags.shared.source.check();
  shareOneHeap();
  SignalThread::block();
  telemetry::startLog(flags.logFormat == "json" ? telemetry::LogFormat::kJson : telemetry::LogFormat::kLogfmt,
                      levelOf(flags.logLevel));
  for (const std::string& warning : flags.shared.source.warnings()) telemetry::logWarning(warning);
  const FileDescriptor state = flags.shared.source.lockState();
  telemetry::Metrics metrics(kVersion, kCommit);
  reconcile::Triggers triggers;
  reconcile::HeartBeat heart;
  reconcile::StatusBoard board(metrics);
  reconcile::ProgressLog progress;
  Session session = openSession(flags.shared.connection, [&](hydra::Method method, int code, double seconds) {
    metrics.adminRequest(nameOf(method), code, seconds);
    heart.beat();
  });
  const auto fetcher = startFetcher(flags, triggers, metrics);
  const std::function<void(const std::string&)> lookNow = [&](const std::string& reason) {
    if (fetcher) fetcher->fetchNow();
    triggers.lookNow(reason);
  };
  const SignalThread signals(
      {.lookNow = [&] { lookNow("SIGHUP"); }, .cutOff = [&] { session.transport->cancelAll(); }});
  Sides sides(
      flags.shared, Mode::kImports, session, signals.stopToken(), [&] { heart.beat(); },
      [&](const reconcile::Progress& now) {
        if (!flags.shared.quiet) progress.note(now);
      },
      [&] { return fetcher->status(); });
  secrets::KeyExpiryWatch recipients(sides.pgp ? sides.pgp->recipients() : std::vector<secrets::Recipient>());
  if (sides.pgp) metrics.setPgpKeyExpiry(secrets::earliestEnd(sides.pgp->recipients()));
  logDue(recipients);
  reconcile::Announcer announcer(
      metrics, [&](const auto& manifest) { return sides.reconciler.secretCommand(manifest); });
  const auto pathWatch = startPathWatch(flags, triggers);
  hydra::RestartWatch restartWatch(watchTransport(session.options, metrics),
                                   [&] { triggers.hydraRestarted(); });
  reconcile::LoopOptions options;
  options.interval = flags.interval;
  options.onReached = [&](auto began) {
    keepLargeBuffers();
    logDue(recipients);
    restartWatch.reached(session.api->dialect(), began);
  };
  reconcile::Loop loop(sides.reconciler, announcer, triggers, heart, board, options);
  const auto limit =
      std::chrono::duration_cast<std::chrono::seconds>(session.options.timeout) + kHeartBeatSlack;
  const auto servers =
      startServers(flags.listening, statusCallbacks(metrics, heart, board, loop, lookNow, limit));
  telemetry::logInfo("started", {{"version", std::string(kVersion)},
                                 {"endpoint", session.endpoint()},
                                 {"source", sides.source->description()},
                                 {"interval", durationText(flags.interval)},
                                 {"listen", servers.front()->address()},
                                 {"metrics_listen", servers.size() > 1 ? servers.back()->address() : ""}});
  if (fetcher) telemetry::logInfo("fetching the manifests", {{"source", sides.source->description()}});
  if (fetcher) fetcher->waitForFirst(signals.stopToken(), [&] { heart.beat(); });
  loop.run(signals.stopToken());
  telemetry::logInfo("stopped");
  return kSuccess;
}

}  // namespace

void addRunCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("run", kAbout);
  command->footer(kExamples);
  flags->shared.addTo(*command);
  addOutputFlag(*command, flags->shared.output);
  flags->shared.writes.addTo(*command);
  addFlag(*command, "once", flags->once, "run one cycle, print its result, and end");
  addDurationFlag(*command, "interval", flags->interval, "from one cycle's end to the next one's begin",
                  kShortestInterval);
  addDurationFlag(*command, "git-interval", flags->gitInterval,
                  "from one fetch's end to the next one's begin, with --git-url", kShortestGitInterval)
      ->group("Fetching");
  flags->listening.addTo(*command);
  addChoiceFlag(*command, "log-format", flags->logFormat,
                "how a line of the log on standard error is written", {"logfmt", "json"});
  addChoiceFlag(*command, "log-level", flags->logLevel, "what is logged: this and what is graver",
                {"debug", "info", "warning", "error"});
  command->callback(
      [flags, &outcome] { outcome.exitCode = flags->once ? runOnce(flags->shared) : runLoop(*flags); });
}

}  // namespace hydra_clients::cli
