#pragma once

// The generated secrets of the control loop, from before Hydra hears of them until it is known which one is
// in force (design §6).

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tl/expected.hpp>

#include "client/client_id.h"
#include "client/secret.h"
#include "secrets/outbox.h"
#include "secrets/pgp.h"

namespace hydra_clients::reconcile {

/// A secret that is sealed and durable in the outbox as a pending entry.
struct KeptSecret {
  SharedSecret secret;
  std::string stamp;       ///< the entry's; goes into metadata.hydra_clients.import
  bool ambiguous = false;  ///< an earlier POST with it may have arrived, or may yet
};

/// Makes each generated secret, seals it for the recipients and has it in the outbox before it is handed out.
/// Within this process every try of a client gets the same secret and stamp; what an earlier process left
/// pending is told apart by its stamp once the client exists.
///
/// The outbox is opened at the begin of a cycle and not before, and each further cycle looks whether it still
/// stands: a folder that cannot be used now keeps the clients that need it waiting, and is looked at again in
/// the next cycle. Once it was open it is never begun anew by this process: it is waited for.
///
/// Thread-safe: `mutex_` guards the open outbox and what is remembered; gpg and the disk are waited for
/// without it.
class SecretKeeper {
 public:
  /// `pgp` has the recipients, and must outlive this.
  SecretKeeper(std::string folder, secrets::Pgp& pgp);

  /// Opens the outbox where it is not open, does not stand any more, or was of no use in the last cycle. Not
  /// while secrets are asked for.
  void beginCycle();
  /// Why no secret can be kept now, or one could not be in this cycle, in words; nullopt where each can.
  [[nodiscard]] std::optional<std::string> obstacle() const;

  /// What the outbox had to say of its folder when it was opened, once.
  [[nodiscard]] std::vector<std::string> takeWarnings();

  /// The error says why the secret could not be kept: then nothing may be sent.
  [[nodiscard]] tl::expected<KeptSecret, std::string> secretFor(const ClientId& id);

  /// A POST with it may have been sent, and nobody knows whether it was, or yet will be, carried out.
  /// Allocates nothing.
  void mayHaveArrived(const ClientId& id);
  /// Hydra has refused every POST with it: it will never be in force.
  void refused(const ClientId& id);
  /// The client exists, with this stamp ("": none). Whether its secret is one of ours, and where it stands.
  [[nodiscard]] tl::expected<std::optional<secrets::Confirmed>, std::string> exists(
      const ClientId& id, std::string_view liveStamp);

  /// The clients with entries of which nobody knows yet what became of them.
  [[nodiscard]] std::vector<ClientId> pendingIds() const;
  /// How many entries those are; nullopt where the outbox is not open.
  [[nodiscard]] std::optional<std::size_t> pending() const;

  /// Forgets the secrets of clients that are not to be tried again; their entries stay.
  void keepOnly(const std::function<bool(const ClientId&)>& keep);

 private:
  [[nodiscard]] std::shared_ptr<secrets::Outbox> opened() const;
  [[nodiscard]] std::optional<KeptSecret> remembered(const ClientId& id, const secrets::Outbox& outbox) const;
  void failed(const std::string& unkept = "");

  void open(const std::string& why);

  const std::string folder_;
  secrets::Pgp& pgp_;
  mutable std::mutex mutex_;
  std::shared_ptr<secrets::Outbox> outbox_;
  std::string problem_ = "the outbox is not open yet";  ///< while outbox_ is null
  std::string
      unkept_;  ///< why secrets could not be kept in this cycle: of several reasons the first by alphabet
  std::vector<std::string> warnings_;
  bool wasOpen_ = false;  ///< by this process, at some time
  bool reopen_ = false;   ///< a write has failed: whether the folder is still the same is looked at again
  std::unordered_map<ClientId, KeptSecret> kept_;  ///< at most one a manifest that is being tried
};

}  // namespace hydra_clients::reconcile
