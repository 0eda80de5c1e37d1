#include "manifest/sources/fetch/new_packs.h"

#include <system_error>

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;

std::set<fs::path> filesIn(const fs::path& folder) {
  std::error_code error;
  std::set<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    files.insert(entry->path());
  return files;
}

}  // namespace

NewPacks::NewPacks(const std::string& repository)
    : folder_(fs::path(repository) / "objects/pack"), before_(filesIn(folder_)) {}

NewPacks::~NewPacks() {
  if (kept_) return;
  for (const fs::path& file : filesIn(folder_)) {
    std::error_code ignored;
    if (before_.count(file) == 0) fs::remove(file, ignored);
  }
}

}  // namespace hydra_clients::manifest
