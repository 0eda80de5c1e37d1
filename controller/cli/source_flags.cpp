#include "cli/source_flags.h"

#include <chrono>
#include <utility>

#include "cli/commands.h"
#include "cli/flags.h"
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

}  // namespace

void SourceFlags::addTo(CLI::App& command) {
  addFlag(
      command, "manifests", options_.path,
      "the folder of the client JSON files: of a Git checkout the commit is read, not the work tree; a bare "
      "repository, git-sync's link or a plain folder will do as well")
      ->type_name("FOLDER")
      ->required();
  const auto group = [](CLI::Option* option) { option->group("Source"); };
  group(addFlag(command, "path", options_.git.inside, "the folder of the manifests below --manifests")
            ->type_name("FOLDER"));
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
              "the folder for what is kept across restarts, made where it is missing: the last commit that "
              "was signed; without it, a restart while the newest commit is refused leaves nothing in force")
          ->type_name("FOLDER"));
}

void SourceFlags::addAgainstTo(CLI::App& command) {
  addFlag(
      command, "against", against_,
      "show only what merging into this branch, tag or commit would change: the manifests that differ since "
      "--ref, or what is checked out, parted from it")
      ->type_name("REV")
      ->group("Source");
}

std::unique_ptr<manifest::ManifestSource> SourceFlags::open(manifest::LastGoodCommit::Access state) const {
  if (options_.workingTree && !keyring_.empty()) {
    throw UsageError(
        "--require-signed-commits reads commits alone, and what --working-tree reads nobody has signed: "
        "leave one of them out");
  }
  if (options_.workingTree && options_.git.ref != "HEAD") {
    throw UsageError("--ref names a commit to read, and --working-tree reads none: leave one of them out");
  }
  manifest::PathSourceOptions options = options_;
  options.git.state = state;
  options.git.folderMayBeGone = compares();  // a change may remove the folder, or bring it
  if (!keyring_.empty()) options.git.check = signedBy(keyring_);
  return std::make_unique<manifest::PathSource>(std::move(options));
}

manifest::WatchedPaths SourceFlags::watchedPaths() const {
  manifest::WatchedPaths watched = manifest::watchedPaths(options_);
  if (!keyring_.empty()) watched.names.push_back(keyring_);
  return watched;
}

}  // namespace hydra_clients::cli
