#include "manifest/sources/git/git_repository.h"

#include <string_view>
#include <utility>

#include <unistd.h>

#include "manifest/sources/file_listing.h"
#include "manifest/sources/git/git_access.h"
#include "manifest/sources/whole_file.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

SourceError openingFailure(int error, const std::string& folder, const std::string& shown) {
  const std::string reason = gitErrorText();
  if (reason.find("objectformat") != std::string::npos) {
    return {Kind::kUnreadable, shown +
                                   ": is a SHA-256 repository, which cannot be read yet: use one with SHA-1 "
                                   "(git init --object-format=sha1), or --working-tree to read its files"};
  }
  if (reason.find("refstorage") != std::string::npos) {
    return {Kind::kUnreadable,
            shown +
                ": keeps its refs in a reftable, which cannot be read yet: convert it "
                "(git refs migrate --ref-format=files), or --working-tree to read its files"};
  }
  if (error == GIT_ENOTFOUND && !mayAccess(folder, F_OK)) {
    return {Kind::kTorn, shown + ": was replaced while it was read"};
  }
  if (auto forbidden = forbiddenPart(folder, shown)) return std::move(*forbidden);
  return {Kind::kUnreadable, shown + ": its Git repository cannot be read: " + reason};
}

std::string shortOf(const git_oid& id) { return hexOf(id).substr(0, 12); }

/// What tells that packs came or went; all zero where there is no folder of them.
FileStamp stampOfPacks(git_repository* repository) {
  const std::string folder = std::string(git_repository_commondir(repository)) + "objects/pack";
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? FileStamp::of(status) : FileStamp{};
}

/// Whether some remote is a promisor: what it promises is fetched only when git itself wants it. The entries
/// are looked through here, since libgit2 1.5 leaks 20 kB for each one that a pattern of its own does not
/// fit.
bool isPartial(git_repository* repository) {
  git_config* opened = nullptr;
  if (git_repository_config_snapshot(&opened, repository) != 0) return false;
  const ConfigHandle config(opened);
  git_config_iterator* found = nullptr;
  if (git_config_iterator_new(&found, config.get()) != 0) return false;
  const ConfigIteratorHandle entries(found);
  git_config_entry* entry = nullptr;
  while (git_config_next(&entry, entries.get()) == 0) {
    const std::string_view name = entry->name;
    if (name.starts_with("remote.") && name.ends_with(".promisor")) return true;
  }
  return false;
}

/// Whether a file is a manifest that the work tree should hold, by its path below the root.
bool isUncommittedManifest(const git_status_entry& entry, git_index* index) {
  const git_diff_delta* const delta =
      entry.index_to_workdir != nullptr ? entry.index_to_workdir : entry.head_to_index;
  const std::string_view path = delta->new_file.path != nullptr ? delta->new_file.path : delta->old_file.path;
  const bool hidden = path.starts_with('.') || path.find("/.") != std::string_view::npos;
  if (hidden || !isManifestName(path.substr(path.rfind('/') + 1))) return false;
  if (entry.status != GIT_STATUS_WT_DELETED) return true;
  // A sparse checkout leaves it out on purpose.
  const git_index_entry* const indexed = git_index_get_bypath(index, path.data(), 0);
  return indexed == nullptr || (indexed->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE) == 0;
}

bool isParent(git_repository* repository, const git_oid& parent, const git_oid& of) {
  git_commit* found = nullptr;
  if (git_commit_lookup(&found, repository, &of) != 0) return false;
  const CommitHandle commit(found);
  for (unsigned i = 0; i < git_commit_parentcount(found); ++i) {
    if (git_oid_equal(git_commit_parent_id(found, i), &parent) == 1) return true;
  }
  return false;
}

}  // namespace

GitRepository::GitRepository(RepositoryHandle handle, OdbHandle objects, std::string folder,
                             std::string shown)
    : handle_(std::move(handle)),
      objects_(std::move(objects)),
      folder_(std::move(folder)),
      shown_(std::move(shown)),
      packs_(stampOfPacks(handle_.get())),
      isPartial_(isPartial(handle_.get())) {}

tl::expected<GitRepository, SourceError> GitRepository::open(const std::string& folder,
                                                             const std::string& shown) {
  useGit();
  git_repository* opened = nullptr;
  const int error = git_repository_open_ext(&opened, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  RepositoryHandle handle(opened);
  if (error != 0) return tl::unexpected(openingFailure(error, folder, shown));
  git_odb* objects = nullptr;
  if (git_repository_odb(&objects, handle.get()) != 0)
    return tl::unexpected(openingFailure(0, folder, shown));
  return GitRepository(std::move(handle), OdbHandle(objects), folder, shown);
}

tl::unexpected<SourceError> GitRepository::failed(int error, const std::string& what) const {
  const std::string reason = gitErrorText();
  if (auto forbidden = forbiddenPart(folder_, shown_)) return tl::unexpected(std::move(*forbidden));
  if (error != GIT_ENOTFOUND)
    return tl::unexpected(SourceError{Kind::kUnreadable, shown_ + ": " + what + ": " + reason});
  if (isPartial_) {
    return tl::unexpected(SourceError{
        Kind::kUnreadable, shown_ + ": " + what + ": " + reason +
                               "; it is a partial clone, and nothing is fetched here: git fetch --refetch "
                               "--no-filter brings what it lacks"});
  }
  // Named and not there: for a moment, where it is being repacked or replaced.
  return tl::unexpected(SourceError{Kind::kTorn, shown_ + ": " + what + ": " + reason +
                                                     "; where that stays so, git fsck says what is missing"});
}

bool GitRepository::hasRef(const std::string& ref) const {
  git_reference* found = nullptr;
  const int error = git_reference_dwim(&found, handle_.get(), ref.c_str());
  const ReferenceHandle reference(found);
  return error == 0;
}

tl::expected<GitCommit, SourceError> GitRepository::commitOf(const std::string& ref) const {
  git_object* found = nullptr;
  int error = git_revparse_single(&found, handle_.get(), ref.c_str());
  if (error == GIT_ENOTFOUND && hasRef(ref)) return failed(error, "what " + ref + " names cannot be read");
  if (error == GIT_ENOTFOUND && ref != "HEAD") {
    error = git_revparse_single(&found, handle_.get(), ("refs/remotes/origin/" + ref).c_str());
  }
  const ObjectHandle object(found);
  if (error == GIT_ENOTFOUND || error == GIT_EUNBORNBRANCH || error == GIT_EINVALIDSPEC) {
    return tl::unexpected(SourceError{
        Kind::kAbsent, ref == "HEAD" ? shown_ + ": there is no commit yet"
                                     : shown_ + ": there is no ref " + ref +
                                           "; git branch -a and git tag list what "
                                           "there is, and a branch of the remote has to be fetched first"});
  }
  if (error == GIT_EAMBIGUOUS) {
    return tl::unexpected(
        SourceError{Kind::kAbsent, shown_ + ": " + ref + " can mean several commits; write more of the id"});
  }
  if (error != 0) return failed(error, ref + " cannot be read");
  git_object* peeled = nullptr;
  error = git_object_peel(&peeled, object.get(), GIT_OBJECT_COMMIT);
  const ObjectHandle commit(peeled);
  if (error != 0)
    return tl::unexpected(SourceError{Kind::kUnreadable, shown_ + ": " + ref + " is no commit"});
  return commitOf(*git_object_id(commit.get()));
}

tl::expected<GitCommit, SourceError> GitRepository::commitOf(const git_oid& id) const {
  git_commit* found = nullptr;
  const int error = git_commit_lookup(&found, handle_.get(), &id);
  const CommitHandle commit(found);
  if (error != 0) return failed(error, "commit " + shortOf(id) + " cannot be read");
  return GitCommit{id, *git_commit_tree_id(commit.get()), git_commit_time(commit.get())};
}

tl::expected<TreeHandle, SourceError> GitRepository::tree(const git_oid& id) const {
  git_tree* found = nullptr;
  const int error = git_tree_lookup(&found, handle_.get(), &id);
  TreeHandle tree(found);
  if (error != 0) return failed(error, "tree " + shortOf(id) + " cannot be read");
  return tree;
}

tl::expected<std::optional<GitEntry>, SourceError> GitRepository::entryAt(const GitCommit& commit,
                                                                          const std::string& path) const {
  if (path.empty()) return GitEntry{commit.tree, GIT_FILEMODE_TREE};
  auto root = tree(commit.tree);
  if (!root) return tl::unexpected(std::move(root.error()));
  git_tree_entry* found = nullptr;
  const int error = git_tree_entry_bypath(&found, root->get(), path.c_str());
  const TreeEntryHandle entry(found);
  if (error == GIT_ENOTFOUND) return std::nullopt;
  if (error != 0) return failed(error, path + " cannot be read");
  return GitEntry{*git_tree_entry_id(entry.get()), git_tree_entry_filemode(entry.get())};
}

bool GitRepository::hasItsPacks() const { return stampOfPacks(handle_.get()) == packs_; }

tl::expected<std::string, SourceError> GitRepository::blob(const git_oid& id, std::uint64_t limit) const {
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (const int error = git_odb_read_header(&size, &type, objects_.get(), &id); error != 0) {
    return failed(error, "blob " + shortOf(id) + " cannot be read");
  }
  if (type != GIT_OBJECT_BLOB) {
    return tl::unexpected(SourceError{
        Kind::kUnreadable, "what its tree names as a file, " + shortOf(id) + ", is none", "file-unreadable"});
  }
  if (size > limit) return tl::unexpected(tooLarge(size, limit));
  git_odb_object* found = nullptr;
  const int error = git_odb_read(&found, objects_.get(), &id);
  const OdbObjectHandle object(found);
  if (error != 0) return failed(error, "blob " + shortOf(id) + " cannot be read");
  return std::string(static_cast<const char*>(git_odb_object_data(found)), git_odb_object_size(found));
}

tl::expected<CommitSignature, SourceError> GitRepository::signatureOf(const GitCommit& commit) const {
  GitBuffer signature, content;
  git_oid id = commit.id;
  const int error = git_commit_extract_signature(signature.out(), content.out(), handle_.get(), &id, nullptr);
  if (error == GIT_ENOTFOUND) return CommitSignature{};
  if (error != 0) return failed(error, "the signature of commit " + shortOf(id) + " cannot be read");
  return CommitSignature{content.text(), signature.text()};
}

std::optional<bool> GitRepository::isAncestor(const git_oid& ancestor, const git_oid& of) const {
  const int answer = git_graph_descendant_of(handle_.get(), &of, &ancestor);
  if (answer < 0) return std::nullopt;
  return answer == 1;
}

tl::expected<git_oid, std::string> GitRepository::mergeBase(const git_oid& one, const git_oid& other) const {
  // A merge that a CI job checks out may have its parents beside it and nothing below them.
  if (git_oid_equal(&one, &other) == 1 || isParent(handle_.get(), one, other)) return one;
  git_oid base{};
  if (git_merge_base(&base, handle_.get(), &one, &other) == 0) return base;
  const git_error* const last = git_error_last();
  return tl::unexpected(std::string(last != nullptr && last->klass == GIT_ERROR_MERGE
                                        ? "they have no commit in common"
                                        : "the history that says where they parted is not here, as in a "
                                          "shallow clone (git fetch --unshallow "
                                          "brings it)"));
}

std::optional<std::size_t> GitRepository::uncommitted(const std::string& path) const {
  if (git_repository_is_bare(handle_.get()) != 0) return std::nullopt;
  std::string below = path;
  char* folder = below.data();
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                  GIT_STATUS_OPT_EXCLUDE_SUBMODULES | GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
  if (!path.empty()) options.pathspec = {&folder, 1};
  git_status_list* found = nullptr;
  if (git_status_list_new(&found, handle_.get(), &options) != 0) return std::nullopt;
  const StatusListHandle list(found);
  git_index* opened = nullptr;
  if (git_repository_index(&opened, handle_.get()) != 0) return std::nullopt;
  const IndexHandle index(opened);
  std::size_t count = 0;
  for (std::size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    if (isUncommittedManifest(*git_status_byindex(list.get(), i), index.get())) ++count;
  }
  return count;
}

}  // namespace hydra_clients::manifest
