#pragma once

// What the status server says to a request. No sockets here: connection.h moves the bytes.

#include <memory>
#include <string>
#include <string_view>

#include "telemetry/status_server.h"

namespace hydra_clients::telemetry {

/// The part of a request that matters. Views into it.
struct HttpQuestion {
  std::string_view method = {};
  std::string_view target = {};     ///< path, perhaps with a query
  std::string_view host = {};       ///< header Host
  std::string_view origin = {};     ///< header Origin, which browsers send
  std::string_view fetchSite = {};  ///< header Sec-Fetch-Site, which browsers send
  std::string_view revision = {};   ///< header Gitsync-Hash
  std::string_view knownTag = {};   ///< header If-None-Match
};

struct HttpAnswer {
  unsigned status = 200;
  std::string_view contentType = "text/plain; charset=utf-8";
  std::string_view allow;                   ///< header Allow, of a 405
  std::shared_ptr<const std::string> body;  ///< never null
  std::string tag = {};                     ///< header ETag
  bool isPage = false;                      ///< a browser is to hold it to the page's own rules
};

/// Never throws what a callback throws: that is a 500, without its words (they might hold what must not be
/// shown).
[[nodiscard]] HttpAnswer answerTo(const HttpQuestion& question, const StatusCallbacks& callbacks);

/// A plain-text answer of that status.
[[nodiscard]] HttpAnswer plainAnswer(unsigned status, std::string text);

}  // namespace hydra_clients::telemetry
