#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/manifest_flags.h"
#include "cli/standard_streams.h"
#include "cli/verdict.h"
#include "client/one_line.h"
#include "client/secret.h"
#include "manifest/rules/rule.h"
#include "manifest/set_reader.h"
#include "manifest/sources/folder_source.h"

namespace hydra_clients::cli {
namespace {

struct Flags {
  ManifestFlags manifests;
  std::vector<std::string> paths;
  std::string output = "text";
  std::string hydra;
  std::string secretsEnvPrefix{kSecretsEnvPrefix};
  bool listRules = false;
};

constexpr const char* kAbout =
    "Check manifests, offline: for CI and pre-commit hooks\n\n"
    "Checks each client against the JSON Schema and against Hydra's own rules, without talking to a Hydra, "
    "and "
    "prints every fault as path:line:column: what is wrong, and what to do. The same client_id in two places "
    "is a "
    "fault too. A folder means every *.json below it; warnings alone do not fail.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients validate manifests/                  # every *.json below the folder\n"
    "  hydra-clients validate --hydra v1.11 manifests/    # for a Hydra that is not the newest\n"
    "  hydra-clients validate --output json manifests/ | jq .errors\n"
    "  git diff --name-only --diff-filter=d main -- '*.json' | xargs -r hydra-clients validate\n"
    "  cat app.json | hydra-clients validate -\n"
    "  hydra-clients validate --strict --rule scope-default=off clients/\n"
    "  hydra-clients validate --output sarif clients/ > clients.sarif\n"
    "\n"
    "Exit codes: 0 all valid, 1 a fault was found or a path cannot be read, 64 a mistake on the command "
    "line.";

tl::expected<manifest::ManifestSet, std::string> readPath(const std::string& path,
                                                          const manifest::ReadingOptions& options,
                                                          std::string& standardInput) {
  if (path == "-") {
    auto text = readStandardInput(options.fileBytes);
    if (!text) return tl::unexpected(text.error());
    standardInput = std::move(*text);
    return manifest::readText("-", standardInput, options);
  }
  manifest::FolderSource source(path);
  manifest::SetReader reader(options);
  auto reading = reader.read(source);
  if (!reading) return tl::unexpected(reading.error().message);
  return manifest::ManifestSet(*reading->set);
}

Verdict judge(const std::vector<std::string>& paths, const manifest::ReadingOptions& options,
              std::string& standardInput) {
  Verdict verdict;
  std::vector<manifest::ManifestSet> parts;
  for (const std::string& path : paths) {
    auto set = readPath(path, options, standardInput);
    if (set) {
      parts.push_back(std::move(*set));
    } else {
      verdict.unreadable.push_back(std::move(set.error()));
    }
  }
  const manifest::ManifestSet all =
      parts.size() == 1 ? std::move(parts.front()) : manifest::joinSets(std::move(parts), options.severities);
  verdict.faults = all.allFaults();
  verdict.files = all.files;
  verdict.clients = all.manifests.size() + all.invalid.size();
  for (const manifest::DuplicateId& duplicate : all.duplicates) verdict.clients += duplicate.places.size();
  return verdict;
}

/// For a person in front of a terminal, unless that person says no (no-color.org).
bool wantsColours() {
  const char* const noColour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (noColour == nullptr || *noColour == '\0');
}

void print(const Verdict& verdict, const std::string& output, const std::string& standardInput,
           std::size_t fileBytes) {
  if (output == "json") return printJson(std::cout, verdict);
  if (output == "sarif") return printSarif(std::cout, verdict);
  if (output == "github") return printGithub(std::cout, verdict);
  for (const std::string& message : verdict.unreadable)
    std::cerr << "hydra-clients: " << onOneLine(message) << "\n";
  if (verdict.files == 0 && !verdict.unreadable.empty()) return;  // nothing was checked: no sum of nothing
  const auto textOf = [&](const std::string& path) -> std::unique_ptr<SourceText> {
    if (path == "-") return std::make_unique<SourceText>(standardInput);
    auto text = manifest::readWholeFile(path, fileBytes);
    return text ? std::make_unique<SourceText>(std::move(*text)) : nullptr;
  };
  printText(std::cout, verdict, textOf, wantsColours());
}

/// Whether somebody most likely means the stream to be read: it is a pipe or a file.
bool isPipedIn(int stream) {
  struct stat status {};
  return fstat(stream, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode));
}

void listRules() {
  for (const manifest::RuleInfo& rule : manifest::allRules()) {
    std::cout << rule.name << " (" << manifest::nameOf(rule.severity)
              << (manifest::isFixed(rule.name) ? ", always" : "") << ")\n    " << rule.what << "\n    "
              << rule.why << "\n";
  }
}

int validate(const Flags& flags) {
  if (flags.listRules) {
    listRules();
    return kSuccess;
  }
  if (flags.paths.empty()) {
    throw UsageError(std::string("PATH is missing: which files and folders are to be checked?") +
                     (isPipedIn(STDIN_FILENO) ? " For what is piped in write -" : ""));
  }
  auto options = flags.manifests.options();
  if (!options) throw UsageError(options.error());
  options->verdictOnly = true;
  options->warnOfSecrets = true;
  options->secretsEnvPrefix = flags.secretsEnvPrefix;
  if (!flags.hydra.empty()) options->hydra = HydraVersion::parse(flags.hydra).value();
  std::string standardInput;
  const Verdict verdict = judge(flags.paths, *options, standardInput);
  print(verdict, flags.output, standardInput, options->fileBytes);
  wipe(standardInput);
  return verdict.good() ? kSuccess : kFailure;
}

}  // namespace

void addValidateCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("validate", kAbout);
  command->footer(kExamples);
  command->add_option("PATH", flags->paths, "files and folders; - for standard input")->check(notEmpty());
  addChoiceFlag(
      *command, "output", flags->output,
      "text for people, json for programs, sarif for code scanning, github for annotations in a pull request",
      {"text", "json", "sarif", "github"});
  addFlag(*command, "list-rules", flags->listRules, "print every rule with what it finds and why, and end");
  addFlag(*command, "hydra", flags->hydra, "the version of Hydra to check for; the newest known without it")
      ->type_name("VERSION")
      ->check(hydraVersion());
  addSecretsPrefixFlag(*command, flags->secretsEnvPrefix);
  flags->manifests.addTo(*command);
  command->callback([flags, &outcome] { outcome.exitCode = validate(*flags); });
}

}  // namespace hydra_clients::cli
