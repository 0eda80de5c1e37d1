#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler.h"

namespace simulate {

/// What happened, in order, and which rules were broken.
class History {
 public:
  explicit History(const Scheduler& scheduler) : scheduler_(scheduler) {}

  /// `who`: a replica, or kNobody for the world around them.
  void note(int who, const std::string& what);
  /// A rule that was broken. The first kMostBroken are kept.
  void broken(int who, const std::string& rule);

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const std::vector<std::string>& faults() const { return broken_; }
  /// Of all lines: equal histories have equal ones.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

  static constexpr std::size_t kMostBroken = 5;

 private:
  const Scheduler& scheduler_;
  std::vector<std::string> lines_;
  std::vector<std::string> broken_;
  std::uint64_t digest_ = 0xCBF29CE484222325U;  // FNV-1a
};

}  // namespace simulate
