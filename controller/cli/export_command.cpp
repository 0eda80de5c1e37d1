#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/export_folder.h"
#include "cli/flags.h"
#include "cli/manifest_flags.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "client/exported_manifest.h"
#include "client/json.h"
#include "client/one_line.h"
#include "hydra/client_list.h"
#include "manifest/set_reader.h"

namespace hydra_clients::cli {
namespace {

using json::Value;

struct Flags {
  ConnectionFlags connection;
  std::string to;
  std::vector<std::string> ids;
  std::string output = "text";
  bool force = false;
  bool quiet = false;
};

constexpr const char* kAbout =
    "Write the live clients as manifests, one file each: for adopting an existing Hydra\n\n"
    "Left out is what goes without saying: empty fields, Hydra's defaults, what only Hydra sets. Hydra tells "
    "no "
    "secret, so a confidential client names an environment variable with client_secret_from, to be filled "
    "in. A file "
    "that is there already and differs is left as it is. `plan` of the folder against the same Hydra then "
    "finds "
    "everything in sync.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients export --endpoint http://127.0.0.1:4445 --to clients/\n"
    "  hydra-clients export --endpoint http://127.0.0.1:4445 --to clients/ --client-id shop-web --client-id "
    "shop-api\n"
    "  hydra-clients export --endpoint http://127.0.0.1:4445 --to clients/ && git -C clients add .\n"
    "\n"
    "Exit codes: 0 all exported, 1 some were not, or Hydra could not be read, 64 a mistake on the command "
    "line.";

/// One export: clients come one at a time and are written at once.
class Export {
 public:
  Export(ExportFolder folder, HydraVersion hydra, const Flags& flags, ProgressDisplay& progress)
      : folder_(std::move(folder)),
        force_(flags.force),
        listed_(flags.output == "json"),
        progress_(progress) {
    options_.hydra = hydra;
  }

  void take(const hydra::LiveClient& live);
  void missing(const ClientId& id) { fail(id, "there is no such client"); }
  void fail(const ClientId& id, const std::string& why);
  /// Shows how many of so many were looked at.
  void tellProgress(std::optional<std::uint64_t> total);
  void finish();

  [[nodiscard]] bool good() const { return failed_ == 0; }
  [[nodiscard]] std::string summary() const {
    return std::to_string(written_) + " written, " + std::to_string(unchanged_) + " unchanged, " +
           std::to_string(failed_) + " not exported";
  }
  [[nodiscard]] Value document(const std::optional<std::string>& fault) &&;

 private:
  void note(const ClientId& id, std::string_view outcome, const std::string& file, const std::string& why);
  void complain(const std::string& message);

  ExportFolder folder_;
  bool force_;
  bool listed_;  ///< each client is to stand in the document
  ProgressDisplay& progress_;
  manifest::ReadingOptions options_;
  std::size_t written_ = 0;
  std::size_t unchanged_ = 0;
  std::size_t failed_ = 0;
  Value clients_ = Value::array();
};

/// Why `validate` would refuse the manifest; "" where it would not.
std::string whyInvalid(const std::string& file, const std::string& text,
                       const manifest::ReadingOptions& options) {
  const manifest::ManifestSet set = manifest::readText(file, text, options);
  if (set.faultless()) return "";
  std::string why = "Hydra holds what no manifest may hold";
  for (const manifest::Fault& fault : set.allFaults()) {
    if (fault.severity == manifest::Severity::kError) why += "; " + manifest::formatMessage(fault);
  }
  return why;
}

void Export::take(const hydra::LiveClient& live) {
  const ClientId id(live.id());
  const auto value = live.value();
  if (!value) return fail(id, value.error());
  const std::string file = fileNameOf(id) + ".json";
  const std::string text = json::writePretty(exportedManifest(*value)) + "\n";
  if (const std::string why = whyInvalid(file, text, options_); !why.empty()) return fail(id, why);
  const auto outcome = folder_.write(file, text, force_);
  if (!outcome) return fail(id, outcome.error());
  if (*outcome == ExportFolder::Outcome::kLeftAlone) {
    return fail(id, file + " is there already and differs; --force overwrites it");
  }
  const bool isNew = *outcome == ExportFolder::Outcome::kWritten;
  ++(isNew ? written_ : unchanged_);
  note(id, isNew ? "written" : "unchanged", file, "");
}

void Export::fail(const ClientId& id, const std::string& why) {
  ++failed_;
  complain("client " + onOneLine(id + ": " + why));
  note(id, "failed", "", why);
}

void Export::note(const ClientId& id, std::string_view outcome, const std::string& file,
                  const std::string& why) {
  if (!listed_) return;
  Value client =
      Value::object().add("client_id", Value::string(id)).add("outcome", Value::string(std::string(outcome)));
  if (!file.empty()) client.add("file", Value::string(file));
  if (!why.empty()) client.add("error", Value::string(why));
  clients_.append(std::move(client));
}

void Export::finish() {
  if (const auto synced = folder_.sync(); !synced) {
    ++failed_;
    complain(synced.error());
  }
}

void Export::complain(const std::string& message) {
  progress_.clear();
  std::cerr << "hydra-clients: " << message << "\n";
}

void Export::tellProgress(std::optional<std::uint64_t> total) {
  progress_.show(
      {reconcile::Progress::Stage::kReadingClients, written_ + unchanged_ + failed_, total, failed_});
}

Value Export::document(const std::optional<std::string>& fault) && {
  return Value::object()
      .add("version", Value::number(1))
      .add("command", Value::string("export"))
      .add("result", Value::string(good() && !fault ? "success" : "failed"))
      .add("error", fault ? Value::string(*fault) : Value{})
      .add("clients", std::move(clients_));
}

constexpr const char* kStopped =
    "stopped before all clients were read: those that are not in the folder yet were not exported; the same "
    "command goes on from there";

/// Hands the clients over; why that ended too soon, or nothing.
std::optional<std::string> readClients(hydra::AdminApi& api, const std::vector<std::string>& ids,
                                       Export& exported, const std::stop_token& stop) {
  if (ids.empty()) {
    hydra::ClientList list = api.list();
    const auto take = [&](const hydra::LiveClient& live) {
      exported.take(live);
      exported.tellProgress(list.total());
    };
    const auto all = list.visit(take, stop);
    if (all) return std::nullopt;
    if (all.error().kind == hydra::AdminError::Kind::kStopped) return kStopped;
    return all.error().message + "; --client-id ID exports a client without reading the list";
  }
  for (const ClientId& id : ids) {
    if (stop.stop_requested()) return kStopped;
    const auto live = api.lookUp(id);
    if (!live && live.error().kind == hydra::AdminError::Kind::kStopped) return kStopped;
    if (!live && live.error().concernsEverybody()) return live.error().message;
    if (!live) {
      exported.fail(id, live.error().message);
    } else {
      *live ? exported.take(**live) : exported.missing(id);
    }
    exported.tellProgress(ids.size());
  }
  return std::nullopt;
}

int exportClients(const Flags& flags) {
  SignalThread::block();
  Session session = openSession(flags.connection);
  const SignalThread signals({.lookNow = {}, .cutOff = [&] { session.transport->cancelAll(); }});
  const auto dialect = session.api->detect();
  if (!dialect) throw Failure(dialect.error().message);
  auto folder = ExportFolder::open(flags.to);
  if (!folder) throw Failure(folder.error());
  ProgressDisplay progress(StreamWriter(STDERR_FILENO, {}), progressOnStandardError(flags.quiet));
  Export exported(std::move(*folder), dialect->version, flags, progress);
  const auto fault = readClients(*session.api, flags.ids, exported, signals.stopToken());
  exported.finish();
  progress.clear();
  if (fault) std::cerr << "hydra-clients: " << *fault << "\n";
  const bool good = exported.good() && !fault;
  if (flags.output == "json") {
    std::cout << json::writePretty(std::move(exported).document(fault)) << "\n";
  } else {
    std::cout << exported.summary() << "\n";
  }
  return good ? kSuccess : kFailure;
}

}  // namespace

void addExportCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("export", kAbout);
  command->footer(kExamples);
  addFlag(*command, "to", flags->to, "the folder that gets the manifests; it is made where it is not there")
      ->type_name("FOLDER")
      ->required();
  addFlag(*command, "client-id", flags->ids, "export this client alone; may be given several times")
      ->type_name("ID")
      ->allow_extra_args(false);
  addFlag(*command, "force", flags->force, "overwrite files that differ");
  addOutputFlag(*command, flags->output);
  addQuietFlag(*command, flags->quiet);
  flags->connection.addTo(*command);
  command->callback([flags, &outcome] { outcome.exitCode = exportClients(*flags); });
}

}  // namespace hydra_clients::cli
