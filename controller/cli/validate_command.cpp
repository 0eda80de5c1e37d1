#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/manifest_flags.h"
#include "cli/standard_streams.h"
#include "client/json.h"
#include "manifest/set_reader.h"
#include "manifest/sources/folder_source.h"

namespace hydra_clients::cli {
namespace {

using json::Value;
using manifest::Fault;
using manifest::Severity;

struct Flags {
  ManifestFlags manifests;
  std::vector<std::string> paths;
  std::string output = "text";
  std::string hydra;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients validate clients/                  # every *.json below the folder\n"
    "  hydra-clients validate clients/app.json other/   # files and folders in one call\n"
    "  hydra-clients validate --hydra v1.11 clients/    # for a Hydra that is not the newest\n"
    "  cat app.json | hydra-clients validate -\n"
    "\n"
    "Exit codes: 0 all valid, 1 a fault was found or a path cannot be read.";

/// The faults of all paths, and what could not be read at all.
struct Verdict {
  std::vector<Fault> faults;
  std::vector<std::string> unreadable;
  std::size_t files = 0;
  std::size_t clients = 0;

  [[nodiscard]] std::size_t count(Severity severity) const {
    return static_cast<std::size_t>(std::count_if(
        faults.begin(), faults.end(), [&](const Fault& fault) { return fault.severity == severity; }));
  }
  [[nodiscard]] bool good() const { return unreadable.empty() && count(Severity::kError) == 0; }
};

tl::expected<manifest::ManifestSet, std::string> readPath(const std::string& path,
                                                          const manifest::ReadingOptions& options) {
  if (path == "-") {
    const auto text = readStandardInput(options.fileBytes);
    if (!text) return tl::unexpected(text.error());
    return manifest::readText("-", *text, options);
  }
  manifest::FolderSource source(path, /*allowEmpty=*/true);
  manifest::SetReader reader(options);
  auto set = reader.read(source);
  if (!set) return tl::unexpected(set.error().message);
  return manifest::ManifestSet(**set);
}

Verdict judge(const std::vector<std::string>& paths, const manifest::ReadingOptions& options) {
  Verdict verdict;
  std::vector<manifest::ManifestSet> parts;
  for (const std::string& path : paths) {
    auto set = readPath(path, options);
    if (set) {
      parts.push_back(std::move(*set));
    } else {
      verdict.unreadable.push_back(std::move(set.error()));
    }
  }
  const manifest::ManifestSet all = manifest::joinSets(std::move(parts));
  verdict.faults = all.allFaults();
  verdict.files = all.files;
  verdict.clients = all.manifests.size() + all.invalid.size();
  for (const manifest::DuplicateId& duplicate : all.duplicates) verdict.clients += duplicate.places.size();
  return verdict;
}

std::string plural(std::size_t number, std::string_view noun) {
  return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

void printText(const Verdict& verdict) {
  for (const std::string& message : verdict.unreadable) std::cerr << "hydra-clients: " << message << "\n";
  for (const Fault& fault : verdict.faults) std::cout << manifest::format(fault) << "\n";
  std::cout << "checked " << plural(verdict.clients, "client") << " in " << plural(verdict.files, "file")
            << ": " << plural(verdict.count(Severity::kError), "error") << ", "
            << plural(verdict.count(Severity::kWarning), "warning") << "\n";
}

Value jsonOf(const Fault& fault) {
  Value object = Value::object();
  object.add("rule", Value::string(fault.rule));
  object.add("severity", Value::string(fault.severity == Severity::kError ? "error" : "warning"));
  object.add("path", Value::string(fault.where.path));
  object.add("line", Value::number(static_cast<std::int64_t>(fault.where.line)));
  object.add("column", Value::number(static_cast<std::int64_t>(fault.where.column)));
  object.add("pointer", Value::string(fault.where.pointer));
  object.add("message", Value::string(fault.message));
  object.add("hint", fault.hint.empty() ? Value{} : Value::string(fault.hint));
  return object;
}

void printJson(const Verdict& verdict) {
  Value faults = Value::array();
  for (const Fault& fault : verdict.faults) faults.append(jsonOf(fault));
  Value unreadable = Value::array();
  for (const std::string& message : verdict.unreadable) unreadable.append(Value::string(message));
  Value document = Value::object();
  document.add("version", Value::number(1));
  document.add("command", Value::string("validate"));
  document.add("result", Value::string(verdict.good() ? "valid" : "invalid"));
  document.add("files", Value::number(static_cast<std::int64_t>(verdict.files)));
  document.add("clients", Value::number(static_cast<std::int64_t>(verdict.clients)));
  document.add("errors", Value::number(static_cast<std::int64_t>(verdict.count(Severity::kError))));
  document.add("warnings", Value::number(static_cast<std::int64_t>(verdict.count(Severity::kWarning))));
  document.add("faults", std::move(faults));
  document.add("unreadable", std::move(unreadable));
  std::cout << json::writePretty(document) << "\n";
}

int validate(const Flags& flags) {
  auto options = flags.manifests.options();
  if (!options) throw UsageError(options.error());
  if (!flags.hydra.empty()) {
    const auto version = HydraVersion::parse(flags.hydra);
    if (!version)
      throw UsageError("--hydra wants a version such as v1.11, v2.3.0 or 26: \"" + flags.hydra + "\"");
    options->hydra = *version;
  }
  const Verdict verdict = judge(flags.paths, *options);
  flags.output == "json" ? printJson(verdict) : printText(verdict);
  return verdict.good() ? kSuccess : kFailure;
}

}  // namespace

void addValidateCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      program.add_subcommand("validate", "Check manifests, offline: for CI and pre-commit hooks");
  command->footer(kExamples);
  command->add_option("PATH", flags->paths, "files and folders; - for standard input")->required();
  addOutputFlag(*command, flags->output);
  addFlag(*command, "hydra", flags->hydra, "the version of Hydra to check for; the newest known without it")
      ->type_name("VERSION");
  flags->manifests.addTo(*command);
  command->callback([flags, &outcome] { outcome.exitCode = validate(*flags); });
}

}  // namespace hydra_clients::cli
