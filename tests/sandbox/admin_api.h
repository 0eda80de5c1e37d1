// The handlers of Hydra's client API, over a Store: what each release does with a request that was routed to
// it.
#pragma once

#include <string>

#include "client.h"
#include "errors.h"
#include "message.h"
#include "store.h"
#include "validate.h"

namespace sandbox {

struct ApiSettings {
  ServerSettings server;
  int max_page_size = 0;  // 0: the dialect's own
  std::string public_url = "http://127.0.0.1:4444";
};

/// A response, or nothing at all: real Hydra's handler panics on ?limit=0 and the connection just ends.
struct Answer {
  Response response;
  bool hang_up = false;
};

class AdminApi {
 public:
  AdminApi(const Dialect& dialect, ApiSettings settings, Store& store)
      : dialect_(dialect), settings_(std::move(settings)), store_(store) {}

  Answer list(const Request& request);
  Response create(const Request& request);
  Response get(const std::string& id) const;
  Response replace(const Request& request, const std::string& id);
  Response patch(const Request& request, const std::string& id);
  Response replace_lifespans(const Request& request, const std::string& id);
  Response remove(const std::string& id);

  /// Puts a client there as a migration would: any id, also where POST refuses one. The error is a text.
  tl::expected<void, std::string> preload(std::string_view json);

  const Dialect& dialect() const { return dialect_; }

 private:
  /// UpdateClient: validates, stores, answers. `secret` is what to keep when the client brings none.
  Response update(Client client, const std::string& secret);
  Response missing(bool on_get) const;

  const Dialect& dialect_;
  ApiSettings settings_;
  Store& store_;
};

}  // namespace sandbox
