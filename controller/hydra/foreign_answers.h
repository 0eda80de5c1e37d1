#pragma once

#include <mutex>
#include <optional>

#include "hydra/admin_api.h"

namespace hydra_clients::hydra {

/// Answers that are not Hydra's own: from how many on, in a row, nobody can be served. One alone may be a
/// firewall's no to this one client, or a fault of this one client's. Thread-safe.
class ForeignAnswers {
 public:
  static constexpr int kMostInARow = 10;

  void own();
  /// true: it is one too many.
  bool foreign(const AdminError& error);
  /// The answer that shows that nobody could be served: too many in a row, or nothing else at all.
  [[nodiscard]] std::optional<AdminError> verdict() const;

 private:
  mutable std::mutex mutex_;  ///< guards all below
  int inARow_ = 0;
  bool ownSeen_ = false;
  std::optional<AdminError> last_;
};

}  // namespace hydra_clients::hydra
