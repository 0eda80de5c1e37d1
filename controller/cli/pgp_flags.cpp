#include "cli/pgp_flags.h"

#include <utility>

#include "cli/flags.h"
#include "hydra/admin_error.h"
#include "hydra/transport.h"

namespace hydra_clients::cli {
namespace {

constexpr std::size_t kLargestKey = 1u << 20;
constexpr std::chrono::milliseconds kFetchTimeout{15'000};

/// GET of a public key. A redirect is not followed: what stands at the URL is what is trusted.
tl::expected<std::string, std::string> fetch(const std::string& url, const std::string& caFile,
                                             const std::stop_token& stop) {
  const auto fail = [&](const std::string& why) { return tl::unexpected("the key at " + url + ": " + why); };
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return fail("it has no scheme; write https:// before it");
  const std::size_t path = url.find_first_of("/?", scheme + 3);
  auto endpoint = hydra::Endpoint::parse(url.substr(0, path));
  if (!endpoint) return fail(endpoint.error());
  const bool plain = endpoint->scheme == hydra::Endpoint::Scheme::kHttp && !endpoint->isLoopback();
  if (endpoint->scheme == hydra::Endpoint::Scheme::kUnix || plain) {
    return fail("a key must come over https, or anyone on the way could put in his own");
  }
  hydra::ConnectionOptions options;
  options.endpoint = std::move(*endpoint);
  options.caFile = caFile;
  options.timeout = kFetchTimeout;
  options.maxResponseBytes = kLargestKey;
  options.maxConnections = 1;
  options.isHydra = false;
  auto transport = hydra::makeTransport(options);
  if (!transport) return fail(transport.error());
  hydra::Request request;
  request.target = path == std::string::npos ? "/" : url.substr(path);
  if (request.target.starts_with('?')) request.target.insert(0, "/");
  const std::stop_callback cutOff(stop, [&] { (*transport)->cancelAll(); });
  auto response = (*transport)->send(request);
  if (!response) return fail(response.error().message);
  if (response->status >= 300 && response->status < 400) {
    return fail("it is a redirect to " + hydra::printable(response->headers.location) +
                ": give that URL if you trust it");
  }
  if (response->status != 200) return fail("HTTP status " + std::to_string(response->status));
  return std::move(response->body);
}

}  // namespace

void PgpFlags::addTo(CLI::App& command) {
  const auto group = [](CLI::Option* option) { option->group("Encryption of generated secrets"); };
  group(addFlag(command, "pgp-key", key_, "the recipient's public key: base64 of an armored or a binary key")
            ->type_name("BASE64"));
  group(
      addFlag(command, "pgp-key-url", url_, "the https URL of the recipient's public key")->type_name("URL"));
  group(addFlag(command, "keybase", keybaseUser_, "the Keybase user whose public key to encrypt for")
            ->type_name("USER"));
  group(addFlag(command, "keybase-url", keybaseBase_, "where Keybase is: a mirror of it")
            ->type_name("URL")
            ->capture_default_str());
}

tl::expected<std::string, std::string> PgpFlags::fetchKey(const std::string& caFile,
                                                          const std::stop_token& stop) const {
  if (!key_.empty()) return secrets::decodeKeyArgument(key_);
  return fetch(url_.empty() ? secrets::keybaseUrl(keybaseBase_, keybaseUser_) : url_, caFile, stop);
}

tl::expected<std::unique_ptr<secrets::Pgp>, std::string> PgpFlags::start(const std::string& caFile,
                                                                         const std::stop_token& stop) const {
  auto key = fetchKey(caFile, stop);
  if (!key) return tl::unexpected(std::move(key.error()));
  auto pgp = secrets::Pgp::start();
  if (!pgp) return pgp;
  auto recipient = (*pgp)->addRecipient(*key);
  if (!recipient) return tl::unexpected(std::move(recipient.error()));
  return pgp;
}

}  // namespace hydra_clients::cli
