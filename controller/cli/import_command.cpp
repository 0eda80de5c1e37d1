#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tl/expected.hpp>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/import_output.h"
#include "cli/manifest_flags.h"
#include "cli/pgp_flags.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "cli/write_flags.h"
#include "client/hydra_version.h"
#include "client/secret.h"
#include "client/side_by_side.h"
#include "hydra/curl.h"
#include "hydra/retry.h"
#include "manifest/sources/folder_source.h"
#include "reconcile/importer.h"

namespace hydra_clients::cli {
namespace {

using manifest::ManifestSet;

struct Flags {
  ConnectionFlags connection;
  ManifestFlags manifests;
  PgpFlags pgp{PgpFlags::Precedence::kFirst};
  secrets::ReferenceOptions references;
  std::vector<std::string> files;
  std::string output = "text";
  std::chrono::milliseconds failAfter{60'000};
  WriteFlags writes;
  bool failFast = false;
  bool quiet = false;
};

constexpr const char* kAbout =
    "Import OAuth 2.0 clients from JSON files\n\n"
    "Each file holds one client or an array of clients, in Hydra's own field names. A client that exists "
    "already is\n"
    "not updated: the command fails. A client that needs a secret and states none gets one, which is printed "
    "here and\n"
    "can never be had again; with a PGP key it is printed encrypted.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients import --endpoint http://127.0.0.1:4445 app.json worker.json\n"
    "  hydra-clients import --endpoint unix:///run/hydra/admin.sock clients/*.json\n"
    "  jq '.[0:10]' all.json | hydra-clients import --endpoint $HYDRA_ADMIN_URL -\n"
    "  hydra-clients import --pgp-key \"$(gpg --armor --export you@example.org | base64 -w0)\" app.json |\n"
    "    sed -n 's/.*Secret: //p' | base64 -d | gpg -d      # the generated secret\n"
    "\n"
    "Exit codes: 0 all imported, 1 any failure, 64 a mistake on the command line.";

/// How many clients are begun beyond the first whose line is not written: what a killed import can lose.
constexpr std::size_t kMostAhead = 256;

/// Why nothing was sent.
struct Refusal {
  std::string why;
  std::vector<manifest::Fault> faults;
};

/// The files of the command line, and what standard input held: it can be read only once, and judged again.
class Inputs {
 public:
  Inputs(const Flags& flags, ProgressDisplay& progress, std::stop_token stop)
      : flags_(flags), progress_(progress), stop_(std::move(stop)) {}
  ~Inputs() {
    if (standardInput_ && *standardInput_) wipe(**standardInput_);
  }
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  /// Everything is read and checked before anything is sent, by the rules of that Hydra. Files side by side,
  /// told of in the order of the command line.
  tl::expected<ManifestSet, Refusal> read(const HydraVersion& hydra);

 private:
  using Part = tl::expected<ManifestSet, std::string>;
  /// Several threads may read at once.
  [[nodiscard]] Part readFile(const std::string& path, const manifest::ReadingOptions& options) const;

  const Flags& flags_;
  ProgressDisplay& progress_;
  std::stop_token stop_;
  std::optional<tl::expected<std::string, std::string>> standardInput_;
};

Inputs::Part Inputs::readFile(const std::string& path, const manifest::ReadingOptions& options) const {
  if (path == "-") {
    if (!*standardInput_) return tl::unexpected(standardInput_->error());
    return manifest::readText(path, **standardInput_, options);
  }
  const auto text = manifest::readWholeFile(path, options.fileBytes);
  if (text) return manifest::readText(path, *text, options);
  std::string why = text.error().message;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    why +=
        ": name its files, or import what is missing of them all with hydra-clients run --once --manifests " +
        hydra::shellPath(path);
  }
  return tl::unexpected(std::move(why));
}

tl::expected<ManifestSet, Refusal> Inputs::read(const HydraVersion& hydra) {
  auto options = flags_.manifests.options();
  if (!options) throw UsageError(options.error());
  options->forImport = true;
  options->hydra = hydra;
  options->secretsEnvPrefix = flags_.references.envPrefix;
  const std::vector<std::string>& files = flags_.files;
  if (!standardInput_ && std::ranges::find(files, "-") != files.end()) {
    standardInput_ = readStandardInput(options->fileBytes, stop_);
  }
  std::vector<Part> parts(files.size());
  std::atomic<std::size_t> read = 0;
  const auto goOn = [&] {
    progress_.show({reconcile::Progress::Stage::kReadingManifests, read, files.size()});
    return !stop_.stop_requested();
  };
  sideBySide(files.size(), threadsFor(files.size()), goOn, [&](std::size_t i) {
    parts[i] = readFile(files[i], *options);
    ++read;
    return true;
  });
  if (stop_.stop_requested()) return tl::unexpected(Refusal{"stopped", {}});
  std::vector<ManifestSet> sets;
  std::vector<std::string> errors;
  for (Part& part : parts) {
    if (part) {
      sets.push_back(std::move(*part));
    } else {
      errors.push_back(std::move(part.error()));
    }
  }
  ManifestSet set = manifest::joinSets(std::move(sets), options->severities);
  if (errors.empty() && set.faultless()) return set;
  return tl::unexpected(
      Refusal{errors.empty() ? "every file must be right first" : fmt::format("{}", fmt::join(errors, "; ")),
              set.allFaults()});
}

/// Hydra may be starting up: asked again until --fail-after.
tl::expected<void, Refusal> findHydra(hydra::AdminApi& api, std::chrono::milliseconds failAfter,
                                      const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + failAfter;
  hydra::Backoff backoff;
  while (true) {
    const auto dialect = api.detect();
    if (dialect) return {};
    const auto wait = backoff.next(dialect.error().retryAfter);
    const bool late = std::chrono::steady_clock::now() + wait >= deadline;
    if (!dialect.error().transient() || late || !hydra::sleepUnlessStopped(wait, stop)) {
      return tl::unexpected(Refusal{dialect.error().message, {}});
    }
  }
}

reconcile::ImportOptions importOptions(const Flags& flags, secrets::Pgp* pgp) {
  reconcile::ImportOptions options;
  options.parallelism = flags.connection.parallelism;
  options.pace = flags.writes.pace();
  options.failAfter = flags.failAfter;
  options.patience = flags.failAfter;
  options.failFast = flags.failFast;
  options.existingFails = true;
  options.mostAhead = kMostAhead;
  options.secrets.references = openReferences(flags.references);
  options.secrets.generated = reconcile::SecretPolicy::Generated::kTold;
  if (pgp != nullptr) options.secrets.seal = [pgp](const Secret& secret) { return pgp->encrypt(secret); };
  return options;
}

bool importAll(const Flags& flags, const ManifestSet& set, secrets::Pgp* pgp, hydra::AdminApi& api,
               ProgressDisplay& progress, const std::stop_token& stop) {
  std::vector<std::string> paths;
  paths.reserve(set.manifests.size());
  for (const auto& manifest : set.manifests) paths.push_back(manifest->from.path);
  const auto makeWay = [&] { progress.clear(); };
  StreamWriter out(STDOUT_FILENO, stop, isatty(STDOUT_FILENO) != 0 ? makeWay : std::function<void()>());
  StreamWriter err(STDERR_FILENO, stop, makeWay);
  for (const manifest::Fault& warning : set.allFaults()) err.write(manifest::format(warning) + "\n");
  ImportOutput output(std::move(paths), flags.output == "json", out, err);
  reconcile::Importer importer(api, importOptions(flags, pgp));
  importer.importAll(
      set.manifests, stop,
      [&](std::size_t index, const reconcile::ImportResult& result) { return output.tell(index, result); },
      [&](const reconcile::Progress& now) { progress.show(now); });
  progress.clear();
  std::optional<std::string> fault;
  if (importer.fault()) fault = importer.fault()->message;
  output.finish(fault);
  return output.good();
}

void refuse(const Flags& flags, const Refusal& refusal, const std::stop_token& stop) {
  StreamWriter out(STDOUT_FILENO, stop);
  StreamWriter err(STDERR_FILENO, stop);
  ImportOutput({}, flags.output == "json", out, err).refuse(refusal.why, refusal.faults);
}

/// Whether all were imported.
tl::expected<bool, Refusal> checkAndImport(const Flags& flags, Session& session, ProgressDisplay& progress,
                                           const std::stop_token& stop) {
  // One question first, since Hydra's version judges the files; one that is not there yet is waited for
  // later.
  const auto known = session.api->detect();
  Inputs inputs(flags, progress, stop);
  const HydraVersion judgedFor = known ? known->version : kNewestKnownHydra;
  auto set = inputs.read(judgedFor);
  if (!set) return tl::unexpected(std::move(set.error()));
  std::unique_ptr<secrets::Pgp> pgp;
  if (flags.pgp.given()) {
    auto started = flags.pgp.start(session.options.caFile, stop);
    if (!started) return tl::unexpected(Refusal{std::move(started.error()), {}});
    pgp = std::move(*started);
    StreamWriter err(STDERR_FILENO, stop, [&] { progress.clear(); });
    for (const std::string& warning : expiryWarnings(*pgp))
      err.write("hydra-clients: warning: " + warning + "\n");
  }
  if (!known) {
    auto found = findHydra(*session.api, flags.failAfter, stop);
    if (!found) return tl::unexpected(std::move(found.error()));
  }
  if (session.api->dialect().version != judgedFor) set = inputs.read(session.api->dialect().version);
  if (!set) return tl::unexpected(std::move(set.error()));
  return importAll(flags, *set, pgp.get(), *session.api, progress, stop);
}

/// The document of --output json is written client by client: on its terminal there is no line for a bar.
ProgressOptions progressFor(const Flags& flags) {
  const bool onTerminal = flags.output == "json" && isatty(STDOUT_FILENO) != 0;
  return progressOnStandardError(flags.quiet || onTerminal);
}

int import(const Flags& flags) {
  flags.pgp.check();
  SignalThread::block();
  Session session = openSession(flags.connection);
  const SignalThread signals({.lookNow = {}, .cutOff = [&] { session.transport->cancelAll(); }});
  const std::stop_token stop = signals.stopToken();
  ProgressDisplay progress(StreamWriter(STDERR_FILENO, stop), progressFor(flags));
  const auto done = checkAndImport(flags, session, progress, stop);
  progress.clear();
  if (!done) refuse(flags, done.error(), stop);
  return done.value_or(false) ? kSuccess : kFailure;
}

}  // namespace

void addImportCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("import", kAbout);
  command->footer(kExamples);
  command->add_option("FILE", flags->files, "JSON files; - for standard input")
      ->required()
      ->check(notEmpty());
  addDurationFlag(*command, "fail-after", flags->failAfter, "stop retrying a client after that",
                  std::chrono::milliseconds(0));
  addFlag(*command, "fail-fast", flags->failFast, "stop at the first failure");
  addOutputFlag(*command, flags->output);
  addQuietFlag(*command, flags->quiet);
  flags->pgp.addTo(*command);
  addSecretFlags(*command, flags->references);
  flags->connection.addTo(*command);
  flags->writes.addTo(*command);
  flags->manifests.addTo(*command);
  command->callback([flags, &outcome] { outcome.exitCode = import(*flags); });
}

}  // namespace hydra_clients::cli
