#pragma once

// "Look now": inotify on what shows a change of the manifests, and on what leads to it. Only a hint: what it
// misses, on a network file system for example, the next interval finds (design §5).

#include <chrono>
#include <functional>
#include <latch>
#include <stop_token>
#include <string>
#include <thread>

#include "manifest/sources/watched_paths.h"

namespace hydra_clients::manifest {

/// Watches names and trees, and every folder on the way to them, links on it included, so that a link that is
/// swapped by rename (git-sync, a ConfigMap's ..data) is seen as well as a file that is written. Changes that
/// come together are told together. Its one thread ends with it.
class PathWatch {
 public:
  /// `what` is asked, on its thread, before each time of watching. From its return on nothing is missed.
  /// `onChange` is called on its thread, after the changes came to rest. `onProblem`, once: watching is not
  /// possible, or not all of it; in words.
  PathWatch(std::function<WatchedPaths()> what, std::function<void()> onChange,
            std::function<void(const std::string&)> onProblem);

  /// Changes are told when none came for so long, …
  static constexpr std::chrono::milliseconds kRest{10};
  /// … but at the latest so long after the first.
  static constexpr std::chrono::milliseconds kLatest{50};
  static constexpr std::size_t kMostFolders = 4096;  ///< below the root; the others are not watched

 private:
  void run(const std::stop_token& stop);

  const std::function<WatchedPaths()> what_;
  const std::function<void()> onChange_;
  const std::function<void(const std::string&)> onProblem_;
  std::latch armed_{1};
  std::jthread thread_;
};

}  // namespace hydra_clients::manifest
