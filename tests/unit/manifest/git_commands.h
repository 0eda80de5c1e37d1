#pragma once

// The real git, for tests: commands in a folder, with a name and a time of their own and no configuration of
// the machine's.

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace hydra_clients::tests {

/// Runs `git ARGUMENTS` (as a shell reads them) in a folder; throws where it fails.
inline void git(const std::filesystem::path& folder, const std::string& arguments) {
  const std::string command =
      "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0 "
      "git -c user.name=tester -c user.email=tester@example.com -c init.defaultBranch=main "
      "-c protocol.file.allow=always -C '" +
      folder.string() + "' " + arguments + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0)  // NOLINT(concurrency-mt-unsafe,cert-env33-c): a test's own command
    throw std::runtime_error("git " + arguments + " failed in " + folder.string());
}

/// Commits all that stands in a work tree.
inline void commitAll(const std::filesystem::path& folder, const std::string& message = "change") {
  git(folder, "add -A");
  git(folder, "commit -q --allow-empty -m '" + message + "'");
}

}  // namespace hydra_clients::tests
