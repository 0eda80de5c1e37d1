#pragma once

// The real git, for tests: commands in a folder, with a name of their own and no configuration of the
// machine's.

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace hydra_clients::tests {

/// Runs `git ARGUMENTS` (as a shell reads them) in a folder; gives what it prints without the last line
/// break, and throws with what it prints where it fails. `time`: of what is committed, seconds since 1970.
inline std::string git(const std::filesystem::path& folder, const std::string& arguments,
                       std::int64_t time = 0) {
  const std::string date = time == 0 ? "" : "'" + std::to_string(time) + " +0000'";
  const std::string command =
      "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0 GIT_AUTHOR_DATE=" +
      date + " GIT_COMMITTER_DATE=" + date +
      " git -c user.name=tester -c user.email=tester@example.com -c init.defaultBranch=main "
      "-c protocol.file.allow=always -C '" +
      folder.string() + "' " + arguments + " 2>&1";
  std::FILE* const pipe = ::popen(command.c_str(), "re");  // NOLINT(cert-env33-c): a test's own command
  if (pipe == nullptr) throw std::runtime_error("no shell is to be had");
  std::string said;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    said.append(buffer.data(), got);
  if (::pclose(pipe) != 0)
    throw std::runtime_error("git " + arguments + " failed in " + folder.string() + ": " + said);
  if (said.ends_with('\n')) said.pop_back();
  return said;
}

/// Commits all that stands in a work tree.
inline void commitAll(const std::filesystem::path& folder, const std::string& message = "change",
                      std::int64_t time = 0) {
  git(folder, "add -A");
  git(folder, "commit -q --allow-empty -m '" + message + "'", time);
}

}  // namespace hydra_clients::tests
