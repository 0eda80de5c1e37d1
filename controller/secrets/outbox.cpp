#include "secrets/outbox.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/file_io.h"
#include "client/one_line.h"
#include "secrets/outbox_files.h"
#include "secrets/sealed_message.h"

namespace hydra_clients::secrets {
namespace {

std::string pathOf(const OutboxFolder& folder, const std::string& name) { return folder.path() + "/" + name; }

std::string pendingPath(const OutboxFolder& folder, const std::string& name) {
  return pathOf(folder, std::string(kPendingFolder) + "/" + name);
}

/// "the secret of client app cannot be kept in DIR: …".
tl::unexpected<std::string> notKept(const ClientId& id, const OutboxFolder& folder, const std::string& why) {
  return tl::unexpected(onOneLine("the secret of client " + id + " cannot be kept in the outbox " +
                                  folder.path() + ": " + why));
}

}  // namespace

tl::expected<std::unique_ptr<Outbox>, std::string> Outbox::open(const std::string& path,
                                                                Beginning beginning) {
  auto folder = OutboxFolder::open(path, beginning);
  if (!folder) return tl::unexpected(std::move(folder.error()));
  std::unique_ptr<Outbox> outbox(new Outbox(std::move(*folder)));
  auto warnings = outbox->readPending();
  if (!warnings) return tl::unexpected(std::move(warnings.error()));
  std::ranges::move(*warnings, std::back_inserter(outbox->warnings_));
  return outbox;
}

tl::expected<std::vector<std::string>, std::string> Outbox::readPending() {
  const auto names = namesIn(folder_.pending());
  if (!names)
    return tl::unexpected(onOneLine(pathOf(folder_, std::string(kPendingFolder)) + " " + names.error()));
  FileWarnings warnings;
  for (const std::string& name : *names) {
    if (!name.starts_with(kTemporaryPrefix)) {
      // What a person damaged is named and left alone: it may be mended.
      if (const auto taken = takeEntry(name); !taken) {
        warnings.add(pendingPath(folder_, name) + " " + taken.error() +
                     "; it is left alone, and not taken for a pending secret");
      }
    } else if (unlinkat(folder_.pending(), name.c_str(), 0) != 0) {
      warnings.add(pendingPath(folder_, name) +
                   ", left by a killed process, cannot be removed: " + outboxError(errno));
    }
  }
  return warnings.all();
}

tl::expected<void, std::string> Outbox::takeEntry(const std::string& name) {
  auto facts = readRegularFile(folder_.pending(), name, kMaxSealedBytes).and_then(factsOf);
  if (!facts) return tl::unexpected(std::move(facts.error()));
  const std::string proper = pendingName(facts->id, facts->stamp);
  if (proper != name) return tl::make_unexpected("should have the name that its head stands for, " + proper);
  stamps_[facts->id].push_back(std::move(facts->stamp));
  ++count_;
  return {};
}

tl::expected<void, std::string> Outbox::addPending(const ClientId& id, std::string_view stamp,
                                                   std::string_view armored,
                                                   const std::vector<std::string>& fingerprints) {
  if (pending() >= kMaxOutboxEntries) {
    return notKept(id, folder_, "it holds " + std::to_string(kMaxOutboxEntries) + " pending entries already");
  }
  const SealedFacts facts{id, std::string(stamp), std::chrono::system_clock::now(), fingerprints};
  const auto text = withFacts(armored, facts);
  if (!text) return notKept(id, folder_, text.error());
  if (const auto stands = folder_.stillStands(); !stands)
    return tl::unexpected("the secret of client " + onOneLine(id) + " cannot be kept: " + stands.error());
  const Place place{folder_.pending(), pendingName(id, stamp)};
  if (!writeDurably(temporaryIn(place.folder), place, *text)) return notKept(id, folder_, outboxError(errno));
  const std::lock_guard lock(mutex_);
  stamps_[id].push_back(facts.stamp);
  ++count_;
  return {};
}

tl::expected<Resolution, std::string> Outbox::resolve(const ClientId& id, std::string_view liveStamp) {
  std::vector<std::string> stamps = stampsOf(id);
  Resolution resolution;
  if (stamps.empty()) return resolution;
  if (const auto stands = folder_.stillStands(); !stands) return tl::unexpected(stands.error());
  if (!liveStamp.empty()) resolution.ours = confirmedBefore(id, liveStamp);
  if (!resolution.ours && std::ranges::find(stamps, liveStamp) != stamps.end()) {
    auto confirmed = confirm(id, std::string(liveStamp));
    if (!confirmed) return tl::unexpected(std::move(confirmed.error()));
    resolution.ours = std::move(*confirmed);
  }
  // Until that, a crash may leave the secret under both names; the next call then finds the confirmed one.
  if (resolution.ours && fsync(folder_.descriptor()) != 0)
    return notConfirmed(id, liveStamp, outboxError(errno));
  if (resolution.ours && !resolution.ours->wasThere) {
    forget(id, liveStamp);
    std::erase(stamps, liveStamp);
  }
  for (const std::string& stamp : stamps) {
    const auto removed = remove(id, stamp);
    if (!removed) resolution.left = removed.error();
    if (removed && stamp != liveStamp) ++resolution.dropped;
  }
  return resolution;
}

tl::unexpected<std::string> Outbox::notConfirmed(const ClientId& id, std::string_view stamp,
                                                 const std::string& why) const {
  return tl::unexpected(onOneLine("the client " + id +
                                  " is in Hydra, but its secret cannot be moved out of " +
                                  pendingPath(folder_, pendingName(id, stamp)) + ": " + why));
}

tl::expected<Confirmed, std::string> Outbox::confirm(const ClientId& id, const std::string& stamp) const {
  const std::string from = pendingName(id, stamp);
  // Somebody may have damaged it since it was read or written.
  const auto facts = readRegularFile(folder_.pending(), from, kMaxSealedBytes).and_then(factsOf);
  if (!facts) return notConfirmed(id, stamp, "it " + facts.error());
  for (unsigned number = 1; number <= kMaxSecretsOfAClient; ++number) {
    if (renameToFree(folder_.pending(), from, folder_.descriptor(), confirmedName(id, number))) {
      return confirmedAs(id, number);
    }
    if (errno != EEXIST) return notConfirmed(id, stamp, outboxError(errno));
  }
  return notConfirmed(id, stamp,
                      "there are " + std::to_string(kMaxSecretsOfAClient) +
                          " secrets of this client already: move the oldest away");
}

/// Looked for before an entry is confirmed: a process may have died, or an fsync failed, after the rename.
std::optional<Confirmed> Outbox::confirmedBefore(const ClientId& id, std::string_view stamp) const {
  for (unsigned number = 1; number <= kMaxSecretsOfAClient; ++number) {
    const std::string name = confirmedName(id, number);
    if (!isThere(folder_.descriptor(), name)) return std::nullopt;
    const auto facts = readRegularFile(folder_.descriptor(), name, kMaxSealedBytes).and_then(factsOf);
    if (!facts || facts->id != id || facts->stamp != stamp) continue;
    Confirmed confirmed = confirmedAs(id, number);
    confirmed.wasThere = true;
    return confirmed;
  }
  return std::nullopt;
}

Confirmed Outbox::confirmedAs(const ClientId& id, unsigned number) const {
  const bool again = isThere(folder_.descriptor(), confirmedName(id, 2));  // which may be this one
  return {pathOf(folder_, confirmedName(id, number)), again};
}

tl::expected<void, std::string> Outbox::drop(const ClientId& id, std::string_view stamp) {
  const std::vector<std::string> stamps = stampsOf(id);
  const auto found = std::ranges::find(stamps, stamp);
  if (found == stamps.end()) return {};
  return remove(id, *found);
}

/// Not made durable: an entry that comes back after a crash waits for its client like any other.
tl::expected<void, std::string> Outbox::remove(const ClientId& id, const std::string& stamp) {
  const std::string name = pendingName(id, stamp);
  if (unlinkat(folder_.pending(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return tl::unexpected(
        onOneLine(pendingPath(folder_, name) + " cannot be removed: " + outboxError(errno)));
  }
  forget(id, stamp);
  return {};
}

std::vector<std::string> Outbox::stampsOf(const ClientId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = stamps_.find(id);
  return found == stamps_.end() ? std::vector<std::string>() : found->second;
}

void Outbox::forget(const ClientId& id, std::string_view stamp) {
  const std::lock_guard lock(mutex_);
  const auto found = stamps_.find(id);
  if (found == stamps_.end()) return;
  count_ -= std::erase(found->second, stamp);
  if (found->second.empty()) stamps_.erase(found);
}

bool Outbox::holds(const ClientId& id, std::string_view stamp) const {
  const std::vector<std::string> stamps = stampsOf(id);
  return std::ranges::find(stamps, stamp) != stamps.end() &&
         faccessat(folder_.pending(), pendingName(id, stamp).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

std::vector<ClientId> Outbox::pendingIds() const {
  const std::lock_guard lock(mutex_);
  std::vector<ClientId> ids;
  ids.reserve(stamps_.size());
  for (const auto& [id, stamps] : stamps_) ids.push_back(id);
  return ids;
}

std::size_t Outbox::pending() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace hydra_clients::secrets
