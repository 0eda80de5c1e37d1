#include "manifest/sources/fetch/fetch_storage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "client/file_io.h"
#include "client/one_line.h"
#include "client/state_folder.h"
#include "manifest/sources/folder_walk.h"
#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLink = "repository.git";
constexpr const char* kRepositories = "repositories";
constexpr const char* kOriginFile = "hydra-clients-origin";
constexpr std::size_t kLongestOrigin = 16u << 10;
constexpr mode_t kFileMode = 0600;

tl::unexpected<std::string> failedAt(const std::string& path, const std::string& what) {
  return tl::unexpected(path + ": cannot be " + what + ": " + describeErrno(errno));
}

std::string textOf(const FetchOrigin& origin) { return origin.url + '\n' + origin.ref + '\n'; }

/// What makeSuccessor() wrote there; "" where it cannot be read.
std::string originTextOf(const std::string& repository) {
  const FileDescriptor file(
      ::open((repository + '/' + kOriginFile).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::string text(kLongestOrigin, '\0');
  const ssize_t got = file.valid() ? readAll(file.get(), text) : 0;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

bool isFrom(const std::string& repository, const FetchOrigin& origin) {
  return originTextOf(repository) == textOf(origin);
}

/// The number that a repository's folder is named by; 0 of anything else.
unsigned numberOf(const fs::path& path) {
  const std::string name = path.filename().string();
  unsigned number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

std::string inRepositories(unsigned number) { return kRepositories + ('/' + std::to_string(number)); }

/// The number of the repository that the link leads to; 0 where there is none.
unsigned linkedFrom(const std::string& folder) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlink((folder + '/' + kLink).c_str(), target.data(), target.size());
  const std::string_view text(target.data(), length < 0 ? 0 : static_cast<std::size_t>(length));
  const unsigned number = numberOf(text);
  return text == inRepositories(number) ? number : 0;
}

std::vector<fs::path> entriesOf(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path());
  return entries;
}

void removeAll(const fs::path& path) {
  std::error_code ignored;  // what cannot be removed now is tried again at the next fetch
  fs::remove_all(path, ignored);
}

/// pack-….idx and pack-….pack, both there: all else in the folder is of a fetch that did not end.
bool isWhole(const fs::path& file) {
  const std::string end = file.extension().string();
  if (!file.filename().string().starts_with("pack-") || (end != ".pack" && end != ".idx")) return false;
  std::error_code error;
  return fs::exists(fs::path(file).replace_extension(end == ".idx" ? ".pack" : ".idx"), error);
}

void clearRepository(const fs::path& repository) {
  for (const fs::path& file : entriesOf(repository / "objects/pack")) {
    if (!isWhole(file)) removeAll(file);
  }
  // The locks of files that libgit2 was about to replace.
  for (const char* const folder : {"", "refs/heads"}) {
    for (const fs::path& file : entriesOf(repository / folder)) {
      if (file.extension() == ".lock") removeAll(file);
    }
  }
}

/// Whether a successor had begun to receive: its pack is there in part, or it is what abandon() leaves.
bool cameToNothing(const fs::path& successor) {
  return entriesOf(successor).empty() || !entriesOf(successor / "objects/pack").empty();
}

}  // namespace

std::string shown(const FetchOrigin& origin) {
  return origin.url + ", " + (origin.ref.empty() ? "HEAD" : origin.ref);
}

std::string repositoryLink(const std::string& stateFolder) { return stateFolder + '/' + kLink; }

std::optional<std::string> fetchedRepository(const std::string& stateFolder, const FetchOrigin& origin) {
  const unsigned number = linkedFrom(stateFolder);
  if (number == 0) return std::nullopt;
  std::error_code error;
  const fs::path real = fs::canonical(fs::path(stateFolder) / inRepositories(number), error);
  if (error || !isFrom(real.string(), origin)) return std::nullopt;
  return real.string();
}

tl::expected<FetchStorage, std::string> FetchStorage::open(const std::string& stateFolder,
                                                           const FetchOrigin& origin,
                                                           const std::function<void()>& waits,
                                                           bool holdsState) {
  if (auto made = makeStateFolder(stateFolder); !made) return tl::unexpected(std::move(made.error()));
  FetchStorage storage(stateFolder, origin);
  if (auto locked = storage.lock(waits); !locked) return tl::unexpected(std::move(locked.error()));
  if (const std::string other = holdsState ? "" : storage.otherUser(); !other.empty())
    return tl::unexpected("--state-dir: the state folder " + onOneLine(stateFolder) + " is in use by " +
                          other + ": give another --state-dir");
  std::error_code error;
  fs::create_directory(storage.repositories(), error);
  if (error) return tl::unexpected(storage.repositories() + ": cannot be made: " + error.message());
  storage.clearLeftovers();
  storage.current_ = fetchedRepository(stateFolder, origin);
  return storage;
}

tl::expected<void, std::string> FetchStorage::lock(const std::function<void()>& waits) {
  const std::string path = folder_ + "/fetch.lock";
  lock_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!lock_.valid()) return failedAt(path, "opened");
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  waits();
  while (::flock(lock_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return failedAt(path, "locked");
  }
  return {};
}

std::string FetchStorage::otherUser() const {
  const unsigned inForce = linkedFrom(folder_);
  const std::string text = inForce > 0 ? originTextOf(folder_ + '/' + inRepositories(inForce)) : "";
  const std::size_t end = text.find('\n');
  if (end == std::string::npos || text == textOf(origin_)) return "";
  const auto holder = stateFolderHolder(folder_);
  if (!holder) return "";
  return *holder + " for " + shown({text.substr(0, end), text.substr(end + 1, text.size() - end - 2)});
}

std::string FetchStorage::repositories() const { return folder_ + '/' + kRepositories; }

void FetchStorage::clearLeftovers() {
  const unsigned inForce = linkedFrom(folder_);
  for (const fs::path& entry : entriesOf(repositories())) {
    if (numberOf(entry) == inForce && inForce > 0) {
      clearRepository(entry);
    } else {
      successorFailed_ = successorFailed_ || (numberOf(entry) > inForce && cameToNothing(entry));
      removeAll(entry);
    }
  }
}

bool FetchStorage::isOvergrown() const {
  if (!current_ || successorFailed_) return false;
  std::size_t packs = 0;
  std::uint64_t bytes = 0, largest = 0;
  for (const fs::path& file : entriesOf(fs::path(*current_) / "objects/pack")) {
    std::error_code error;
    const std::uint64_t size = file.extension() == ".pack" ? fs::file_size(file, error) : 0;
    if (size == 0 || error) continue;
    ++packs;
    bytes += size;
    largest = std::max(largest, size);
  }
  return packs > kMostPacks || bytes - largest > largest + kAllowedGrowth;
}

tl::expected<std::string, std::string> FetchStorage::makeSuccessor() {
  unsigned highest = 0;
  for (const fs::path& entry : entriesOf(repositories())) highest = std::max(highest, numberOf(entry));
  std::string path = repositories() + '/' + std::to_string(highest + 1);
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT | GIT_REPOSITORY_INIT_MKDIR;
  options.initial_head = kFetchedRef;
  git_repository* made = nullptr;
  const int error = git_repository_init_ext(&made, path.c_str(), &options);
  const RepositoryHandle repository(made);
  if (error != 0) return tl::unexpected(path + ": no repository can be made there: " + gitErrorText());
  if (!replaceDurably(path, kOriginFile, textOf(origin_)))
    return failedAt(path + '/' + kOriginFile, "written");
  return path;
}

tl::expected<void, std::string> FetchStorage::putInForce(const std::string& successor) {
  const fs::path link = fs::path(folder_) / kLink;
  const fs::path fresh = fs::path(folder_) / ("." + std::string(kLink) + ".new");
  const unsigned before = linkedFrom(folder_);
  removeAll(fresh);
  if (::symlink(inRepositories(numberOf(successor)).c_str(), fresh.c_str()) != 0 ||
      ::rename(fresh.c_str(), link.c_str()) != 0)
    return failedAt(link.string(), "made");
  const FileDescriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return failedAt(folder_, "written");
  if (before > 0) removeAll(fs::path(folder_) / inRepositories(before));
  current_ = successor;
  return {};
}

void FetchStorage::abandon(const std::string& successor, bool hadBegun) {
  removeAll(successor);
  if (!hadBegun) return;
  std::error_code ignored;
  fs::create_directory(successor, ignored);  // from which the next fetch sees that this one came to nothing
}

tl::expected<std::string, std::string> FetchStorage::makeHome(const std::string& knownHosts) const {
  const std::string home = folder_ + "/home";
  std::error_code error;
  fs::create_directories(home + "/.ssh", error);
  if (error) return tl::unexpected(home + ": cannot be made: " + error.message());
  if (!replaceDurably(home + "/.ssh", "known_hosts", knownHosts)) return failedAt(home, "written");
  return home;
}

}  // namespace hydra_clients::manifest
