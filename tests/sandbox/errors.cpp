#include "errors.h"

#include <algorithm>

#include "go_json.h"

namespace sandbox {
namespace {

constexpr std::string_view kMetadataText =
    "The value of one of the Client Metadata fields is invalid and the server has rejected this request. "
    "Note that an "
    "Authorization Server MAY choose to substitute a valid value for any requested parameter of a Client's "
    "Metadata.";

constexpr std::string_view kRouteText =
    "The requested route does not exist. Make sure you are using the right path, domain, and port.";

Response plain(int status, std::string type, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.set_header("Content-Type", std::move(type));
  return response;
}

std::string with_hint(std::string_view text, std::string_view hint) {
  return std::string(text) + (hint.empty() ? "" : " " + std::string(hint));
}

bool accepts(const std::string& header, std::string_view type) {
  return header.find(type) != std::string::npos;
}

}  // namespace

ApiError invalid_metadata(std::string_view hint) {
  return {400, "invalid_client_metadata", with_hint(kMetadataText, hint)};
}

ApiError invalid_redirect_uri(std::string_view hint) {
  return {400, "invalid_redirect_uri", with_hint("The value of one or more redirect_uris is invalid.", hint)};
}

ApiError bad_request(std::string reason) {
  return {400, "The request was malformed or contained invalid parameters", std::move(reason)};
}

ApiError missing_client() { return {404, "Unable to locate the resource", ""}; }

ApiError missing_client_401() {
  return {401, "The request could not be authorized",
          "The requested OAuth 2.0 client does not exist or you did not provide the necessary credentials"};
}

ApiError client_exists() {
  return {409, "Unable to insert or update resource because a resource with that value exists already", ""};
}

ApiError concurrent_update() {
  return {400, "Unable to serialize access due to a concurrent update in another session", ""};
}

ApiError unrecognizable() { return {500, "error", "The error is unrecognizable"}; }

ApiError undecodable(const std::string& go_error, const Dialect& dialect) {
  return dialect.decode_fault_is_500 ? unrecognizable()
                                     : bad_request("Unable to decode the request body: " + go_error);
}

Response error_response(const ApiError& error) {
  std::string description = error.description;
  std::replace(description.begin(), description.end(), '"', '\'');
  std::string body = "{\"error\":";
  go_json::append_quoted(body, error.error);
  body += ",\"error_description\":";
  go_json::append_quoted(body, description);
  return plain(error.status, "application/json", body + "}\n");
}

Response route_not_found(const Request& request, const Dialect& dialect) {
  if (dialect.servemux) return plain(404, "text/plain; charset=utf-8", "404 page not found\n");
  const std::string text = "Error 404 - " + std::string(kRouteText);
  const std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>404 - Route not found</title></head>\n"
      "<body><h1>Error 404</h1><p>" +
      std::string(kRouteText) + "</p></body>\n</html>\n";
  if (dialect.version == Version::v1_9) {  // chooses by the request's own Content-Type, and sends text/plain
    const std::string sent = request.header("Content-Type");
    if (accepts(sent, "text/html")) return plain(404, "text/html; charset=utf-8", html);
    return plain(404, "text/plain; charset=utf-8",
                 accepts(sent, "text/plain") ? text : "{\"error\": \"" + text + "\"}");
  }
  const std::string accept = request.header("Accept");
  if (accepts(accept, "text/html") ||
      (!accepts(accept, "application/json") && !accepts(accept, "text/plain"))) {
    return plain(404, "text/html; charset=utf-8", html);
  }
  if (!accepts(accept, "application/json")) return plain(404, "text/plain; charset=utf-8", text);
  return plain(404, "application/json; charset=utf-8",
               "{\n  \"error\": {\n    \"code\": 404,\n    \"message\": \"Not Found\",\n    \"reason\": \"" +
                   std::string(kRouteText) + "\"\n  }\n}" + (dialect.version >= Version::v2_1 ? "\n" : ""));
}

}  // namespace sandbox
