#include "hydra/service_watch.h"

namespace hydra_clients::hydra {

using std::chrono::steady_clock;

void ServiceWatch::served() {
  const std::scoped_lock lock(mutex_);
  reached_ = true;
  inARow_ = 0;
  silentPosts_ = 0;
  lastServed_ = steady_clock::now();
}

void ServiceWatch::answered() {
  const std::scoped_lock lock(mutex_);
  reached_ = true;
  inARow_ = 0;
}

bool ServiceWatch::failed(const AdminError& error) {
  const std::scoped_lock lock(mutex_);
  ++inARow_;
  last_ = error;
  isOver_ = isOver_ || isTooMuch(error);
  return isOver_;
}

bool ServiceWatch::postSilent(const AdminError& error) {
  const std::scoped_lock lock(mutex_);
  // One alone may be this client's own fault.
  if (++silentPosts_ > 1 && steady_clock::now() - lastServed_ >= longestSilence_) {
    last_ = error;
    isOver_ = true;
  }
  return isOver_;
}

bool ServiceWatch::isTooMuch(const AdminError& error) const {
  const bool tooMany = inARow_ >= kMostInARow;
  if (error.concernsEverybody()) return tooMany;  // waiting does not change it
  const auto unserved = steady_clock::now() - lastServed_;
  if (tooMany) return unserved >= patience_;
  return inARow_ > 1 && unserved >= longestSilence_;
}

std::optional<AdminError> ServiceWatch::verdict() const {
  const std::scoped_lock lock(mutex_);
  return isOver_ || !reached_ ? last_ : std::nullopt;
}

}  // namespace hydra_clients::hydra
