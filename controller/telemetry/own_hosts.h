#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hydra_clients::telemetry {

/// The hosts that a caller in the clear may ask for. A page of an attacker's, in a browser of this network,
/// may point its own name at this server (DNS rebinding); to the browser it is then one site with it. So
/// whoever asks by a name asks by one that nobody else can own: localhost, an address, or a name that is
/// given.
class OwnHosts {
 public:
  /// `names`: in any case, without a port.
  explicit OwnHosts(const std::vector<std::string>& names);

  /// Whether a Host header or a target's authority (RFC 9110 §7.2) names one of them, with whatever port. An
  /// empty one does: no browser sends none.
  [[nodiscard]] bool include(std::string_view authority) const;

 private:
  std::vector<std::string> names_;  ///< in lower case
};

}  // namespace hydra_clients::telemetry
