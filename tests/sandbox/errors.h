// Hydra's errors: flat JSON bodies, {"error":…,"error_description":…}, with the status that each release
// gives.
#pragma once

#include <string>
#include <string_view>

#include "dialect.h"
#include "message.h"

namespace sandbox {

struct ApiError {
  int status;
  std::string error;
  std::string description;
};

ApiError invalid_metadata(std::string_view hint);
ApiError invalid_redirect_uri(std::string_view hint);
/// A 400 with a reason, "The request was malformed or contained invalid parameters".
ApiError bad_request(std::string reason);
ApiError missing_client();
/// v1.9 and v1.10 answer a GET of a missing client with this 401.
ApiError missing_client_401();
ApiError client_exists();
/// A 400 (!) that asks to be tried again.
ApiError concurrent_update();
/// 500 for every error that has no status of its own.
ApiError unrecognizable();
/// A body that is not a client, with Go's words for it.
ApiError undecodable(const std::string& go_error, const Dialect& dialect);

Response error_response(const ApiError& error);

/// An unknown route: HTML, text or JSON, as the release and the request's headers have it.
Response route_not_found(const Request& request, const Dialect& dialect);

}  // namespace sandbox
