#include "manifest/sources/fetch/whole_commit.h"

#include <cstddef>
#include <set>

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kDeepest = 512;  ///< folders within each other

using Checked = tl::expected<void, WholeFault>;

struct IdLess {
  bool operator()(const git_oid& a, const git_oid& b) const { return git_oid_cmp(&a, &b) < 0; }
};

/// One check.
class Walk {
 public:
  Walk(git_repository* repository, git_odb* objects) : repository_(repository), objects_(objects) {}

  /// `known`: what stands at the same path of the known commit; null where nothing does.
  Checked check(const git_tree* tree, const git_tree* known, std::size_t depth) {
    if (depth > kDeepest)
      return tl::unexpected(
          WholeFault{"has folders nested deeper than " + std::to_string(kDeepest), /*isMalformed=*/true});
    const std::size_t count = git_tree_entrycount(tree);
    for (std::size_t i = 0; i < count; ++i) {
      if (auto checked = checkEntry(*git_tree_entry_byindex(tree, i), known, depth); !checked) return checked;
    }
    return {};
  }

 private:
  Checked checkEntry(const git_tree_entry& entry, const git_tree* known, std::size_t depth) {
    if (git_tree_entry_type(&entry) == GIT_OBJECT_COMMIT) return {};  // a submodule's, and elsewhere
    const git_oid& id = *git_tree_entry_id(&entry);
    const git_tree_entry* const before =
        known == nullptr ? nullptr : git_tree_entry_byname(known, git_tree_entry_name(&entry));
    if (before != nullptr && git_oid_equal(&id, git_tree_entry_id(before)) != 0) return {};
    if (git_tree_entry_type(&entry) != GIT_OBJECT_TREE)
      return git_odb_exists(objects_, &id) != 0 ? Checked{} : faulty(id);
    // Folders may stand at many paths, and within each other: looked at each time, a few would be too many.
    if (!looked_.insert(id).second) return {};
    const TreeHandle tree = lookUp(id);
    if (!tree) return faulty(id);
    const bool wasTree = before != nullptr && git_tree_entry_type(before) == GIT_OBJECT_TREE;
    const TreeHandle knownTree = wasTree ? lookUp(*git_tree_entry_id(before)) : nullptr;
    return check(tree.get(), knownTree.get(), depth + 1);
  }

  [[nodiscard]] TreeHandle lookUp(const git_oid& id) const {
    git_tree* tree = nullptr;
    return git_tree_lookup(&tree, repository_, &id) == 0 ? TreeHandle(tree) : nullptr;
  }

  [[nodiscard]] Checked faulty(const git_oid& id) const { return tl::unexpected(faultOf(repository_, id)); }

  git_repository* const repository_;
  git_odb* const objects_;
  std::set<git_oid, IdLess> looked_;  ///< trees
};

}  // namespace

WholeFault faultOf(git_repository* repository, const git_oid& object) {
  const std::string reason = gitErrorText();
  git_odb* objects = nullptr;
  git_odb_object* read = nullptr;
  (void)git_repository_odb(&objects, repository);
  const OdbHandle odb(objects);
  const bool isThere =
      objects != nullptr && git_odb_read(&read, objects, &object) == 0;  // and as its id says
  const OdbObjectHandle handle(read);
  if (!isThere) return {"lacks the object " + hexOf(object)};
  return {"came malformed: the object " + hexOf(object) + " cannot be read (" + reason + ')',
          /*isMalformed=*/true};
}

TreeHandle treeOf(git_repository* repository, const git_oid& commit) {
  git_commit* found = nullptr;
  if (git_commit_lookup(&found, repository, &commit) != 0) return nullptr;
  const CommitHandle handle(found);
  git_tree* tree = nullptr;
  if (git_commit_tree(&tree, found) != 0) return nullptr;
  return TreeHandle(tree);
}

namespace {

/// Of its tree, where the commit itself is well.
WholeFault faultOfCommit(git_repository* repository, const git_oid& commit) {
  git_commit* found = nullptr;
  if (git_commit_lookup(&found, repository, &commit) != 0) return faultOf(repository, commit);
  const CommitHandle handle(found);
  git_tree* tree = nullptr;
  (void)git_commit_tree(&tree, found);  // for its reason
  const TreeHandle treeHandle(tree);
  return faultOf(repository, *git_commit_tree_id(found));
}

}  // namespace

Checked checkWhole(git_repository* repository, const git_oid& commit, const std::optional<git_oid>& known) {
  git_odb* opened = nullptr;
  if (git_repository_odb(&opened, repository) != 0)
    return tl::unexpected(WholeFault{"cannot be read: " + gitErrorText()});
  const OdbHandle objects(opened);
  const TreeHandle tree = treeOf(repository, commit);
  if (!tree) return tl::unexpected(faultOfCommit(repository, commit));
  const TreeHandle knownTree = known ? treeOf(repository, *known) : nullptr;
  return Walk(repository, objects.get()).check(tree.get(), knownTree.get(), 0);
}

}  // namespace hydra_clients::manifest
