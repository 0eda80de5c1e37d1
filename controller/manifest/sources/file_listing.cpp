#include "manifest/sources/file_listing.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace hydra_clients::manifest {
namespace {

/// Whether a text stands before (< 0), at (0) or after (> 0) the one that the parts make together.
int compareToParts(std::string_view text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    const int order = text.compare(0, part.size(), part);
    if (order != 0) return order;
    text.remove_prefix(part.size());
  }
  return text.empty() ? 0 : 1;
}

}  // namespace

bool isManifestName(std::string_view name) { return name.size() > 5 && name.ends_with(".json"); }

bool isYamlName(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

FileListing::FileListing(std::string prefix, std::vector<FoundFile> found, std::int64_t settledBefore,
                         const FileListing* earlier) {
  ListingBuilder builder(std::move(prefix), earlier);
  for (FoundFile& one : found) {
    if (one.fault) {
      builder.add("", one.relativePath, one.identity, std::move(*one.fault));
    } else {
      builder.add("", one.relativePath, one.identity, one.lastChange < settledBefore);
    }
  }
  *this = std::move(builder).build();
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

ListingBuilder::ListingBuilder(std::string prefix, const FileListing* earlier) {
  made_.prefix_ = std::move(prefix);
  if (earlier == nullptr) return;
  earlier_ = earlier->files();
  made_.files_.reserve(earlier_.size());
}

void ListingBuilder::add(std::string_view folder, std::string_view name, const FileIdentity& identity,
                         bool settled) {
  made_.files_.push_back({pathOf(folder, name), identity, settled});
  made_.allSettled_ = made_.allSettled_ && settled;
}

void ListingBuilder::add(std::string_view folder, std::string_view name, const FileIdentity& identity,
                         SourceError fault) {
  made_.faults_.emplace(made_.files_.size(), std::move(fault));
  add(folder, name, identity, /*settled=*/false);
}

SharedPath ListingBuilder::pathOf(std::string_view folder, std::string_view name) {
  for (; !earlier_.empty(); earlier_ = earlier_.subspan(1)) {
    const SharedPath& next = earlier_.front().path;
    const int order = compareToParts(next, {made_.prefix_, folder, name});
    if (order == 0) return next;
    if (order > 0) break;
  }
  std::string path;
  path.reserve(made_.prefix_.size() + folder.size() + name.size());
  return path.append(made_.prefix_).append(folder).append(name);
}

void ListingBuilder::sort() {
  std::vector<SourceFile>& files = made_.files_;
  if (std::ranges::is_sorted(files, {}, &SourceFile::path)) return;
  std::map<SharedPath, SourceError> faults;
  for (auto& [index, fault] : made_.faults_) faults.emplace(files[index].path, std::move(fault));
  made_.faults_.clear();
  std::ranges::sort(files, {}, &SourceFile::path);
  for (auto& [path, fault] : faults) {
    const auto at = std::ranges::lower_bound(files, path, {}, &SourceFile::path);
    made_.faults_.emplace(static_cast<std::size_t>(at - files.begin()), std::move(fault));
  }
}

FileListing ListingBuilder::build() && {
  sort();
  return std::move(made_);
}

}  // namespace hydra_clients::manifest
