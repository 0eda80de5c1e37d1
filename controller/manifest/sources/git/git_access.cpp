#include "manifest/sources/git/git_access.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "manifest/sources/folder_walk.h"
#include "manifest/sources/git/git_place.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;

bool isForbidden(const fs::path& path) {
  const bool isFolder = mayAccess((path / ".").string(), F_OK);
  return !mayAccess(path.string(), isFolder ? R_OK | X_OK : R_OK) && errno == EACCES;
}

/// The first entry of a folder that may not be read.
std::optional<fs::path> forbiddenIn(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (isForbidden(entry->path())) return entry->path();
  }
  return std::nullopt;
}

std::optional<fs::path> forbiddenOf(const std::string& root) {
  if (isForbidden(root)) return root;
  const GitFolders folders = gitFoldersOf(root);
  const fs::path own(folders.own), common(folders.common);
  for (const fs::path& part : {own, own / "HEAD", own / "commondir", common, common / "objects",
                               common / "refs", common / "packed-refs", common / "config"}) {
    if (isForbidden(part)) return part;
  }
  for (const char* const folder : {"objects", "objects/pack", "refs/heads"}) {
    if (auto found = forbiddenIn(common / folder)) return found;
  }
  return std::nullopt;
}

}  // namespace

bool mayAccess(const std::string& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

std::optional<SourceError> forbiddenPart(const std::string& root, const std::string& shown) {
  const auto part = forbiddenOf(root);
  if (!part) return std::nullopt;
  return SourceError{
      SourceError::Kind::kUnreadable,
      shown + ": its Git repository may not be read: " + part->string() + ": " + describeErrno(EACCES) +
          "; let the user that runs hydra-clients read it (chmod -R a+rX), or run as its owner"};
}

}  // namespace hydra_clients::manifest
