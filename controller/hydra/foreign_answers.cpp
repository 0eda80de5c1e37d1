#include "hydra/foreign_answers.h"

namespace hydra_clients::hydra {

void ForeignAnswers::own() {
  const std::scoped_lock lock(mutex_);
  ownSeen_ = true;
  inARow_ = 0;
}

bool ForeignAnswers::foreign(const AdminError& error) {
  const std::scoped_lock lock(mutex_);
  last_ = error;
  return ++inARow_ >= kMostInARow;
}

std::optional<AdminError> ForeignAnswers::verdict() const {
  const std::scoped_lock lock(mutex_);
  return !ownSeen_ || inARow_ >= kMostInARow ? last_ : std::nullopt;
}

}  // namespace hydra_clients::hydra
