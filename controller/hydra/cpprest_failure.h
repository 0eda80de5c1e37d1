#pragma once

// What cpprest throws, in words that a person can act on. Apart from cpprest itself, so that it can be
// tested.

#include <optional>
#include <stdexcept>
#include <string>

#include "hydra/tls_trust.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// Thrown through cpprest where a new TLS context cannot be set up; what() is in words.
struct TlsSetupFailed final : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What is known of a request that failed.
struct CpprestFailure {
  std::string step;                 ///< what() of its exception: it names the step that failed
  int code = 0;                     ///< the number of its error code, whose category it has lost
  std::optional<bool> bodyTouched;  ///< whether any of the request's body was taken; nullopt without a body
  bool stale = false;               ///< a kept connection was found to have ended before it was used
  std::size_t overBytes = 0;        ///< the limit that the response was over; 0 where it was not
  std::string setup;                ///< words of TlsSetupFailed
  bool noDescriptors = false;       ///< none could be had when it had failed: cpprest does not say so itself
};

/// Whether not even the request's head went out, so that another connection may take the request.
/// cpprest 2.10.18 also keeps, and gives out again, a connection that it made and never connected.
[[nodiscard]] bool nothingWasWritten(const CpprestFailure& failure);

[[nodiscard]] TransportError inWords(const CpprestFailure& failure, const Request& request,
                                     const ConnectionOptions& options, const TlsTrust& trust);

}  // namespace hydra_clients::hydra
