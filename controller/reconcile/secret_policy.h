#pragma once

#include <functional>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "client/secret.h"
#include "client/secret_source.h"
#include "secrets/reference.h"

namespace hydra_clients::reconcile {

/// Which secrets may be sent.
struct SecretPolicy {
  secrets::ReferenceOptions references;
  /// `import` prints (or encrypts) what it generates; `run` has nowhere to keep it and waits.
  bool generate = false;
  /// Encrypts what was generated, before anything is sent; empty: it stays in the clear.
  std::function<tl::expected<std::string, std::string>(const Secret&)> seal;
};

/// A secret to be sent with a POST; null where the client needs none.
struct PreparedSecret {
  SharedSecret secret;
  bool generated = false;
  std::string sealed;  ///< the generated secret as an ASCII-armored PGP message, where it was to be sealed
};

/// The secret that the source asks for, or why it cannot be had yet, in words.
[[nodiscard]] tl::expected<PreparedSecret, std::string> prepareSecret(const SecretSource& source,
                                                                      const SecretPolicy& policy);

}  // namespace hydra_clients::reconcile
