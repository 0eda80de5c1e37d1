#include "manifest/sources/path_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "client/file_descriptor.h"
#include "client/wake_up.h"
#include "manifest/sources/folder_walk.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::uint32_t kNamesChanged = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr std::uint32_t kFolderGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED | IN_Q_OVERFLOW;
constexpr std::size_t kEventBytes = 64 << 10;
constexpr int kMostLinks = 40;  ///< on one way, as the kernel's own bound

/// One arming of inotify: what is watched until the next change.
class Watches {
 public:
  explicit Watches(const WatchedPaths& watched) : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_.valid()) {
      problem_ = "inotify is not to be had: " + describeErrno(errno);
      return;
    }
    for (const std::string& name : watched.names) watchTheWayTo(fs::absolute(name).lexically_normal());
    if (watched.tree) watchTree(*watched.tree);
  }

  [[nodiscard]] int fd() const { return inotify_.get(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// Takes what has come; true where it matters.
  [[nodiscard]] bool takeEvents() const {
    alignas(inotify_event) std::array<char, kEventBytes> buffer{};
    bool matters = false;
    for (;;) {  // bounded by the kernel's queue
      const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
      if (got <= 0) return matters;
      for (ssize_t at = 0; at < got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        matters = matters || doesMatter(*event);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    }
  }

 private:
  /// In each folder on the way, the one name that leads on. Where that is a link, the way to what it names as
  /// well.
  void watchTheWayTo(const fs::path& path) {
    std::vector<fs::path> ways{path};
    for (int links = 0; !ways.empty() && links <= kMostLinks; ++links) {
      const fs::path way = std::move(ways.back());
      ways.pop_back();
      for (fs::path step = way; step.has_relative_path(); step = step.parent_path()) {
        if (!step.has_filename()) continue;
        add(step.parent_path(), kNamesChanged | IN_CLOSE_WRITE, step.filename().string());
        std::error_code error;
        const fs::path target = fs::read_symlink(step, error);
        if (!error)
          ways.push_back((fs::weakly_canonical(step.parent_path(), error) / target).lexically_normal());
      }
    }
  }

  void watchTree(const fs::path& root) {
    if (!add(root, kNamesChanged | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
             ""))
      return;
    std::error_code error;
    std::size_t folders = 0;
    fs::recursive_directory_iterator entry(root, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      const bool hidden = entry->path().filename().string().starts_with('.');
      std::error_code ignored;
      if (!entry->is_directory(ignored)) continue;
      if (hidden) {
        entry.disable_recursion_pending();
        continue;
      }
      if (++folders > PathWatch::kMostFolders) {
        problem_ = "only the first " + std::to_string(PathWatch::kMostFolders) + " folders are watched";
        return;
      }
      add(entry->path(), kNamesChanged | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR, "");
    }
  }

  /// `name`: the one entry that matters; "" for all.
  bool add(const fs::path& folder, std::uint32_t events, const std::string& name) {
    const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), events | IN_MASK_ADD);
    if (watch < 0) {
      if (errno == ENOSPC || errno == ENOMEM) problem_ = "the kernel's limit of watches is reached";
      return false;
    }
    names_.emplace(watch, name);
    return true;
  }

  [[nodiscard]] bool doesMatter(const inotify_event& event) const {
    if ((event.mask & kFolderGone) != 0) return true;
    const std::string_view name = event.len > 0 ? event.name : "";
    const auto [begin, end] = names_.equal_range(event.wd);
    return std::any_of(begin, end, [&](const auto& watched) {
      if (!watched.second.empty()) return name == watched.second;
      if (name == "..data" || name.empty()) return true;
      if (name.starts_with('.')) return false;
      // A name that comes or goes may be a folder or a link to one; what is written is a file.
      return (event.mask & kNamesChanged) != 0 || name.ends_with(".json");
    });
  }

  FileDescriptor inotify_;
  std::multimap<int, std::string> names_;  ///< by watch
  std::string problem_;
};

/// Waits until `fd` can be read (true), the time has passed, or it is woken.
bool waitFor(int fd, const WakeUp& wakeUp, std::chrono::milliseconds time) {
  std::array<pollfd, 2> files{{{wakeUp.fd(), POLLIN, 0}, {fd, POLLIN, 0}}};
  return ::poll(files.data(), files.size(), static_cast<int>(time.count())) > 0 && files[1].revents != 0;
}

/// Takes changes until none come any more, or for too long.
void settle(const Watches& watches, const WakeUp& wakeUp) {
  const auto latest = steady_clock::now() + PathWatch::kLatest;
  while (steady_clock::now() < latest && waitFor(watches.fd(), wakeUp, PathWatch::kRest))
    (void)watches.takeEvents();
}

constexpr std::chrono::milliseconds kForever{-1};

}  // namespace

PathWatch::PathWatch(std::function<WatchedPaths()> what, std::function<void()> onChange,
                     std::function<void(const std::string&)> onProblem)
    : what_(std::move(what)),
      onChange_(std::move(onChange)),
      onProblem_(std::move(onProblem)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
  armed_.wait();
}

void PathWatch::run(const std::stop_token& stop) {
  const WakeUp wakeUp(stop);
  bool told = false;
  bool first = true;
  while (!stop.stop_requested()) {
    // Armed before anybody is told, so that what happens from now on is seen, and what happened is read.
    const Watches watches(what_());
    if (std::exchange(first, false)) {
      armed_.count_down();
    } else {
      onChange_();
    }
    if (!watches.problem().empty() && !std::exchange(told, true)) onProblem_(watches.problem());
    while (!stop.stop_requested()) {
      if (waitFor(watches.fd(), wakeUp, kForever) && watches.takeEvents()) break;
    }
    settle(watches, wakeUp);
  }
}

}  // namespace hydra_clients::manifest
