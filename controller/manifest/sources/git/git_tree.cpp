#include "manifest/sources/git/git_tree.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using Kind = SourceError::Kind;

constexpr int kMostLinks = 40;  ///< that one path may lead through, as the kernel's own bound (ELOOP)
constexpr std::size_t kLongestLink = 4096;

/// Told apart from files of a folder, whose device is no such number.
constexpr std::uint64_t kOfGit = 0x6769'7400'0000'0000;

FileIdentity identityOf(const git_oid& id) {
  FileIdentity identity;
  std::memcpy(identity.parts.data(), id.id, sizeof id.id);
  identity.parts[4] = kOfGit;
  return identity;
}

/// What an entry of a tree is, once links are followed.
struct Target {
  git_oid id{};
  git_filemode_t mode = GIT_FILEMODE_UNREADABLE;
  std::string path;  ///< below the root, without links
};

/// Where a link leads, if not to an entry.
enum class Astray { kBroken, kLeavesRoot, kLoop };

/// One walk over a tree.
class Walk {
 public:
  Walk(const GitRepository& repository, const git_oid& root, std::string shownPrefix)
      : repository_(repository), root_(root), shownPrefix_(std::move(shownPrefix)) {}

  /// Lists one tree. `prefix` is its path below the root as it is named, with a slash at its end, or "";
  /// `real` the same without links.
  tl::expected<void, SourceError> list(const git_oid& id, const std::string& prefix,
                                       const std::string& real) {
    if (ancestors_.size() >= kDeepestFolder) {
      return tl::unexpected(SourceError{Kind::kLimit, shown(prefix) + ": folders are nested deeper than " +
                                                          std::to_string(kDeepestFolder)});
    }
    auto tree = repository_.tree(id);
    if (!tree) return tl::unexpected(std::move(tree.error()));
    ancestors_.push_back(real);
    const std::size_t count = git_tree_entrycount(tree->get());
    for (std::size_t i = 0; i < count; ++i) {
      if (++entries_ > kMostEntries) {
        return tl::unexpected(SourceError{
            Kind::kLimit, shown("") + ": more than " + std::to_string(kMostEntries) + " entries"});
      }
      const git_tree_entry* const entry = git_tree_entry_byindex(tree->get(), i);
      if (auto visited = visit(*entry, prefix, real); !visited) return visited;
    }
    ancestors_.pop_back();
    return {};
  }

  FoundTree found;

 private:
  tl::expected<void, SourceError> visit(const git_tree_entry& entry, const std::string& prefix,
                                        const std::string& real) {
    const std::string_view name = git_tree_entry_name(&entry);
    if (name.starts_with('.')) return {};
    const git_oid& id = *git_tree_entry_id(&entry);
    const git_filemode_t mode = git_tree_entry_filemode(&entry);
    std::string path = prefix + std::string(name);
    if (mode == GIT_FILEMODE_LINK) return visitLink(id, name, path, real + std::string(name));
    if (mode == GIT_FILEMODE_TREE && !isManifestName(name)) {
      return list(id, path + '/', real + std::string(name) + '/');
    }
    visitFile(id, mode, name, std::move(path));
    return {};
  }

  void visitFile(const git_oid& id, git_filemode_t mode, std::string_view name, std::string path) {
    if (mode == GIT_FILEMODE_COMMIT) {
      found.skipped.submodules.note(path);
    } else if (isYamlName(name)) {
      found.skipped.yaml.note(path);
    } else if (!isManifestName(name)) {
      return;
    } else if (mode == GIT_FILEMODE_TREE) {
      addFault(std::move(path), id, "not-a-file", "is a folder; what is named *.json must be a file");
    } else {
      found.files.push_back({std::move(path), identityOf(id), 0, nullptr});
    }
  }

  tl::expected<void, SourceError> visitLink(const git_oid& id, std::string_view name, const std::string& path,
                                            const std::string& real) {
    auto followed = follow(real);
    if (!followed) return tl::unexpected(std::move(followed.error()));
    if (const Astray* const astray = std::get_if<Astray>(&*followed)) {
      // A link that leads nowhere may have been meant as anything; the others say what they are.
      if (*astray != Astray::kBroken || isManifestName(name)) addAstray(path, id, *astray);
      return {};
    }
    const Target& target = std::get<Target>(*followed);
    if (target.mode != GIT_FILEMODE_TREE || isManifestName(name)) {
      visitFile(target.id, target.mode, name, path);
      return {};
    }
    const std::string folder = target.path.empty() ? "" : target.path + '/';
    if (std::ranges::find(ancestors_, folder) == ancestors_.end()) return list(target.id, path + '/', folder);
    addFault(path, id, "link-loop", "is a symbolic link to a folder that holds it");
    return {};
  }

  void addAstray(const std::string& path, const git_oid& id, Astray astray) {
    if (astray == Astray::kLeavesRoot) {
      addFault(path, id, "link-leaves-root",
               "is a symbolic link that leads out of " +
                   (shownPrefix_.empty() ? "the repository" : shownPrefix_) +
                   "; only files inside it are read");
    } else {
      addFault(path, id, "link-broken",
               astray == Astray::kLoop ? "is a symbolic link that leads to itself"
                                       : "is a symbolic link that leads nowhere");
    }
  }

  using Followed = std::variant<Target, Astray>;

  /// What a path below the root names once every link on it is followed, within this tree alone.
  tl::expected<Followed, SourceError> follow(const std::string& path) {
    std::vector<std::string> rest = partsOf(path);  // what is still to be gone, the next one last
    std::vector<Target> way{{root_, GIT_FILEMODE_TREE, ""}};
    int links = 0;
    while (!rest.empty()) {  // bounded by kMostLinks times kLongestLink
      const std::string part = std::move(rest.back());
      rest.pop_back();
      if (part == "." || part.empty()) continue;
      if (part == "..") {
        if (way.size() == 1) return Astray::kLeavesRoot;
        way.pop_back();
        continue;
      }
      auto next = child(way.back(), part);
      if (!next) return tl::unexpected(std::move(next.error()));
      if (!*next) return Astray::kBroken;
      if ((*next)->mode != GIT_FILEMODE_LINK) {
        way.push_back(std::move(**next));
        continue;
      }
      if (++links > kMostLinks) return Astray::kLoop;
      auto text = textOf((*next)->id);
      if (!text) return tl::unexpected(std::move(text.error()));
      if (text->starts_with('/')) return Astray::kLeavesRoot;
      for (std::string& one : partsOf(*text)) rest.push_back(std::move(one));
    }
    return std::move(way.back());
  }

  /// The parts of a path, the first one last.
  static std::vector<std::string> partsOf(const std::string& path) {
    std::vector<std::string> parts;
    for (const fs::path& part : fs::path(path)) parts.push_back(part.string());
    std::ranges::reverse(parts);
    return parts;
  }

  tl::expected<std::optional<Target>, SourceError> child(const Target& folder,
                                                         const std::string& name) const {
    if (folder.mode != GIT_FILEMODE_TREE) return std::nullopt;
    auto tree = repository_.tree(folder.id);
    if (!tree) return tl::unexpected(std::move(tree.error()));
    const git_tree_entry* const entry = git_tree_entry_byname(tree->get(), name.c_str());
    if (entry == nullptr) return std::nullopt;
    return Target{*git_tree_entry_id(entry), git_tree_entry_filemode(entry),
                  folder.path.empty() ? name : folder.path + '/' + name};
  }

  tl::expected<std::string, SourceError> textOf(const git_oid& link) const {
    return repository_.blob(link, kLongestLink);
  }

  void addFault(std::string path, const git_oid& id, std::string rule, std::string message) {
    found.files.push_back(
        {std::move(path), identityOf(id), 0,
         std::make_unique<SourceError>(SourceError{Kind::kUnreadable, std::move(message), std::move(rule)})});
  }

  [[nodiscard]] std::string shown(const std::string& path) const {
    return repository_.shown() + ": " + shownPrefix_ + path;
  }

  const GitRepository& repository_;
  const git_oid root_;
  const std::string shownPrefix_;
  std::vector<std::string> ancestors_;  ///< real paths, of the trees that are being listed
  std::size_t entries_ = 0;
};

}  // namespace

tl::expected<FoundTree, SourceError> walkTree(const GitRepository& repository, const git_oid& id,
                                              const std::string& shownPrefix) {
  Walk walk(repository, id, shownPrefix);
  if (auto listed = walk.list(id, "", ""); !listed) return tl::unexpected(std::move(listed.error()));
  std::ranges::sort(walk.found.files, {}, &FoundFile::relativePath);
  return std::move(walk.found);
}

git_oid blobOf(const FileIdentity& identity) {
  git_oid id{};
  std::memcpy(id.id, identity.parts.data(), sizeof id.id);
  return id;
}

}  // namespace hydra_clients::manifest
