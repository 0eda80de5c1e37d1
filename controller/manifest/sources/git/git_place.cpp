#include "manifest/sources/git/git_place.h"

#include <algorithm>
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
#include "manifest/sources/git/git_access.h"
#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using Kind = SourceError::Kind;
using Found = tl::expected<std::optional<GitPlace>, SourceError>;

constexpr std::size_t kLongestGitFile = 8192;  ///< "gitdir: " and a path
constexpr std::string_view kGitDir = "gitdir: ";
constexpr const char* kWorktreesOfGitSync = ".worktrees";  ///< each is named by its commit

tl::unexpected<SourceError> torn(const fs::path& path, const std::string& why) {
  return tl::unexpected(SourceError{Kind::kTorn, path.string() + ": " + why});
}

/// What the kernel says of something on the way: kTorn where it is gone, since it was there a moment ago.
tl::unexpected<SourceError> failed(const fs::path& path, int error) {
  if (error == ENOENT || error == ENOTDIR || error == ESTALE)
    return torn(path, "was replaced while it was read");
  const char* const remedy = error == EACCES ? "; let the user that runs hydra-clients read it" : "";
  return tl::unexpected(SourceError{Kind::kUnreadable, path.string() + ": " + describeErrno(error) + remedy});
}

/// A path whose existing part is real, and what of it does not exist.
struct RealPath {
  fs::path real;
  fs::path rest;
};

tl::expected<RealPath, SourceError> realPartOf(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(fs::absolute(path), error);
  if (error) return failed(path, error.value());
  if (!whole.has_filename()) whole = whole.parent_path();  // a slash at the end
  RealPath found{whole, {}};
  struct stat status {};
  while (found.real.has_relative_path() && ::lstat(found.real.c_str(), &status) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return failed(found.real, errno);
    found.real = found.real.parent_path();
  }
  if (found.real != whole) found.rest = whole.lexically_relative(found.real);
  return found;
}

bool isFolder(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool looksLikeRepository(const fs::path& folder) {
  return isFolder(folder / "objects") && mayAccess((folder / "HEAD").string(), F_OK);
}

bool isNamedAsWorktreeOfGitSync(const fs::path& folder) {
  return isCommitId(folder.filename().string()) && folder.parent_path().filename() == kWorktreesOfGitSync;
}

/// A worktree of git-sync's by its name, without the file that names its repository.
Found placeByName(const fs::path& folder, GitPlace place) {
  const fs::path repository = folder.parent_path().parent_path() / ".git";
  if (mayAccess(repository.string(), F_OK) || errno != ENOENT)
    return torn(folder, "git-sync is making or removing it");
  place.missing = (folder / ".git").string();
  return place;
}

/// The text of a small file without the line break at its end.
tl::expected<std::string, SourceError> lineOf(const fs::path& file) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, kLongestGitFile> buffer{};
  const ssize_t got = opened.valid() ? ::read(opened.get(), buffer.data(), buffer.size()) : -1;
  if (got < 0) return failed(file, errno);
  std::string text(buffer.data(), static_cast<std::size_t>(got));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

fs::path resolved(const fs::path& folder, const std::string& named) {
  return (folder / named).lexically_normal();
}

/// A `.git` that is a file: a linked worktree's or a submodule's.
Found placeOfGitFile(const fs::path& root, GitPlace place) {
  const auto text = lineOf(root / ".git");
  if (!text) return tl::unexpected(text.error());
  // git-sync writes it anew, not atomically, when it starts.
  if (!text->starts_with(kGitDir)) return torn(root / ".git", "names no Git folder");
  const fs::path named = resolved(root, text->substr(kGitDir.size()));
  if (!mayAccess((named / "HEAD").string(), F_OK)) {
    if (errno == EACCES) return failed(named, EACCES);
    place.missing = named.string();
  }
  return place;
}

/// Whether something of a repository is there, though not all of it.
bool hasPartOfRepository(const fs::path& folder) {
  constexpr std::array kParts{"HEAD", "config", "index", "objects", "packed-refs", "refs"};
  return std::ranges::any_of(kParts,
                             [&](const char* part) { return mayAccess((folder / part).string(), F_OK); });
}

/// A `.git` that is a folder. Git itself passes over one that is no repository.
Found placeOfGitFolder(const fs::path& folder, GitPlace place) {
  if (looksLikeRepository(folder) || !mayAccess(folder.string(), R_OK | X_OK)) return place;
  if (!hasPartOfRepository(folder)) return std::nullopt;
  return torn(folder,
              "is a part of a Git repository: it is being made or removed; if it is to stay as it is, "
              "--working-tree reads the files beside it");
}

/// What a folder on the way up says; nullopt to go on.
Found placeAt(const fs::path& folder, const RealPath& start) {
  fs::path inside = start.real.lexically_relative(folder);
  if (inside == ".") inside.clear();
  if (!start.rest.empty()) inside /= start.rest;
  GitPlace place{folder.string(), inside.generic_string(), /*bare=*/false};
  struct stat git {};
  if (::stat((folder / ".git").c_str(), &git) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return failed(folder / ".git", errno);
    if (isNamedAsWorktreeOfGitSync(folder)) return placeByName(folder, std::move(place));
    return std::nullopt;
  }
  if (S_ISREG(git.st_mode)) return placeOfGitFile(folder, std::move(place));
  if (S_ISDIR(git.st_mode)) return placeOfGitFolder(folder / ".git", std::move(place));
  return std::nullopt;
}

}  // namespace

Found findGitPlace(const std::string& path) {
  const auto start = realPartOf(path);
  if (!start) return tl::unexpected(start.error());
  if (start->rest.empty() && looksLikeRepository(start->real)) {
    return GitPlace{start->real.string(), "", /*bare=*/true};
  }
  std::optional<dev_t> device;  // of the first folder: a file of an overlay may tell another
  for (fs::path folder = start->real;; folder = folder.parent_path()) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return failed(folder, errno);
    if (S_ISDIR(status.st_mode) && status.st_dev != device.value_or(status.st_dev)) return std::nullopt;
    if (S_ISDIR(status.st_mode)) device = status.st_dev;
    auto found = placeAt(folder, *start);
    if (!found || *found || folder == folder.parent_path()) return found;
  }
}

GitFolders gitFoldersOf(const std::string& root) {
  const fs::path dotGit = fs::path(root) / ".git";
  GitFolders folders{root, root};
  if (isFolder(dotGit)) {
    folders = {dotGit.string(), dotGit.string()};
  } else if (const auto text = lineOf(dotGit); text && text->starts_with(kGitDir)) {
    const fs::path own = resolved(root, text->substr(kGitDir.size()));
    const auto common = lineOf(own / "commondir");
    folders = {own.string(), common ? resolved(own, *common).string() : own.string()};
  }
  return folders;
}

}  // namespace hydra_clients::manifest
