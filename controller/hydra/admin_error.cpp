#include "hydra/admin_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/utf8.h"
#include "hydra/retry.h"

namespace hydra_clients::hydra {
namespace {

using Kind = AdminError::Kind;

constexpr std::chrono::hours kLongestRetryAfter{1};
constexpr std::size_t kLongestTitle = 80;
constexpr int kHttpConflict = 409;

constexpr std::string_view kChosenIdRefused = "no longer possible to set an OAuth2 Client ID";
constexpr std::string_view kConcurrentUpdate = "Unable to serialize access due to a concurrent update";
constexpr std::string_view kMetadataBoilerplate =
    "The value of one of the Client Metadata fields is invalid and the server has rejected this request. "
    "Note that an "
    "Authorization Server MAY choose to substitute a valid value for any requested parameter of a Client's "
    "Metadata.";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Whether the words of somebody who is not Hydra may be shown: never where a client was sent, whose secret
/// they may repeat in a form that nobody thought of.
bool mayQuoteStrangers(Call call) { return call != Call::kCreate; }

bool isPage(const Response& response) {
  const auto first = response.body.find_first_not_of(" \t\r\n");
  return contains(response.headers.contentType, "text/html") ||
         (first != std::string::npos && response.body[first] == '<');
}

/// Its title, where it may be shown.
std::string titleOf(Call call, const std::string& page) {
  if (!mayQuoteStrangers(call)) return {};
  const auto begin = page.find("<title>");
  const auto end = page.find("</title>");
  if (begin == std::string::npos || end == std::string::npos || end < begin + 7) return {};
  return " (\"" + printable(std::string_view(page).substr(begin + 7, end - begin - 7), kLongestTitle) + "\")";
}

/// Hydra's own sentence without what it says every time.
std::string sentenceOf(const HydraFault& fault) {
  std::string_view text = fault.description.empty() ? fault.error : fault.description;
  if (text.starts_with(kMetadataBoilerplate)) {
    text.remove_prefix(kMetadataBoilerplate.size());
    if (text.find_first_not_of(' ') == std::string_view::npos) {
      return "one of the client's fields is invalid; Hydra does not say which (it says the same where it "
             "cannot fetch "
             "the sector_identifier_uri)";
    }
  }
  while (text.starts_with(' ')) text.remove_prefix(1);
  return printable(text);
}

AdminError make(Kind kind, const Response& response, bool mayHaveArrived, std::string message) {
  AdminError error;
  error.kind = kind;
  error.status = response.status;
  error.mayHaveArrived = mayHaveArrived;
  error.hydrasOwn = parseFault(response).has_value();
  error.message = std::move(message);
  error.retryAfter = parseRetryAfter(response.headers.retryAfter, response.headers.date, kLongestRetryAfter);
  return error;
}

std::string statusText(const Response& response) { return "HTTP " + std::to_string(response.status); }

AdminError foreign(Call call, const Response& response, const std::string& where, const std::string& hint) {
  std::string what =
      isPage(response) ? "a page" + titleOf(call, response.body) : "something that is not Hydra's";
  return make(Kind::kNotHydra, response, /*mayHaveArrived=*/false,
              where + " answers " + statusText(response) + " with " + what + ": " + hint);
}

AdminError badRequest(Call call, const Response& response, const std::string& where) {
  if (contains(response.body, "Client sent an HTTP request to an HTTPS server") ||
      contains(response.body, "plain HTTP request was sent to HTTPS port")) {
    return make(Kind::kNotHydra, response, false,
                where +
                    " speaks TLS on this port: use https:// instead of http:// (with --ca-file for a CA of "
                    "your own)");
  }
  const auto fault = parseFault(response);
  if (!fault) return foreign(call, response, where, "is a proxy in front that refuses the request?");
  if (contains(fault->error, kConcurrentUpdate)) {
    return make(Kind::kBusy, response, false,
                "Hydra's database was busy with another update of the same rows");
  }
  if (refusesChosenIds(response)) {
    return make(Kind::kRefused, response, false,
                "this Hydra (v2.0 or v2.1) assigns every client_id itself: a client_id of one's own needs "
                "Hydra 2.2 or "
                "newer");
  }
  if (call == Call::kCreate) return make(Kind::kRefused, response, false, sentenceOf(*fault));
  return make(Kind::kServerFault, response, false,
              where + " answers " + statusText(response) + ": " + sentenceOf(*fault));
}

AdminError unauthorized(const Response& response, const std::string& where) {
  std::string said;
  if (const auto fault = parseFault(response)) said = " (\"" + sentenceOf(*fault) + "\")";
  return make(
      Kind::kUnauthorized, response, false,
      where + " answers " + statusText(response) + said +
          ": Hydra's admin API asks for no credentials, so what stands in front of it does; check the access "
          "token (--access-token-file) or the headers (--header)");
}

AdminError serverFault(Call call, const Response& response, const Dialect& dialect,
                       const std::string& where) {
  const auto fault = parseFault(response);
  const bool maySayRefused = dialect.family == Family::kV1 || dialect.family == Family::kV2_0;
  if (call == Call::kCreate && fault && fault->isUnrecognizable() && maySayRefused) {
    return make(
        Kind::kServerFault, response, true,
        "Hydra answers HTTP 500 without a reason; before v2.2 it does so too where it cannot decode a client "
        "(a field of the wrong type, a duration or a key that it does not know)");
  }
  if (!fault && isPage(response)) {
    return make(Kind::kServerFault, response, true,
                where + " answers " + statusText(response) + " with a page" + titleOf(call, response.body) +
                    ": the fault may be of a proxy in front");
  }
  const std::string said =
      fault && !fault->isUnrecognizable() ? ": " + sentenceOf(*fault) : "; see Hydra's log";
  return make(Kind::kServerFault, response, true, where + " answers " + statusText(response) + said);
}

AdminError badGateway(const Response& response, const std::string& where) {
  const auto fault = parseFault(response);
  if (fault && fault->isUnrecognizable()) {  // Hydra's TLS termination check answers in its own name
    return make(
        Kind::kNotHydra, response, false,
        where +
            " wants TLS, or to be told that a proxy did it: use https://, or --fake-tls-termination where "
            "Hydra allows that (SERVE_TLS_ALLOW_TERMINATION_FROM)");
  }
  return make(Kind::kBusy, response, true,
              where + " answers HTTP 502: what stands in front of Hydra cannot reach it");
}

AdminError redirect(Call call, const Response& response, const std::string& where) {
  const std::string to = mayQuoteStrangers(call) ? printable(response.headers.location, 200) : std::string();
  return make(Kind::kNotHydra, response, false,
              where + " answers with a redirect" + (to.empty() ? std::string() : " to " + to) +
                  ", which is never followed: give the final address as the endpoint");
}

}  // namespace

bool AdminError::transient() const {
  return kind == Kind::kUnreachable || kind == Kind::kBusy || kind == Kind::kServerFault;
}

bool AdminError::concernsEverybody() const { return kind == Kind::kNotHydra || kind == Kind::kUnauthorized; }

bool HydraFault::isUnrecognizable() const {
  return error == "error" && contains(description, "The error is unrecognizable");
}

bool HydraFault::saysMissing() const {
  return contains(error, "Unable to locate the resource") ||
         contains(description, "The requested OAuth 2.0 client does not exist");
}

std::optional<HydraFault> parseFault(const Response& response) {
  const auto body = json::parse(response.body);
  if (!body || !body->isObject()) return std::nullopt;
  const json::Value* error = body->find("error");
  if (error == nullptr || !error->isString()) return std::nullopt;
  const json::Value* description = body->find("error_description");
  const bool hasDescription = description != nullptr && description->isString();
  return HydraFault{error->text, hasDescription ? description->text : std::string()};
}

bool refusesChosenIds(const Response& response) {
  const auto fault = parseFault(response);
  return fault && contains(fault->description, kChosenIdRefused);
}

std::string printable(std::string_view text, std::size_t mostBytes) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= mostBytes) return out + "…";
    const std::size_t length = utf8Length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    const bool isControl = byte < 0x20 || byte == 0x7f ||
                           (length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
    if (length == 0) {
      out += '?';
    } else if (!isControl) {
      out += text.substr(0, length);
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

AdminError fromTransport(const TransportError& error) {
  constexpr std::array<std::pair<TransportError::Kind, Kind>, 8> kKinds{{
      {TransportError::Kind::kResolve, Kind::kUnreachable},
      {TransportError::Kind::kConnect, Kind::kUnreachable},
      {TransportError::Kind::kTls, Kind::kNotHydra},
      {TransportError::Kind::kTimeout, Kind::kUnreachable},
      {TransportError::Kind::kClosed, Kind::kUnreachable},
      {TransportError::Kind::kTooLarge, Kind::kMalformed},
      {TransportError::Kind::kProtocol, Kind::kNotHydra},
      {TransportError::Kind::kCancelled, Kind::kStopped},
  }};
  AdminError out;
  out.mayHaveArrived = error.mayHaveArrived;
  out.message = error.message;
  for (const auto& [transport, kind] : kKinds) {
    if (transport == error.kind) out.kind = kind;
  }
  return out;
}

AdminError fromResponse(Call call, const Response& response, const Dialect& dialect,
                        const std::string& where) {
  const int status = response.status;
  if (status >= 300 && status < 400) return redirect(call, response, where);
  switch (status) {
    case 400:
      return badRequest(call, response, where);
    case 401:
    case 403:
    case 407:
      return unauthorized(response, where);
    case 404:
    case 405:
      return foreign(call, response, where,
                     "is this Hydra's admin API (port 4445 by default), and is its path prefix right?");
    case 408:
    case 429:
    case 503:
    case 504:
      return make(Kind::kBusy, response, /*mayHaveArrived=*/status != 429,
                  where + " answers " + statusText(response) + ": it is busy or not ready");
    case kHttpConflict:
      if (call == Call::kCreate)
        return make(Kind::kExists, response, false, "a client of that id exists already");
      break;
    case 413:
      return make(Kind::kRefused, response, false,
                  where + " answers HTTP 413: the client is too large for what stands in front of Hydra");
    case 502:
      return badGateway(response, where);
    default:
      break;
  }
  if (status >= 500) return serverFault(call, response, dialect, where);
  if (status >= 400) {
    const auto fault = parseFault(response);
    if (!fault) return foreign(call, response, where, "is a proxy in front that refuses the request?");
    return make(Kind::kServerFault, response, false,
                where + " answers " + statusText(response) + ": " + sentenceOf(*fault));
  }
  return malformed(call, response, where, "not the answer that was asked for");
}

AdminError malformed(Call call, const Response& response, const std::string& where, std::string_view what) {
  if (isPage(response)) {
    return make(
        Kind::kNotHydra, response, true,
        where + " answers " + statusText(response) + " with a page" + titleOf(call, response.body) +
            " instead of JSON: is this Hydra's admin API (port 4445 by default), or a proxy's login page?");
  }
  return make(Kind::kMalformed, response, true,
              where + " answers " + statusText(response) + " with " + std::string(what));
}

}  // namespace hydra_clients::hydra
