#include "manifest/sources/git/git_library.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "client/one_line.h"

namespace hydra_clients::manifest {
namespace {

/// Of parsed commits and small trees, in all repositories. libgit2's own bound is 256 MiB, and a loop that
/// follows a branch for months would come to it.
constexpr ssize_t kMostCachedBytes = 1 << 20;

/// What may stand in a repository's configuration without changing how its objects are read: partial clones,
/// and a configuration of each work tree (`git sparse-checkout` sets it).
std::array<const char*, 3> readableExtensions() {
  return {"partialclone", "worktreeconfig", "preciousobjects"};
}

void start() {
  if (git_libgit2_init() < 0) throw std::runtime_error("libgit2 cannot start: " + gitErrorText());
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kMostCachedBytes);
  for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
                          GIT_CONFIG_LEVEL_PROGRAMDATA}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
  auto extensions = readableExtensions();
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
}

}  // namespace

void useGit() {
  static const bool kStarted = (start(), true);
  (void)kStarted;
}

std::string gitErrorText() {
  const git_error* const error = git_error_last();
  if (error == nullptr || error->message == nullptr || *error->message == '\0')
    return "libgit2 gives no reason";
  return onOneLine(error->message);
}

std::string hexOf(const git_oid& id) {
  std::array<char, GIT_OID_HEXSZ + 1> hex{};
  git_oid_tostr(hex.data(), hex.size(), &id);
  return hex.data();
}

bool isCommitId(std::string_view text) {
  return text.size() == GIT_OID_HEXSZ && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace hydra_clients::manifest
