#include "secrets/file_state.h"

namespace hydra_clients::secrets {

struct stat lookAt(const std::string& path) {
  struct stat seen {};
  if (path.empty() || stat(path.c_str(), &seen) != 0) seen = {};
  return seen;
}

bool sameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

}  // namespace hydra_clients::secrets
