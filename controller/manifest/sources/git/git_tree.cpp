#include "manifest/sources/git/git_tree.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>
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
  std::string path;  ///< below the commit's root, without links
};

/// Where a link leads, if not to an entry.
enum class Astray { kBroken, kLeavesRepository, kLoop };

/// One walk over a folder of a commit's tree.
class Walk {
 public:
  Walk(const GitRepository& repository, const git_oid& root, const std::string& inside)
      : repository_(repository), root_(root), shownPrefix_(inside.empty() ? "" : inside + '/') {}

  /// Lists the folder `inside`; false where there is none.
  tl::expected<bool, SourceError> listAll(const std::string& inside) {
    const auto followed = follow(inside);
    if (!followed) return tl::unexpected(followed.error());
    const Target* const folder = std::get_if<Target>(&*followed);
    if (folder == nullptr || folder->mode != GIT_FILEMODE_TREE) return false;
    confinement_ = folder->path.empty() ? "" : folder->path + '/';
    return list(folder->id, "", confinement_).map([] { return true; });
  }

  FoundTree found;

 private:
  /// Lists one tree. `prefix` is its path below the folder as it is named, with a slash at its end, or "";
  /// `real` its path below the commit's root without links.
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
    const auto followed = followedOnce(real);
    if (!followed) return tl::unexpected(followed.error());
    if (const Astray* const astray = std::get_if<Astray>(*followed)) {
      // A link that leads nowhere may have been meant as anything; the others say what they are.
      if (*astray != Astray::kBroken || isManifestName(name)) addAstray(path, id, *astray);
      return {};
    }
    const Target& target = std::get<Target>(**followed);
    const std::string folder = target.path.empty() ? "" : target.path + '/';
    if (!folder.starts_with(confinement_)) {
      // A link to a file that is no manifest is nobody's business, wherever it leads.
      if (target.mode == GIT_FILEMODE_TREE || isManifestName(name)) addLeaving(path, id);
      return {};
    }
    if (target.mode != GIT_FILEMODE_TREE || isManifestName(name)) {
      visitFile(target.id, target.mode, name, path);
      return {};
    }
    if (std::ranges::find(ancestors_, folder) == ancestors_.end()) return list(target.id, path + '/', folder);
    addFault(path, id, "link-loop", "is a symbolic link to a folder that holds it");
    return {};
  }

  void addAstray(const std::string& path, const git_oid& id, Astray astray) {
    if (astray == Astray::kLeavesRepository) return addLeaving(path, id);
    addFault(path, id, "link-broken",
             astray == Astray::kLoop ? "is a symbolic link that leads to itself"
                                     : "is a symbolic link that leads nowhere");
  }

  void addLeaving(const std::string& path, const git_oid& id) {
    addFault(path, id, "link-leaves-root",
             "is a symbolic link that leads out of " +
                 (shownPrefix_.empty() ? "the repository" : shownPrefix_) +
                 "; only files inside it are read");
  }

  using Followed = std::variant<Target, Astray>;

  /// follow(), from memory for a link that was met on another way; stays for as long as the walk.
  tl::expected<const Followed*, SourceError> followedOnce(const std::string& path) {
    auto known = followed_.find(path);
    if (known == followed_.end()) {
      auto followed = follow(path);
      if (!followed) return tl::unexpected(std::move(followed.error()));
      known = followed_.emplace(path, std::move(*followed)).first;
    }
    return &known->second;
  }

  /// What a path below the commit's root names once every link on it is followed, within this tree alone.
  tl::expected<Followed, SourceError> follow(const std::string& path) {
    std::vector<std::string> rest = partsOf(path);  // what is still to be gone, the next one last
    std::vector<Target> way{{root_, GIT_FILEMODE_TREE, ""}};
    int links = 0;
    while (!rest.empty()) {  // bounded by kMostLinks times kLongestLink
      const std::string part = std::move(rest.back());
      rest.pop_back();
      if (part == "." || part.empty()) continue;
      if (part == "..") {
        if (way.size() == 1) return Astray::kLeavesRepository;
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
      if (!*text) return Astray::kBroken;
      if ((*text)->starts_with('/')) return Astray::kLeavesRepository;
      for (std::string& one : partsOf(**text)) rest.push_back(std::move(one));
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

  /// nullopt where it is longer than any path.
  tl::expected<std::optional<std::string>, SourceError> textOf(const git_oid& link) const {
    auto text = repository_.blob(link, kLongestLink);
    if (!text && text.error().kind == Kind::kLimit) return std::nullopt;
    if (!text) return tl::unexpected(std::move(text.error()));
    return std::move(*text);
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
  std::string confinement_;  ///< the folder that links may not leave, as `real` in list()
  std::unordered_map<std::string, Followed> followed_;  ///< by real path
  std::vector<std::string> ancestors_;                  ///< real paths, of the trees that are being listed
  std::size_t entries_ = 0;
};

}  // namespace

tl::expected<std::optional<FoundTree>, SourceError> walkTree(const GitRepository& repository,
                                                             const git_oid& root, const std::string& inside) {
  Walk walk(repository, root, inside);
  const auto listed = walk.listAll(inside);
  if (!listed) return tl::unexpected(listed.error());
  if (!*listed) return std::nullopt;
  std::ranges::sort(walk.found.files, {}, &FoundFile::relativePath);
  return std::move(walk.found);
}

git_oid blobOf(const FileIdentity& identity) {
  git_oid id{};
  std::memcpy(id.id, identity.parts.data(), sizeof id.id);
  return id;
}

}  // namespace hydra_clients::manifest
