#include "manifest/sources/file_listing.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hydra_clients::manifest {
namespace {

/// Paths that rise, each looked for from where the one before was.
class PathsOf {
 public:
  explicit PathsOf(const FileListing* listing) {
    if (listing != nullptr) rest_ = listing->files();
  }

  SharedPath sharedOr(std::string path) {
    while (!rest_.empty() && rest_.front().path.text() < path) rest_ = rest_.subspan(1);
    if (!rest_.empty() && rest_.front().path.text() == path) return rest_.front().path;
    return {std::move(path)};
  }

 private:
  std::span<const SourceFile> rest_;
};

}  // namespace

bool isManifestName(std::string_view name) { return name.size() > 5 && name.ends_with(".json"); }

bool isYamlName(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

FileListing::FileListing(std::string prefix, std::vector<FoundFile> found, std::int64_t settledBefore,
                         const FileListing* earlier)
    : prefix_(std::move(prefix)) {
  files_.reserve(found.size());
  PathsOf known(earlier);
  for (FoundFile& one : found) {
    const bool settled = one.lastChange < settledBefore && !one.fault;
    files_.push_back({known.sharedOr(prefix_ + one.relativePath), one.identity, settled});
    allSettled_ = allSettled_ && settled;
    if (one.fault) faults_.emplace(files_.size() - 1, std::move(*one.fault));
  }
}

const char* FileListing::relativePath(std::size_t index) const {
  return files_.at(index).path.text().c_str() + prefix_.size();
}

const SourceError* FileListing::fault(std::size_t index) const {
  const auto found = faults_.find(index);
  return found == faults_.end() ? nullptr : &found->second;
}

bool FileListing::agreesWith(const std::vector<FoundFile>& found) const {
  if (found.size() != files_.size()) return false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!agrees(i, found[i])) return false;
  }
  return true;
}

bool FileListing::agrees(std::size_t index, const FoundFile& found) const {
  const SourceFile& file = files_[index];
  if (found.identity != file.identity) return false;
  if (relativePath(index) != found.relativePath) return false;
  const SourceError* const known = fault(index);
  return known == nullptr ? !found.fault : found.fault && found.fault->rule == known->rule;
}

}  // namespace hydra_clients::manifest
