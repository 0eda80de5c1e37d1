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

/// What is being visited.
struct Entry {
  git_oid id;
  git_filemode_t mode;
  std::string_view folder;  ///< as `prefix` of Walk::list
  std::string_view name;
  [[nodiscard]] std::string path() const { return std::string(folder).append(name); }
};

/// Where a link leads, if not to an entry.
enum class Astray { kBroken, kLeavesRepository, kLoop };

/// One walk over a folder of a commit's tree.
class Walk {
 public:
  Walk(const GitRepository& repository, const git_oid& root, const std::string& prefix,
       const FileListing* earlier)
      : repository_(repository), root_(root), shownPrefix_(prefix), files_(prefix, earlier) {}

  /// Lists the folder `inside`; false where there is none.
  tl::expected<bool, SourceError> listAll(const std::string& inside) {
    const auto followed = follow(inside);
    if (!followed) return tl::unexpected(followed.error());
    const Target* const folder = std::get_if<Target>(&*followed);
    if (folder == nullptr || folder->mode != GIT_FILEMODE_TREE) return false;
    confinement_ = folder->path.empty() ? "" : folder->path + '/';
    return list(folder->id, "", confinement_).map([] { return true; });
  }

  [[nodiscard]] ListedTree result() && { return {std::move(files_).build(), std::move(skipped_)}; }

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
            Kind::kLimit, repository_.shown() + ": more than " + std::to_string(kMostEntries) + " entries"});
      }
      const git_tree_entry* const entry = git_tree_entry_byindex(tree->get(), i);
      if (auto visited = visit(*entry, prefix, real); !visited) return visited;
    }
    ancestors_.pop_back();
    return {};
  }

  tl::expected<void, SourceError> visit(const git_tree_entry& entry, const std::string& prefix,
                                        const std::string& real) {
    const Entry found{*git_tree_entry_id(&entry), git_tree_entry_filemode(&entry), prefix,
                      git_tree_entry_name(&entry)};
    if (found.name.starts_with('.')) return {};
    if (found.mode == GIT_FILEMODE_LINK) return visitLink(found, real + std::string(found.name));
    if (found.mode == GIT_FILEMODE_TREE && !isManifestName(found.name))
      return list(found.id, found.path() + '/', real + std::string(found.name) + '/');
    visitFile(found);
    return {};
  }

  void visitFile(const Entry& entry) {
    if (entry.mode == GIT_FILEMODE_COMMIT) {
      skipped_.submodules.note(shownPrefix_ + entry.path());
    } else if (isYamlName(entry.name)) {
      skipped_.yaml.note(shownPrefix_ + entry.path());
    } else if (!isManifestName(entry.name)) {
      return;
    } else if (entry.mode == GIT_FILEMODE_TREE) {
      addFault(entry, "not-a-file", "is a folder; what is named *.json must be a file");
    } else {
      files_.add(entry.folder, entry.name, identityOf(entry.id), /*settled=*/true);
    }
  }

  tl::expected<void, SourceError> visitLink(const Entry& link, const std::string& real) {
    const auto followed = followedOnce(real);
    if (!followed) return tl::unexpected(followed.error());
    if (const Astray* const astray = std::get_if<Astray>(*followed)) {
      // A link that leads nowhere may have been meant as anything; the others say what they are.
      if (*astray != Astray::kBroken || isManifestName(link.name)) addAstray(link, *astray);
      return {};
    }
    const Target& target = std::get<Target>(**followed);
    const bool isFolder = target.mode == GIT_FILEMODE_TREE && !isManifestName(link.name);
    const std::string folder = target.path.empty() ? "" : target.path + '/';
    if (!folder.starts_with(confinement_)) {
      // A link to a file that is no manifest is nobody's business, wherever it leads.
      if (isFolder || isManifestName(link.name)) addLeaving(link);
    } else if (!isFolder) {
      visitFile({target.id, target.mode, link.folder, link.name});
    } else if (std::ranges::find(ancestors_, folder) == ancestors_.end()) {
      return list(target.id, link.path() + '/', folder);
    } else {
      addFault(link, "link-loop", "is a symbolic link to a folder that holds it");
    }
    return {};
  }

  void addAstray(const Entry& link, Astray astray) {
    if (astray == Astray::kLeavesRepository) return addLeaving(link);
    addFault(link, "link-broken",
             astray == Astray::kLoop ? "is a symbolic link that leads to itself"
                                     : "is a symbolic link that leads nowhere");
  }

  void addLeaving(const Entry& link) {
    addFault(link, "link-leaves-root",
             "is a symbolic link that leads out of " +
                 (shownPrefix_.empty() ? "the repository" : shownPrefix_) +
                 "; only files inside it are read");
  }

  void addFault(const Entry& entry, std::string rule, std::string message) {
    files_.add(entry.folder, entry.name, identityOf(entry.id),
               SourceError{Kind::kUnreadable, std::move(message), std::move(rule)});
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

  [[nodiscard]] std::string shown(const std::string& path) const {
    return repository_.shown() + ": " + shownPrefix_ + path;
  }

  const GitRepository& repository_;
  const git_oid root_;
  const std::string shownPrefix_;
  ListingBuilder files_;
  SkippedFiles skipped_;
  std::string confinement_;  ///< the folder that links may not leave, as `real` in list()
  std::unordered_map<std::string, Followed> followed_;  ///< by real path
  std::vector<std::string> ancestors_;                  ///< real paths, of the trees that are being listed
  std::size_t entries_ = 0;
};

}  // namespace

tl::expected<std::optional<ListedTree>, SourceError> walkTree(const GitRepository& repository,
                                                              const git_oid& root, const std::string& inside,
                                                              const std::string& prefix,
                                                              const FileListing* earlier) {
  Walk walk(repository, root, prefix, earlier);
  const auto listed = walk.listAll(inside);
  if (!listed) return tl::unexpected(listed.error());
  if (!*listed) return std::nullopt;
  return std::move(walk).result();
}

ListedTree listFile(const git_oid& blob, const std::string& name, const std::string& prefix,
                    const FileListing* earlier) {
  ListingBuilder files(prefix, earlier);
  files.add("", name, identityOf(blob), /*settled=*/true);
  return {std::move(files).build(), {}};
}

git_oid blobOf(const FileIdentity& identity) {
  git_oid id{};
  std::memcpy(id.id, identity.parts.data(), sizeof id.id);
  return id;
}

}  // namespace hydra_clients::manifest
