#pragma once

// How far commits have come: announced by a webhook, seen as the newest of the source, in force.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/source.h"

namespace hydra_clients::reconcile {

/// The commit that a webhook announced last.
struct Announcement {
  using Time = std::chrono::system_clock::time_point;
  std::string revision;
  Time received;
  std::optional<Time> applied;  ///< since when it is, or was, in force; nullopt: not yet
};

/// The commits that wait to be in force, and since when. A commit is in force once a cycle over it ended that
/// read Hydra as well. Whoever can send a webhook can announce anything: what is kept is bounded. Used by one
/// thread.
class UnappliedCommits {
 public:
  using Time = Announcement::Time;

  /// A webhook says that this commit is there.
  void announced(const std::string& id, Time now);
  /// A reading of the source that began at `began` saw this commit as the newest; one without an id: a source
  /// that has no commits.
  void seen(const manifest::Revision& newest, Time began);
  /// It is in force, and so is what came before it. Without an id nothing is said.
  void applied(const std::string& id, Time now);

  /// When the oldest of the waiting commits was made, in seconds since 1970 (its committer's time; where that
  /// is not known, when it was announced or seen first); 0 where none waits.
  [[nodiscard]] std::int64_t oldest() const;
  [[nodiscard]] const std::optional<Announcement>& announcement() const { return announcement_; }

  static constexpr std::size_t kMostKept = 64;

 private:
  struct Waiting {
    std::string id;
    std::int64_t made;
    Time noted;
    bool seen;  ///< in the source, and not only announced
  };
  std::vector<Waiting>::iterator find(const std::string& id);
  void note(Waiting waiting);
  std::vector<Waiting> waiting_;  ///< by the time at which they were noted
  struct Applied {
    std::string id;
    Time since;
  };
  [[nodiscard]] const Applied* findApplied(const std::string& id) const;

  std::vector<Applied> applied_;  ///< the one in force last, after those that were; at most kMostKept
  std::optional<Announcement> announcement_;
};

}  // namespace hydra_clients::reconcile
