#include "manifest/sources/git/git_repository.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include "manifest/sources/folder_walk.h"
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
  if (error == GIT_ENOTFOUND && ::access(folder.c_str(), F_OK) != 0) {
    return {Kind::kTorn, shown + ": was replaced while it was read"};
  }
  return {Kind::kUnreadable, shown + ": its Git repository cannot be read: " + reason};
}

/// The kernel's own word where a part of the repository may not be read: libgit2 takes it for "not found".
std::optional<SourceError> forbidden(const std::string& folder, const std::string& shown) {
  const std::filesystem::path root(folder);
  for (const auto& part : {root / ".git", root / ".git/HEAD", root / ".git/objects", root / ".git/refs",
                           root / "HEAD", root / "objects", root / "refs"}) {
    const bool isFolder = ::access((part / ".").c_str(), F_OK) == 0;
    if (::access(part.c_str(), isFolder ? R_OK | X_OK : R_OK) == 0 || errno != EACCES) continue;
    return SourceError{Kind::kUnreadable, shown + ": its Git repository may not be read: " + part.string() +
                                              ": " + describeErrno(EACCES) +
                                              "; let the user that runs hydra-clients read it (chmod -R " +
                                              "a+rX), or run as its owner"};
  }
  return std::nullopt;
}

std::string shortOf(const git_oid& id) { return hexOf(id).substr(0, 12); }

}  // namespace

tl::expected<GitRepository, SourceError> GitRepository::open(const std::string& folder,
                                                             const std::string& shown) {
  useGit();
  if (auto error = forbidden(folder, shown)) return tl::unexpected(std::move(*error));
  git_repository* opened = nullptr;
  const int error = git_repository_open_ext(&opened, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  RepositoryHandle handle(opened);
  if (error != 0) return tl::unexpected(openingFailure(error, folder, shown));
  git_odb* objects = nullptr;
  if (git_repository_odb(&objects, handle.get()) != 0)
    return tl::unexpected(openingFailure(0, folder, shown));
  return GitRepository(std::move(handle), OdbHandle(objects), shown);
}

tl::unexpected<SourceError> GitRepository::failed(int error, const std::string& what) const {
  // An object that is named and not there: it is being repacked, or the clone is a partial one.
  const Kind kind = error == GIT_ENOTFOUND ? Kind::kTorn : Kind::kUnreadable;
  return tl::unexpected(SourceError{kind, shown_ + ": " + what + ": " + gitErrorText()});
}

tl::expected<GitCommit, SourceError> GitRepository::commitOf(const std::string& ref) const {
  git_object* found = nullptr;
  int error = git_revparse_single(&found, handle_.get(), ref.c_str());
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

tl::expected<std::optional<git_oid>, SourceError> GitRepository::treeAt(const GitCommit& commit,
                                                                        const std::string& path) const {
  if (path.empty()) return commit.tree;
  auto root = tree(commit.tree);
  if (!root) return tl::unexpected(std::move(root.error()));
  git_tree_entry* found = nullptr;
  const int error = git_tree_entry_bypath(&found, root->get(), path.c_str());
  const TreeEntryHandle entry(found);
  if (error == GIT_ENOTFOUND) return std::nullopt;
  if (error != 0) return failed(error, path + " cannot be read");
  if (git_tree_entry_type(entry.get()) != GIT_OBJECT_TREE) return std::nullopt;
  return *git_tree_entry_id(entry.get());
}

tl::expected<std::string, SourceError> GitRepository::blob(const git_oid& id, std::uint64_t limit) const {
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (const int error = git_odb_read_header(&size, &type, objects_.get(), &id); error != 0) {
    return failed(error, "blob " + shortOf(id) + " cannot be read");
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

std::optional<std::size_t> GitRepository::uncommitted(const std::string& path) const {
  if (git_repository_is_bare(handle_.get()) != 0) return std::nullopt;
  git_config* opened = nullptr;
  if (git_repository_config_snapshot(&opened, handle_.get()) != 0) return std::nullopt;
  const ConfigHandle config(opened);
  int sparse = 0;
  if (git_config_get_bool(&sparse, config.get(), "core.sparsecheckout") == 0 && sparse != 0)
    return std::nullopt;

  std::string below = path.empty() ? "*.json" : path + "/*.json";
  char* pattern = below.data();
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                  GIT_STATUS_OPT_EXCLUDE_SUBMODULES | GIT_STATUS_OPT_NO_REFRESH;
  options.pathspec = {&pattern, 1};
  git_status_list* found = nullptr;
  if (git_status_list_new(&found, handle_.get(), &options) != 0) return std::nullopt;
  const StatusListHandle list(found);
  return git_status_list_entrycount(list.get());
}

}  // namespace hydra_clients::manifest
