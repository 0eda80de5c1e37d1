#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "manifest/manifest.h"
#include "reconcile/secret_keeper.h"
#include "secrets/reference.h"

namespace hydra_clients::reconcile {

/// Which secrets may be sent.
struct SecretPolicy {
  secrets::ReferenceOptions references;
  /// What becomes of a client that needs a secret and states none.
  enum class Generated : std::uint8_t {
    kWaits,  ///< it is not sent
    kTold,   ///< `import`: made here and printed, or sealed and printed
    kKept    ///< `run`: made here, sealed, and in the outbox before anything is sent
  };
  Generated generated = Generated::kWaits;
  /// kTold: encrypts what was made, before anything is sent; empty: it stays in the clear.
  std::function<tl::expected<std::string, std::string>(const Secret&)> seal;
  /// kKept; null where nothing is sent (`plan`).
  SecretKeeper* keeper = nullptr;
};

/// A secret to be sent with a POST; null where the client needs none.
struct PreparedSecret {
  SharedSecret secret{};
  bool generated = false;
  std::string sealed{};    ///< kTold: the generated secret as an ASCII-armored PGP message
  std::string stamp{};     ///< of a generated secret: marks the client as this attempt's
  bool ambiguous = false;  ///< kKept: an earlier POST with it may have arrived
};

/// The secret that the manifest asks for, made where it is to be made; or why it cannot be had yet, in words.
[[nodiscard]] tl::expected<PreparedSecret, std::string> prepareSecret(const manifest::Manifest& manifest,
                                                                      const SecretPolicy& policy);

/// Why the manifest's secret cannot be had yet, in words; nullopt where it can. Makes none.
[[nodiscard]] std::optional<std::string> whyNoSecret(const manifest::Manifest& manifest,
                                                     const SecretPolicy& policy);

}  // namespace hydra_clients::reconcile
