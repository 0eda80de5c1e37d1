#pragma once

// The HTTP endpoint of design §9: the status page, /metrics, /healthz, /readyz, /status, POST /-/reconcile.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace hydra_clients::telemetry {

/// Which clients a status document names.
enum class StatusClients {
  kAll,
  kProblems,  ///< those that are neither in sync nor were imported
};

/// What the server answers with. All are called on the server's own thread, must not block, and must be
/// thread-safe.
struct StatusCallbacks {
  std::function<std::string()> metrics;  ///< exposition text
  /// The newest status document; null: 503.
  std::function<std::shared_ptr<const std::string>(StatusClients)> statusJson;
  std::function<bool()> healthy;  ///< the loop's heart beats
  std::function<bool()> ready;    ///< a cycle has read both sides
  /// Look now. `revision`: the Gitsync-Hash header where it is a hash, or empty. Gives the number of the
  /// cycle that will have looked: the status document of that one, or of a later one, tells what came of it.
  std::function<std::uint64_t(const std::string& revision)> reconcileNow;
};

enum class ServedPaths {
  kAll,
  kAllButMetrics,
  kMetrics,  ///< and the probes, beside them
};

struct ListenOptions {
  std::string listen;  ///< "127.0.0.1:9464", "unix:PATH": see parseListenAddress()
  ServedPaths paths = ServedPaths::kAll;
  /// What it is asked by, beside localhost and addresses. Other names are refused (421) what is not for
  /// everybody; with a token, by TLS and over a unix socket no name is looked at.
  std::vector<std::string> hosts = {};
  std::string tokenFile = {};           ///< what callers must show, read again when it changes; "": nothing
  std::string tlsCertificateFile = {};  ///< PEM, read again when it changes; "": in the clear
  std::string tlsKeyFile = {};          ///< of the certificate
};

/// Serves HTTP/1.0 and HTTP/1.1 on one thread of its own by Boost.Beast. A slow, stuck or hostile caller
/// delays nobody else: at most kMaxConnections at once (the oldest idle one gives way),
/// kRequestTimeoutSeconds for TLS to begin, for a request to arrive and for an answer to be taken (a second
/// more for each MiB of it), requests over kMaxRequestBytes are refused, and whoever still takes a large
/// document when four newer ones are under way is cut off. What a callback throws is a 500. `POST
/// /-/reconcile` is refused (403) where a browser sends it for a page of another site.
class StatusServer {
 public:
  /// The error names the address or the file, and the remedy. Listening when it returns. The callbacks live
  /// as long as the server.
  static tl::expected<std::unique_ptr<StatusServer>, std::string> start(const ListenOptions& options,
                                                                        StatusCallbacks callbacks);
  ~StatusServer();                            ///< stops listening, ends connections, joins its thread
  [[nodiscard]] std::string address() const;  ///< "127.0.0.1:9464", with the real port; "unix:PATH"

  static constexpr std::size_t kMaxConnections = 64;
  static constexpr std::uint64_t kMaxRequestBytes = 16 << 10;
  static constexpr int kRequestTimeoutSeconds = 5;

 private:
  struct Impl;
  explicit StatusServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hydra_clients::telemetry
