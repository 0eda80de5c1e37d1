#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_id.h"
#include "client/secret.h"
#include "reconcile/difference.h"
#include "secrets/outbox.h"

namespace hydra_clients::reconcile {

/// What became of one client's import.
struct ImportResult {
  enum class Kind : std::uint8_t {
    kImported,  ///< our POST created it
    kInSync,    ///< another created it meanwhile, equal to the manifest
    kConflict,  ///< another created it meanwhile, and differs
    kExists,    ///< it exists (only where ImportOptions::existingFails)
    kRefused,   ///< Hydra's own no
    kRetrying,  ///< not created: a fault outlived the tries
    kUnknown,   ///< sent, and nobody knows whether it was, or yet will be, carried out
    kWaiting,   ///< its secret could not be had
    kStopped,   ///< not tried: stopped, or nobody can be served
  };
  Kind kind = Kind::kStopped;
  ClientId id;             ///< as Hydra knows it
  SharedSecret generated;  ///< kImported, kUnknown: the secret that was made for it
  std::string sealed;      ///< the same, encrypted (SecretPolicy::seal)
  std::string liveStamp;   ///< kImported, kInSync, kConflict: metadata.hydra_clients.import of the client; ""
                           ///< without
  std::optional<secrets::Confirmed> confirmed;  ///< the secret of it that the outbox now holds, confirmed
  std::vector<Difference> differences;          ///< kConflict
  std::string message;                          ///< of a failure, in words
  std::optional<std::chrono::milliseconds> retryAfter;

  /// The client is not there as its manifest says.
  [[nodiscard]] bool failed() const { return kind != Kind::kImported && kind != Kind::kInSync; }
};

}  // namespace hydra_clients::reconcile
