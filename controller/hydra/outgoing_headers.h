#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <tl/expected.hpp>

#include "hydra/endpoint.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// The headers that every request carries, made once from the options. Thread-safe.
class OutgoingHeaders {
 public:
  /// Fails in words where a header or a token could not be sent as it is, or the token's file cannot be read.
  static tl::expected<std::unique_ptr<OutgoingHeaders>, std::string> make(const ConnectionOptions& options);

  using Sink = std::function<void(std::string_view name, std::string_view value)>;
  /// Hands over each header, Authorization included. The token's file is read again where it has changed; one
  /// that cannot be read for the moment leaves the last good token in force.
  void forEach(bool hasBody, const Sink& sink);
  /// Whether the user's own headers hold that one: they win over what the program would send.
  [[nodiscard]] bool isGiven(std::string_view lowerCaseName) const;
  /// Takes the access token and the values of headers out of an answer that may be shown to a person.
  void withholdFrom(Response& response);

 private:
  explicit OutgoingHeaders(const ConnectionOptions& options) : options_(options) {}
  [[nodiscard]] std::string readTokenFile();
  [[nodiscard]] SharedSecret authorization();

  static constexpr std::size_t kLongestToken = 64 << 10;

  ConnectionOptions options_;
  std::mutex mutex_;  ///< guards what follows
  SharedSecret authorization_;
  SharedSecret previousAuthorization_;  ///< that an answer under way may still repeat
  struct stat tokenFileSeen_ {};
};

/// What this program reads of a response's headers; `find` returns a header's value or "".
[[nodiscard]] ResponseHeaders readResponseHeaders(const std::function<std::string(const char* name)>& find);

}  // namespace hydra_clients::hydra
