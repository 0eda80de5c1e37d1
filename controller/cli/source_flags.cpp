#include "cli/source_flags.h"

#include <chrono>
#include <filesystem>
#include <utility>

#include "cli/commands.h"
#include "cli/flags.h"
#include "client/one_line.h"
#include "client/state_folder.h"
#include "secrets/commit_verifier.h"

namespace hydra_clients::cli {
namespace {

/// Whether a key of the keyring signed a commit. The verifier lives as long as whoever may ask.
manifest::CommitCheck signedBy(const std::string& keyring) {
  const auto verifier = std::make_shared<secrets::CommitVerifier>(keyring);
  return [verifier, keyring](
             const manifest::CommitSignature& commit) -> tl::expected<std::string, manifest::CommitFault> {
    const auto good = verifier->check(commit.content, commit.signature);
    if (!good) return tl::unexpected(manifest::CommitFault{good.error().words, good.error().undecided});
    return secrets::endsSoon(*good, keyring, std::chrono::system_clock::now());
  };
}

/// Throws UsageError where `--path` leaves the source.
void checkInside(const std::string& inside) {
  const std::filesystem::path path(inside);
  const bool leaves = path.is_absolute() || (!path.empty() && *path.lexically_normal().begin() == "..");
  if (leaves)
    throw UsageError("--path " + onOneLine(inside) + " is not below the source: give it relative to that");
}

/// "./a/../b/" is "b": it stands before the names of files, and Git knows no other form.
std::string normal(const std::string& inside) {
  std::string path = std::filesystem::path(inside).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path == "." ? "" : path;
}

/// What --git-url has no use for may have been meant for something.
void refuseBesideFetching(const manifest::PathSourceOptions& options, bool compares) {
  if (!options.path.empty())
    throw UsageError("--manifests and --git-url are two sources: leave one of them out");
  if (options.workingTree)
    throw UsageError("--working-tree reads files, and --git-url fetches commits: leave one of them out");
  if (options.git.ref != "HEAD") throw UsageError("--ref is for --manifests: with --git-url it is --git-ref");
  if (compares) {
    throw UsageError(
        "--against compares two branches of one repository, and --git-url fetches one branch alone: clone "
        "the "
        "repository, and name it with --manifests");
  }
  if (options.git.stateFolder.empty())
    throw UsageError("--state-dir is needed with --git-url: the folder to fetch into");
}

}  // namespace

void SourceFlags::addTo(CLI::App& command) {
  CLI::Option* const path =
      addFlag(
          command, "manifests", options_.path,
          "the folder of the client JSON files, if not --git-url: of a Git checkout the commit is read, not "
          "the work tree; a bare repository, git-sync's link or a plain folder will do as well")
          ->type_name("FOLDER")
          ->required();
  const auto group = [](CLI::Option* option) { option->group("Source"); };
  group(addFlag(command, "path", options_.git.inside,
                "the folder of the manifests below --manifests, or in the repository that is fetched")
            ->type_name("FOLDER")
            ->transform([](const std::string& value) { return normal(value); }, ""));
  group(addFlag(command, "ref", options_.git.ref,
                "the branch, tag or commit to read, instead of what is checked out")
            ->type_name("REF")
            ->capture_default_str());
  group(
      addFlag(command, "working-tree", options_.workingTree, "read the files as they are, committed or not"));
  group(addFlag(command, "require-signed-commits", keyring_,
                "read no commit but those that a key in this file signed: OpenPGP public keys, one after the "
                "other; while the newest commit is refused, the last good one stays in force")
            ->type_name("KEYRING"));
  group(
      addFlag(command, "state-dir", options_.git.stateFolder,
              "the folder for what is kept across restarts, made where it is missing, one process's alone: "
              "what is fetched, and the last commit that was signed; without it, a restart while the newest "
              "commit is refused leaves nothing in force")
          ->type_name("FOLDER"));
  git_.addTo(command);
  command.get_option("--git-url")->each([path](const std::string&) { path->required(false); });
}

void SourceFlags::addAgainstTo(CLI::App& command) {
  addFlag(
      command, "against", against_,
      "show only what merging into this branch, tag or commit would change: the manifests that differ since "
      "--ref, or what is checked out, parted from it")
      ->type_name("REV")
      ->group("Source");
}

void SourceFlags::check() const {
  checkInside(options_.git.inside);
  if (fetches()) {
    refuseBesideFetching(options_, compares());
    return git_.check();
  }
  if (const std::string other = git_.firstOther(); !other.empty())
    throw UsageError(other + " says how to fetch, and --git-url, from where, is missing");
  if (options_.workingTree && !keyring_.empty()) {
    throw UsageError(
        "--require-signed-commits reads commits alone, and what --working-tree reads nobody has signed: "
        "leave one of them out");
  }
  if (options_.workingTree && options_.git.ref != "HEAD") {
    throw UsageError("--ref names a commit to read, and --working-tree reads none: leave one of them out");
  }
}

FileDescriptor SourceFlags::lockState() const {
  const bool isUsed = fetches() || !keyring_.empty();
  if (options_.git.stateFolder.empty() || !isUsed) return {};
  auto lock = lockStateFolder(options_.git.stateFolder);
  if (lock) return std::move(*lock);
  // That a good commit cannot be kept there is no reason to import none: its source says so.
  if (fetches() || lock.error().inUse) throw Failure("--state-dir: " + lock.error().words);
  return {};
}

std::unique_ptr<manifest::ManifestSource> SourceFlags::open(
    manifest::LastGoodCommit::Access state, std::function<manifest::FetchStatus()> fetchStatus) const {
  check();
  manifest::PathSourceOptions options = options_;
  options.git.state = state;
  const bool mustBeNew = state == manifest::LastGoodCommit::Access::kReads;
  options.git.mustBeNewest = mustBeNew;
  options.git.folderMayBeGone = compares();  // a change may remove the folder, or bring it
  if (!keyring_.empty()) options.git.check = signedBy(keyring_);
  if (!fetches()) return std::make_unique<manifest::PathSource>(std::move(options));
  return std::make_unique<manifest::FetchedSource>(
      manifest::FetchedSourceOptions{git_.origin(), std::move(options.git), mustBeNew},
      std::move(fetchStatus));
}

manifest::WatchedPaths SourceFlags::watchedPaths() const {
  manifest::WatchedPaths watched = fetches() ? manifest::WatchedPaths{} : manifest::watchedPaths(options_);
  if (!keyring_.empty()) watched.names.push_back(keyring_);
  return watched;
}

manifest::FetchStatus fetchOnce(const manifest::FetchCommand& command, const std::stop_token& stop) {
  manifest::FetchStatus status;
  status.failingSince = std::chrono::system_clock::now();
  auto commit = manifest::runFetch(command, stop);
  if (!commit) status.error = std::move(commit.error());
  return status;
}

}  // namespace hydra_clients::cli
