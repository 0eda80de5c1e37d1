#include "reconcile/secret_keeper.h"

#include <utility>

#include "secrets/generator.h"

namespace hydra_clients::reconcile {
namespace {

std::vector<std::string> fingerprintsOf(const secrets::Pgp& pgp) {
  std::vector<std::string> fingerprints;
  for (const secrets::Recipient& recipient : pgp.recipients()) fingerprints.push_back(recipient.fingerprint);
  return fingerprints;
}

}  // namespace

SecretKeeper::SecretKeeper(std::string folder, secrets::Pgp& pgp) : folder_(std::move(folder)), pgp_(pgp) {}

void SecretKeeper::beginCycle() {
  const std::scoped_lock lock(mutex_);
  unkept_.clear();
  const auto stands = outbox_ ? outbox_->stillStands() : tl::expected<void, std::string>();
  if (outbox_ && stands && !reopen_) return;
  open(stands ? "" : stands.error());
}

/// `why`: what has befallen the one that was open; "" where that is not known, or there was none.
void SecretKeeper::open(const std::string& why) {
  const std::size_t wasPending = outbox_ ? outbox_->pending() : 0;
  outbox_.reset();  // first: its lock is ours, and its volume may be waited for
  auto opened = secrets::Outbox::open(
      folder_, wasOpen_ ? secrets::Beginning::kForbidden : secrets::Beginning::kAllowed);
  reopen_ = false;
  if (!opened) {
    problem_ = std::move(opened.error());
    return;
  }
  outbox_ = std::move(*opened);
  wasOpen_ = true;
  warnings_ = outbox_->warnings();
  if (!why.empty())
    warnings_.push_back(why + "; of " + std::to_string(wasPending) + " pending secrets " +
                        std::to_string(outbox_->pending()) + " are there now");
}

std::optional<std::string> SecretKeeper::obstacle() const {
  const std::scoped_lock lock(mutex_);
  if (!outbox_) return problem_;
  return unkept_.empty() ? std::nullopt : std::optional(unkept_);
}

std::vector<std::string> SecretKeeper::takeWarnings() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(warnings_, {});
}

std::shared_ptr<secrets::Outbox> SecretKeeper::opened() const {
  const std::scoped_lock lock(mutex_);
  return outbox_;
}

std::optional<KeptSecret> SecretKeeper::remembered(const ClientId& id, const secrets::Outbox& outbox) const {
  const std::scoped_lock lock(mutex_);
  const auto kept = kept_.find(id);
  if (kept == kept_.end() || !outbox.holds(id, kept->second.stamp)) return std::nullopt;
  return kept->second;
}

tl::expected<KeptSecret, std::string> SecretKeeper::secretFor(const ClientId& id) {
  const auto outbox = opened();
  if (!outbox) return tl::unexpected(obstacle().value_or("the outbox was closed"));
  if (auto kept = remembered(id, *outbox)) return std::move(*kept);
  KeptSecret kept{std::make_shared<const Secret>(secrets::generateClientSecret()), randomUuid(), false};
  const auto sealed = pgp_.encrypt(*kept.secret);
  if (!sealed) return tl::unexpected("its secret cannot be encrypted: " + sealed.error());
  auto written = outbox->addPending(id, kept.stamp, *sealed, fingerprintsOf(pgp_));
  if (!written) {
    failed(written.error());
    return tl::unexpected(std::move(written.error()));
  }
  const std::scoped_lock lock(mutex_);
  kept_.insert_or_assign(id, kept);
  return kept;
}

/// `unkept`: why a secret could not be kept.
void SecretKeeper::failed(const std::string& unkept) {
  const std::scoped_lock lock(mutex_);
  reopen_ = true;
  if (!unkept.empty() && (unkept_.empty() || unkept < unkept_)) unkept_ = unkept;
}

void SecretKeeper::mayHaveArrived(const ClientId& id) {
  const std::scoped_lock lock(mutex_);
  if (const auto kept = kept_.find(id); kept != kept_.end()) kept->second.ambiguous = true;
}

void SecretKeeper::refused(const ClientId& id) {
  std::string stamp;
  {
    const std::scoped_lock lock(mutex_);
    const auto kept = kept_.find(id);
    if (kept == kept_.end()) return;
    stamp = kept->second.stamp;
    kept_.erase(kept);
  }
  if (const auto outbox = opened(); outbox && !outbox->drop(id, stamp)) failed();  // it stays pending
}

tl::expected<std::optional<secrets::Confirmed>, std::string> SecretKeeper::exists(
    const ClientId& id, std::string_view liveStamp) {
  const auto outbox = opened();
  if (!outbox) return std::nullopt;
  auto resolution = outbox->resolve(id, liveStamp);
  if (!resolution) {
    failed();
    return tl::unexpected(std::move(resolution.error()));
  }
  if (!resolution->left.empty()) failed();
  const std::scoped_lock lock(mutex_);
  kept_.erase(id);
  return std::move(resolution->ours);
}

std::vector<ClientId> SecretKeeper::pendingIds() const {
  const auto outbox = opened();
  return outbox ? outbox->pendingIds() : std::vector<ClientId>();
}

std::optional<std::size_t> SecretKeeper::pending() const {
  const auto outbox = opened();
  if (!outbox) return std::nullopt;
  return outbox->pending();
}

void SecretKeeper::keepOnly(const std::function<bool(const ClientId&)>& keep) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(kept_, [&](const auto& entry) { return !keep(entry.first); });
}

}  // namespace hydra_clients::reconcile
