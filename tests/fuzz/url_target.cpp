// URLs as Go reads them: parts that are consistent with each other, and origins that Hydra's own storing
// leaves as they are. Go's verdict itself is held against ours by tests/oracle/uris.

#include <string>

#include "client/canonical.h"
#include "client/go_url.h"
#include "client/json.h"
#include "memory_bound.h"
#include "property.h"

namespace hydra_clients::fuzz {
namespace {

constexpr std::size_t kMemoryMultiple = 64;

void requireParts(const GoUrl::Parsed& parsed, std::string_view text) {
  if (!parsed) {
    require(isOneLine(parsed.error()) && !parsed.error().empty(), "an error is one line", parsed.error());
    return;
  }
  const GoUrl& url = *parsed;
  require(url.scheme.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos,
          "a scheme is in lower case");
  require(url.scheme.size() <= text.size(), "a scheme is the text's beginning");
  require(url.opaque.empty() || (url.host.empty() && url.path.empty() && !url.userinfo),
          "an opaque URL has no other parts");
  require(!url.forceQuery || url.query.empty(), "a forced query is an empty one");
  require(!url.omitHost || (url.host.empty() && !url.userinfo), "without an authority there is no host");
  require(url.host.find(url.hostname()) != std::string::npos, "the host's name is a part of the host");
  const std::string port = url.port();
  require(port.find_first_not_of("0123456789") == std::string::npos, "a port is digits", port);
  require(port.empty() || url.host.ends_with(":" + port), "a port is the host's end");
  const std::size_t decoded = url.scheme.size() + url.opaque.size() + url.host.size() + url.path.size() +
                              url.query.size() + url.fragment.size();
  require(decoded <= text.size(), "decoding makes nothing longer");
}

/// What Hydra has stored it shows, and that is compared again: it must be its own canonical form.
void requireStableOrigin(std::string_view text) {
  const Field& field = *findField("allowed_cors_origins");
  const auto canonicalOf = [&](std::string origin) {
    json::Value list = json::Value::array();
    list.append(json::Value::string(std::move(origin)));
    return canonicalValue(field, &list);
  };
  const std::string once = canonicalOf(std::string(text));
  const auto stored = json::parse(once.empty() ? "\"\"" : once);
  require(stored.has_value() && stored->isString(), "one origin is stored as one string", once);
  requireEqual(canonicalOf(stored->text), once, "an origin as it is stored equals itself");
}

void run(std::string_view text) {
  requireParts(GoUrl::parse(text), text);
  requireParts(GoUrl::parseRequestUri(text), text);
  // JSON has only UTF-8 to offer.
  if (isOneLine(text)) requireStableOrigin(text);
}

}  // namespace
}  // namespace hydra_clients::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const hydra_clients::fuzz::MemoryBound bound(size, hydra_clients::fuzz::kMemoryMultiple);
  hydra_clients::fuzz::run(hydra_clients::fuzz::asText(bytes, size));
  return 0;
}
