#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "client/client_id.h"
#include "secrets/outbox_folder.h"

namespace hydra_clients::secrets {

/// A client's secret in its final place.
struct Confirmed {
  std::string file;  ///< the path of the `.asc`: `gpg -d` of it is the secret
  bool again =
      false;  ///< an older secret of the same client stands beside it: its application needs the new one
  bool wasThere = false;  ///< confirmed before this call, by a process that did not come to remove the entry
};

/// What became of a client's pending entries.
struct Resolution {
  std::optional<Confirmed> ours;  ///< nothing: the client carries another's stamp, and its secret is not here
  std::size_t dropped = 0;        ///< entries removed: of attempts that were not the one
  /// Why entries that should be gone are still there, in words; "" where all are. They stay pending,
  /// harmless, and the next call tries again.
  std::string left;
};

/// The folder that receives generated secrets, encrypted (design §6). A secret is written here before Hydra
/// hears of it, so that no crash, lost answer or full disk loses it:
///
///     auto outbox = Outbox::open("/var/lib/hydra-clients/outbox");
///     if (!outbox) …                                   // in use, not ours, read-only: in words
///     const std::string stamp = randomUuid();
///     if (auto kept = (*outbox)->addPending(id, stamp, armored, fingerprints); !kept) …   // do not POST
///     POST, with the stamp in the client's metadata
///     once Hydra says that the client is there, and with which stamp:
///     auto resolution = (*outbox)->resolve(id, liveStamp);
///
/// Only presence resolves an entry: a 404 proves nothing, since an earlier POST can still commit. So entries
/// of killed processes stay, are read by `open`, and wait for `resolve`.
///
/// Only ciphertext comes here. Nothing is ever overwritten; a file that is not understood is never removed.
/// Each error is in words that say what to do, and leaves no temporary file.
///
/// Thread-safe, but calls about one client must follow each other. No lock is held while the disk works, so
/// that many callers' fsyncs share the file system's commits.
class Outbox {
 public:
  /// Makes the folder where it is missing and that is allowed, takes its lock, removes what killed processes
  /// left half-written, and reads the pending entries (OutboxFolder::open says what is refused). Costs a read
  /// of each entry.
  static tl::expected<std::unique_ptr<Outbox>, std::string> open(const std::string& path,
                                                                 Beginning beginning = Beginning::kAllowed);
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox() = default;

  /// Keeps a sealed secret before its POST. Durable when it returns: written to a temporary name, fsync,
  /// rename, fsync of the folder. `stamp`: a random UUID, of this attempt alone. `armored`: the ASCII-armored
  /// message for `fingerprints`.
  [[nodiscard]] tl::expected<void, std::string> addPending(const ClientId& id, std::string_view stamp,
                                                           std::string_view armored,
                                                           const std::vector<std::string>& fingerprints);

  /// Hydra has the client, and it carries `liveStamp` ("": none). The entry of that stamp becomes the
  /// client's confirmed secret; its other entries are removed. Cheap where the client has no entry. After an
  /// error all entries are as they were, and the next call may do it.
  [[nodiscard]] tl::expected<Resolution, std::string> resolve(const ClientId& id, std::string_view liveStamp);

  /// Removes the entry of a POST that is known never to be carried out: Hydra refused it. After an error it
  /// stays pending, which loses nothing.
  [[nodiscard]] tl::expected<void, std::string> drop(const ClientId& id, std::string_view stamp);

  /// Whether this entry is pending, and still on the disk.
  [[nodiscard]] bool holds(const ClientId& id, std::string_view stamp) const;
  /// The clients that have pending entries, sorted.
  [[nodiscard]] std::vector<ClientId> pendingIds() const;
  /// How many entries are pending.
  [[nodiscard]] std::size_t pending() const;

  [[nodiscard]] const std::string& folder() const { return folder_.path(); }
  /// OutboxFolder::stillStands: what calls that write look at themselves, for who wants to know it before.
  [[nodiscard]] tl::expected<void, std::string> stillStands() const { return folder_.stillStands(); }
  /// What `open` found and went on with: damaged entries by name, a mode that it corrected.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  explicit Outbox(OutboxFolder folder) : folder_(std::move(folder)), warnings_(folder_.warnings()) {}
  [[nodiscard]] tl::expected<std::vector<std::string>, std::string> readPending();
  [[nodiscard]] tl::expected<void, std::string> takeEntry(const std::string& name);
  [[nodiscard]] std::vector<std::string> stampsOf(const ClientId& id) const;
  void forget(const ClientId& id, std::string_view stamp);
  [[nodiscard]] tl::expected<void, std::string> remove(const ClientId& id, const std::string& stamp);
  [[nodiscard]] tl::expected<Confirmed, std::string> confirm(const ClientId& id,
                                                             const std::string& stamp) const;
  [[nodiscard]] tl::unexpected<std::string> notConfirmed(const ClientId& id, std::string_view stamp,
                                                         const std::string& why) const;
  [[nodiscard]] std::optional<Confirmed> confirmedBefore(const ClientId& id, std::string_view stamp) const;
  [[nodiscard]] Confirmed confirmedAs(const ClientId& id, unsigned number) const;

  const OutboxFolder folder_;
  std::vector<std::string> warnings_;                                 ///< does not change after `open`
  mutable std::mutex mutex_;                                          ///< guards what follows
  std::map<ClientId, std::vector<std::string>, std::less<>> stamps_;  ///< of the pending entries
  std::size_t count_ = 0;
};

}  // namespace hydra_clients::secrets
