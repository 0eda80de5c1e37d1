#include "telemetry/own_hosts.h"

#include <algorithm>
#include <cctype>

#include <boost/asio/ip/address.hpp>

namespace hydra_clients::telemetry {
namespace {

/// Without port and brackets, and without the dot that may end a name; "" where it cannot be told apart.
std::string hostOf(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const auto end = authority.find(bracketed ? ']' : ':');
  if (bracketed) {
    const auto rest = authority.substr(std::min(end, authority.size() - 1) + 1);
    if (end == std::string_view::npos || !(rest.empty() || rest.starts_with(':'))) return "";
    authority.remove_prefix(1);
  }
  std::string host(authority.substr(0, end - (bracketed ? 1 : 0)));
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
  if (host.ends_with('.')) host.pop_back();
  return host;
}

bool isAddress(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

/// Names that no DNS is asked for (RFC 6761 §6.3).
bool isLocalhost(const std::string& host) { return host == "localhost" || host.ends_with(".localhost"); }

}  // namespace

OwnHosts::OwnHosts(const std::vector<std::string>& names) {
  for (const std::string& name : names) names_.push_back(hostOf(name));
}

bool OwnHosts::include(std::string_view authority) const {
  if (authority.empty()) return true;
  const std::string host = hostOf(authority);
  if (host.empty()) return false;
  return isAddress(host) || isLocalhost(host) || std::ranges::find(names_, host) != names_.end();
}

}  // namespace hydra_clients::telemetry
