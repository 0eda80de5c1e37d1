#include "cli/source_flags.h"

#include "cli/commands.h"
#include "cli/flags.h"

namespace hydra_clients::cli {

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
}

std::unique_ptr<manifest::ManifestSource> SourceFlags::open() const {
  if (options_.workingTree && options_.git.ref != "HEAD") {
    throw UsageError("--ref names a commit to read, and --working-tree reads none: leave one of them out");
  }
  return std::make_unique<manifest::PathSource>(options_);
}

}  // namespace hydra_clients::cli
