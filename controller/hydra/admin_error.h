#pragma once

// Answers that are no success, in words that a person can act on. Inside this room only.

#include <optional>
#include <string>
#include <string_view>

#include "hydra/admin_api.h"

namespace hydra_clients::hydra {

/// What was asked when the answer came.
enum class Call { kDetect, kList, kFind, kCreate };

/// The two fields of every error of Hydra's client API (hydra-admin-api §2.4).
struct HydraFault {
  std::string error;
  std::string description;

  /// Hydra's answer where it knows no better: a fault of its own, or, up to v2.1, a client that it cannot
  /// decode.
  [[nodiscard]] bool isUnrecognizable() const;
  /// v1.9 and v1.10 say "missing" with a 401.
  [[nodiscard]] bool saysMissing() const;
};

/// nullopt where the body is not Hydra's flat error.
[[nodiscard]] std::optional<HydraFault> parseFault(const Response& response);

/// Whether it is v2.0's and v2.1's refusal of a client_id of one's own.
[[nodiscard]] bool refusesChosenIds(const Response& response);

/// Text of a server, fit for a message: one line, no control characters, valid UTF-8, bounded.
[[nodiscard]] std::string printable(std::string_view text, std::size_t mostBytes = 500);

[[nodiscard]] AdminError fromTransport(const TransportError& error);

/// For an answer that is not what `call` wants. `where` names the endpoint.
[[nodiscard]] AdminError fromResponse(Call call, const Response& response, const Dialect& dialect,
                                      const std::string& where);

/// For an answer of the right status whose body is not what it should be.
[[nodiscard]] AdminError malformed(Call call, const Response& response, const std::string& where,
                                   std::string_view what);

}  // namespace hydra_clients::hydra
