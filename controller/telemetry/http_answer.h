#pragma once

// What the status server says to a request. No sockets here: connection.h moves the bytes.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "telemetry/access_token.h"
#include "telemetry/own_hosts.h"
#include "telemetry/status_server.h"

namespace hydra_clients::telemetry {

/// The part of a request that matters. Views into it.
struct HttpQuestion {
  std::string_view method = {};
  std::string_view target = {};          ///< path, perhaps with a query
  std::string_view host = {};            ///< header Host
  std::string_view origin = {};          ///< header Origin, which browsers send
  std::string_view fetchSite = {};       ///< header Sec-Fetch-Site, which browsers send
  std::string_view revision = {};        ///< header Gitsync-Hash
  std::string_view knownTag = {};        ///< header If-None-Match
  std::string_view authorization = {};   ///< header Authorization
  std::string_view acceptEncoding = {};  ///< header Accept-Encoding
};

struct HttpAnswer {
  unsigned status = 200;
  std::string_view contentType = "text/plain; charset=utf-8";
  std::string_view allow;                   ///< header Allow, of a 405
  std::shared_ptr<const std::string> body;  ///< never null
  std::string tag = {};                     ///< header ETag
  bool isPage = false;                      ///< a browser is to hold it to the page's own rules
  bool isGzip = false;
  bool wantsToken = false;  ///< header WWW-Authenticate, of a 401
};

/// Answers the callers of one server. Used by one thread.
class HttpAnswers {
 public:
  /// `token`: what a caller must show for all but the probes, the metrics and the page's own files, which say
  /// nothing of anybody; null: nobody need show anything. `hosts`: what a caller must ask for, for the same;
  /// nullopt: for whatever it likes.
  HttpAnswers(StatusCallbacks callbacks, ServedPaths paths, std::unique_ptr<AccessToken> token,
              std::optional<OwnHosts> hosts)
      : callbacks_(std::move(callbacks)), paths_(paths), token_(std::move(token)), hosts_(std::move(hosts)) {}

  /// Never throws what a callback throws: that is a 500, without its words (they might hold what must not be
  /// shown).
  [[nodiscard]] HttpAnswer to(const HttpQuestion& question);

 private:
  void pack(HttpAnswer& answer, std::string_view acceptEncoding);

  StatusCallbacks callbacks_;
  ServedPaths paths_;
  std::unique_ptr<AccessToken> token_;
  std::optional<OwnHosts> hosts_;
  /// A large document as gzip, and what it came from.
  struct Packed {
    std::weak_ptr<const std::string> of;
    std::shared_ptr<const std::string> bytes;
  };
  /// The last two: of all clients, and of those with problems. Callers who ask for both in turn cost no more.
  std::array<Packed, 2> packed_;
};

/// A plain-text answer of that status.
[[nodiscard]] HttpAnswer plainAnswer(unsigned status, std::string text);

}  // namespace hydra_clients::telemetry
