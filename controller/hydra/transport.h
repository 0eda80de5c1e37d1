#pragma once

// The one seam to HTTP: one request, one bounded response. Sockets of our own with Boost.Beast (http://,
// unix://) and cpprest (https://) stand behind it, and a test's stand-in.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/file_descriptor.h"
#include "client/secret.h"
#include "hydra/endpoint.h"

namespace hydra_clients::hydra {

enum class Method { kGet, kPost, kHead };
[[nodiscard]] std::string_view nameOf(Method);

struct Request {
  Method method = Method::kGet;
  std::string target;  ///< path and query, percent-encoded, below the endpoint's prefix:
                       ///< "/admin/clients?page_size=500"
  SharedSecret body;   ///< JSON; null without a body
  /// Of the response's body, as far as can be told beforehand; 0: nothing. It saves growing and copying; a
  /// body of another size costs no more than without it.
  std::size_t likelyBytes = 0;
};

/// Response headers that this program reads.
struct ResponseHeaders {
  std::string contentType;
  std::string link;
  std::string location;
  std::string retryAfter;
  std::string date;
  std::optional<std::uint64_t> totalCount;  ///< X-Total-Count
};

struct Response {
  int status = 0;
  ResponseHeaders headers;
  std::string body;
};

struct TransportError {
  enum class Kind {
    kResolve,  ///< the host's name is unknown
    kConnect,  ///< refused, unreachable, no such socket
    kTls,      ///< certificate not trusted, wrong name, TLS spoken to a plain port: it stays so until someone
               ///< acts
    kTimeout,  ///< `timeout` passed
    kClosed,   ///< the connection ended before the response did
    kTooLarge,   ///< the response is over maxResponseBytes
    kProtocol,   ///< what came back is not HTTP
    kCancelled,  ///< cancelAll() was called
  };
  Kind kind = Kind::kConnect;
  /// Whether the request can have reached Hydra. Decides every retry of a POST: false only where it certainly
  /// was not sent.
  bool mayHaveArrived = false;
  std::string message;  ///< in words a person can act on; names the endpoint
};

/// Sends requests to one endpoint over kept connections. Thread-safe: several threads may send side by side,
/// each blocked until its own response is whole, an error is certain, or `timeout` has passed. Never follows
/// a redirect, never uses a proxy, never sends a POST twice by itself.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual tl::expected<Response, TransportError> send(const Request& request) = 0;
  /// Ends all requests under way and refuses new ones. Thread-safe.
  virtual void cancelAll() = 0;
  /// The connection that the last request went over, where it is kept: a descriptor of the caller's own, to
  /// see by poll() when the other side ends it. Invalid where there is none; TLS shows one from its second
  /// request on. For a transport that one thread uses.
  [[nodiscard]] virtual FileDescriptor keptConnection() { return {}; }
  /// What it speaks to, for messages: "http://localhost:4445".
  [[nodiscard]] virtual std::string endpoint() const { return "the admin API"; }
};

/// What is wrong with the headers and the token as they were given, in words; nullopt where nothing is. Reads
/// no file.
[[nodiscard]] std::optional<std::string> mistakeIn(const ConnectionOptions& options);

/// A transport for the endpoint's scheme. Fails in words at a mistake in the options, and where the token, a
/// certificate or a key cannot be read from its file.
[[nodiscard]] tl::expected<std::unique_ptr<Transport>, std::string> makeTransport(
    const ConnectionOptions& options);

/// Told of every request: method, status code (0 for a transport error) and seconds. Called on the sending
/// thread.
using RequestObserver = std::function<void(Method, int code, double seconds)>;
[[nodiscard]] std::unique_ptr<Transport> observed(std::unique_ptr<Transport> transport,
                                                  RequestObserver observer);

}  // namespace hydra_clients::hydra
