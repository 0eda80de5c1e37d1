#include "secrets/confined_file.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hydra_clients::secrets {
namespace {

/// openat2 asks for another try when something was renamed on the way.
constexpr int kMaxOpenAttempts = 8;
constexpr std::size_t kMaxPathDepth = 256;
/// A FIFO or a device must not block the opening.
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// Whether one absolute path is below another, by their letters.
bool isInside(std::string_view path, std::string_view root) {
  return root == "/" || (path.starts_with(root) && path.size() > root.size() && path[root.size()] == '/');
}

class File {
 public:
  explicit File(int descriptor = -1) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool isOpen() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

int openBeneath(int root, const std::string& path) {
  struct open_how how {};
  how.flags = kReadFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  long file = -1;
  for (int i = 0; i < kMaxOpenAttempts; ++i) {
    file = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (file >= 0 || errno != EAGAIN) break;
  }
  return static_cast<int>(file);
}

/// Without openat2 (before Linux 5.6, or forbidden by an old seccomp profile): the links are resolved first,
/// the result is judged, and then opened name by name without following any link, so that a link put there
/// meanwhile leads nowhere.
int openResolved(const std::string& root, const std::string& path) {
  char realRoot[PATH_MAX];
  char realPath[PATH_MAX];
  if (realpath(root.c_str(), realRoot) == nullptr) return -1;
  if (realpath((std::string(realRoot) + "/" + path).c_str(), realPath) == nullptr) return -1;
  if (!isInside(realPath, realRoot)) {
    errno = EXDEV;
    return -1;
  }
  std::string rest = pathBelow(realPath, realRoot);
  File folder(open(realRoot, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  for (std::size_t depth = 0; folder.isOpen() && depth < kMaxPathDepth; ++depth) {
    const auto slash = rest.find('/');
    if (slash == std::string::npos) return openat(folder.get(), rest.c_str(), kReadFlags | O_NOFOLLOW);
    folder = File(
        openat(folder.get(), rest.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    rest.erase(0, slash + 1);
  }
  if (folder.isOpen()) errno = ENAMETOOLONG;
  return -1;
}

}  // namespace

std::string pathBelow(std::string_view path, std::string_view root) {
  if (!path.starts_with('/')) return std::string(path);
  while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
  if (!isInside(path, root)) return {};
  path.remove_prefix(root == "/" ? 1 : root.size());
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(path);
}

int openConfined(const std::string& root, const std::string& path, Confinement confinement) {
  if (confinement == Confinement::kResolved) return openResolved(root, path);
  const File folder(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.isOpen()) return -1;
  const int file = openBeneath(folder.get(), path);
  if (file < 0 && (errno == ENOSYS || errno == EPERM)) return openResolved(root, path);
  return file;
}

}  // namespace hydra_clients::secrets
