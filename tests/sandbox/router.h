// From a request to what serves it, per release: httprouter (v1, v2.0-v2.3) or Go's ServeMux (v25 and later),
// with their redirects.
#pragma once

#include <optional>
#include <string>

#include "dialect.h"
#include "message.h"

namespace sandbox {

enum class Endpoint {
  list,
  create,
  get,
  replace,
  patch,
  remove,
  replace_lifespans,
  version,
  alive,
  ready,
  metrics,
  answered,  // by the router itself: Route::response
};

struct Route {
  Endpoint endpoint = Endpoint::answered;
  std::string id;
  Response response;
  bool to_admin = false;  // the redirect of v2.0 to v2.3 from /clients to /admin/clients
};

Route route(const Request& request, const Dialect& dialect);

/// "list", "create", …: the word by which counters and logs name an endpoint.
std::string_view endpoint_name(Endpoint endpoint);

}  // namespace sandbox
