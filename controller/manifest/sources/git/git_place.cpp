#include "manifest/sources/git/git_place.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file_descriptor.h"
#include "manifest/sources/folder_walk.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using Kind = SourceError::Kind;
using Found = tl::expected<std::optional<GitPlace>, SourceError>;

constexpr std::size_t kLongestGitFile = 8192;  ///< "gitdir: " and a path
constexpr std::string_view kGitDir = "gitdir: ";

/// A path whose existing part is real, and what of it does not exist.
struct RealPath {
  fs::path real;
  fs::path rest;
};

RealPath realPartOf(const std::string& path) {
  RealPath found{fs::absolute(path).lexically_normal(), {}};
  if (!found.real.has_filename()) found.real = found.real.parent_path();  // a slash at the end
  std::error_code error;
  for (; found.real.has_relative_path(); found.real = found.real.parent_path()) {
    const fs::path real = fs::canonical(found.real, error);
    if (!error) return {real, found.rest};
    found.rest = found.rest.empty() ? found.real.filename() : found.real.filename() / found.rest;
  }
  return found;
}

bool isFolder(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool looksLikeRepository(const fs::path& folder) {
  return isFolder(folder / "objects") && ::access((folder / "HEAD").c_str(), F_OK) == 0;
}

tl::expected<std::string, SourceError> textOf(const fs::path& file) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, kLongestGitFile> buffer{};
  const ssize_t got = opened.valid() ? ::read(opened.get(), buffer.data(), buffer.size()) : -1;
  if (got < 0) {
    const bool gone = errno == ENOENT;
    return tl::unexpected(SourceError{gone ? Kind::kTorn : Kind::kUnreadable,
                                      file.string() + ": cannot be read: " + describeErrno(errno)});
  }
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

/// A `.git` that is a file: a linked worktree's or a submodule's.
Found placeOfGitFile(const fs::path& root, GitPlace place) {
  auto text = textOf(root / ".git");
  if (!text) return tl::unexpected(std::move(text.error()));
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (!text->starts_with(kGitDir)) {
    // git-sync writes it anew, not atomically, when it starts.
    return tl::unexpected(SourceError{Kind::kTorn, (root / ".git").string() + ": names no Git folder"});
  }
  const fs::path named = (root / text->substr(kGitDir.size())).lexically_normal();
  if (::access((named / "HEAD").c_str(), F_OK) != 0) {
    if (errno == EACCES) {
      return tl::unexpected(SourceError{
          Kind::kUnreadable,
          named.string() + ": " + describeErrno(EACCES) + "; let the user that runs hydra-clients read it"});
    }
    place.missing = named.string();
  }
  return place;
}

}  // namespace

Found findGitPlace(const std::string& path) {
  const RealPath start = realPartOf(path);
  struct stat first {};
  if (::stat(start.real.c_str(), &first) != 0) return std::nullopt;
  if (start.rest.empty() && looksLikeRepository(start.real)) {
    return GitPlace{start.real.string(), "", /*bare=*/true};
  }
  for (fs::path folder = start.real;; folder = folder.parent_path()) {
    struct stat status {
    }, git{};
    if (::stat(folder.c_str(), &status) != 0 || status.st_dev != first.st_dev) return std::nullopt;
    const fs::path named = folder / ".git";
    if (::stat(named.c_str(), &git) == 0) {
      fs::path inside = start.real.lexically_relative(folder);
      if (inside == ".") inside.clear();
      if (!start.rest.empty()) inside /= start.rest;
      GitPlace place{folder.string(), inside.generic_string(), /*bare=*/false};
      if (S_ISREG(git.st_mode)) return placeOfGitFile(folder, std::move(place));
      if (S_ISDIR(git.st_mode) && (looksLikeRepository(named) || ::access(named.c_str(), X_OK) != 0))
        return place;
    } else if (errno == EACCES) {
      return tl::unexpected(SourceError{Kind::kUnreadable, named.string() + ": " + describeErrno(EACCES)});
    }
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

}  // namespace hydra_clients::manifest
