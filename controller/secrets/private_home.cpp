#include "secrets/private_home.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secrets/agent.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "hydra-clients-gpg-";
constexpr std::string_view kLockName = "/in-use";
/// An agent's socket below the home must fit in sun_path (108 bytes), its name takes up to 28.
constexpr std::size_t kMaxPathBytes = 80;
/// Another starting process may remove our folder between its making and its locking.
constexpr int kMaxAttempts = 5;
/// A folder without a lock file is one that is being made just now, or was left at that moment.
constexpr std::chrono::minutes kUnlockedGrace{10};
constexpr int kMaxRemovals = 50;
constexpr std::chrono::milliseconds kPauseBetweenRemovals{10};
/// Folders looked at for removal, so that a start in a crowded /tmp stays quick.
constexpr int kMaxFoldersLookedAt = 10'000;

std::string words(int error) { return std::generic_category().message(error); }

/// Opens the lock file of `home` and takes the lock without waiting; -1 with errno where it cannot.
int lockHome(const std::string& home, int flags) {
  const int file =
      open((home + std::string(kLockName)).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (file < 0) return -1;
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  const int error = errno;
  close(file);
  errno = error;
  return -1;
}

/// The lock is worth something only while its file is still the one in the folder.
bool lockStillStands(const std::string& home, int lock) {
  struct stat held {};
  struct stat named {};
  return fstat(lock, &held) == 0 && lstat((home + std::string(kLockName)).c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/// The agent goes first. It takes its sockets away itself, at the same time as we: then removing them fails,
/// and is tried again.
void removeHome(const std::string& home) {
  endAgentOf(home);
  std::error_code error;
  for (int i = 0; i < kMaxRemovals; ++i) {
    fs::remove_all(home, error);
    if (!error) return;
    std::this_thread::sleep_for(kPauseBetweenRemovals);
  }
}

bool isOurFolder(const std::string& path, struct stat& info) {
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
         (info.st_mode & 0777) == 0700;
}

void removeIfDead(const std::string& home) {
  struct stat info {};
  if (!isOurFolder(home, info)) return;
  const int lock = lockHome(home, 0);
  if (lock >= 0) {
    removeHome(home);
    close(lock);
    return;
  }
  const bool withoutLock = errno == ENOENT;
  const auto age = std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(info.st_mtime);
  if (withoutLock && age > kUnlockedGrace) removeHome(home);
}

/// What killed processes of this user left below `base`: named as ours, owned by us, and locked by nobody.
void removeDeadHomes(const std::string& base) {
  std::error_code error;
  fs::directory_iterator entry(base, error);
  for (int i = 0; !error && entry != fs::directory_iterator() && i < kMaxFoldersLookedAt; ++i) {
    const fs::path path = entry->path();
    if (path.filename().string().starts_with(kPrefix)) removeIfDead(path.string());
    entry.increment(error);
  }
}

struct MadeHome {
  std::string path;
  int lock = -1;
};

tl::expected<MadeHome, std::string> makeHome(const std::string& base) {
  std::string path = base + "/" + std::string(kPrefix) + std::to_string(getpid()) + "-XXXXXX";
  if (base.empty() || base.front() != '/') return tl::make_unexpected("not an absolute path");
  if (path.size() > kMaxPathBytes) return tl::make_unexpected("too long for an agent's socket");
  removeDeadHomes(base);
  const std::string pattern = path;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    path = pattern;
    if (mkdtemp(path.data()) == nullptr) return tl::make_unexpected(words(errno));
    const int lock = lockHome(path, O_CREAT);
    const int error = errno;
    if (lock >= 0 && lockStillStands(path, lock)) return MadeHome{path, lock};
    if (lock >= 0) close(lock);
    std::error_code ignored;
    fs::remove_all(path, ignored);
    const bool takenByAnotherStart = lock >= 0 || error == EWOULDBLOCK || error == ENOENT;
    if (!takenByAnotherStart) return tl::make_unexpected(words(error));
  }
  return tl::make_unexpected("its folders are removed as soon as they are made");
}

}  // namespace

tl::expected<std::unique_ptr<PrivateHome>, std::string> PrivateHome::create(
    const std::vector<std::string>& bases) {
  std::string reasons;
  for (const std::string& base : bases) {
    auto made = makeHome(base);
    if (made) return std::unique_ptr<PrivateHome>(new PrivateHome(std::move(made->path), made->lock));
    reasons += (reasons.empty() ? "" : "; ") + base + ": " + made.error();
  }
  return tl::make_unexpected("no private folder for GnuPG can be made (" + reasons +
                             "): mount a writable, empty folder of memory at /tmp or set XDG_RUNTIME_DIR");
}

PrivateHome::~PrivateHome() {
  removeHome(path_);
  close(lock_);
}

std::vector<std::string> PrivateHome::defaultBases() {
  std::vector<std::string> bases;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime != '\0') bases.emplace_back(runtime);
  bases.insert(bases.end(), {"/dev/shm", "/tmp"});
  return bases;
}

}  // namespace hydra_clients::secrets
