#include "cli/pgp_flags.h"

#include <algorithm>
#include <utility>

#include "cli/commands.h"
#include "cli/flags.h"
#include "client/one_line.h"
#include "hydra/admin_error.h"
#include "hydra/transport.h"
#include "secrets/key_expiry.h"
#include "secrets/secret_file.h"

namespace hydra_clients::cli {
namespace {

constexpr std::chrono::milliseconds kFetchTimeout{15'000};

/// A URL as it may be shown: without credentials, which may stand before the host or in the query.
std::string shown(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t at = url.rfind('@', path);
  const std::size_t from = at == std::string::npos || at < host ? host : at + 1;
  return onOneLine(url.substr(0, host) + url.substr(from, url.find_first_of("?#", from) - from));
}

/// GET of a public key, within kFetchTimeout in all. A redirect is not followed: what stands at the URL is
/// what is trusted.
tl::expected<std::string, std::string> fetch(const std::string& url, bool plainHttp,
                                             const std::string& caFile, const std::stop_token& stop) {
  const auto fail = [&](const std::string& why) {
    return tl::unexpected("the key at " + shown(url) + ": " + why);
  };
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return fail("it has no scheme; write https:// before it");
  const std::size_t path = url.find_first_of("/?", scheme + 3);
  auto endpoint = hydra::Endpoint::parse(url.substr(0, path));
  if (!endpoint) return fail(endpoint.error());
  if (endpoint->scheme == hydra::Endpoint::Scheme::kUnix) return fail("a key comes over https");
  if (endpoint->scheme == hydra::Endpoint::Scheme::kHttp && !endpoint->isLoopback() && !plainHttp) {
    return fail(
        "a key must come over https, or anyone on the way could put in his own (--pgp-key-plain-http takes "
        "it all the same)");
  }
  hydra::ConnectionOptions options;
  options.endpoint = std::move(*endpoint);
  options.caFile = caFile;
  options.timeout = kFetchTimeout;
  options.maxResponseBytes = secrets::kMaxKeyBytes;
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

tl::expected<std::string, std::string> readKeyFile(const std::string& path) {
  const auto bytes = secrets::readFile(path, secrets::readBytes, secrets::kMaxKeyBytes);
  if (!bytes) return tl::unexpected("--pgp-key-file " + bytes.error());
  return std::string(bytes->reveal(Purpose::kEncryption));
}

}  // namespace

void PgpFlags::addTo(CLI::App& command) {
  const auto group = [](CLI::Option* option) { option->group("Encryption"); };
  group(addFlag(command, "pgp-key", key_, "a recipient's public key: base64 of an armored or a binary key")
            ->type_name("BASE64"));
  group(addFlag(command, "pgp-key-file", files_,
                "the file of a recipient's public key, armored or binary; may be given several times")
            ->type_name("FILE")
            ->allow_extra_args(false));
  group(addFlag(command, "pgp-key-url", url_, "the https URL of a recipient's public key")->type_name("URL"));
  group(addFlag(command, "keybase", keybaseUser_, "the Keybase user whose public key to encrypt for")
            ->type_name("USER"));
  group(addFlag(command, "keybase-url", keybaseBase_, "where Keybase is: a mirror of it")
            ->type_name("URL")
            ->capture_default_str());
  group(addFlag(command, "pgp-key-fingerprint", fingerprints_,
                "take no recipient's key but the one of this fingerprint, whoever serves it; may be given "
                "several times")
            ->check(wholeFingerprint())
            ->type_name("FINGERPRINT")
            ->allow_extra_args(false));
  group(addFlag(command, "pgp-key-plain-http", plainHttp_,
                "fetch a key over plain http too: whoever is on the way can put in one of his own"));
}

void PgpFlags::check() const {
  if (fingerprints_.empty() || given()) return;
  throw UsageError(
      "--pgp-key-fingerprint (or its variable) says which key to take, and none is given: name one by "
      "--pgp-key-file, --pgp-key, --pgp-key-url or --keybase");
}

std::vector<PgpFlags::Source> PgpFlags::sources(const std::string& caFile,
                                                const std::stop_token& stop) const {
  const auto fetched = [&](const std::string& url) {
    return Source{url, [this, url, caFile, stop] { return fetch(url, plainHttp_, caFile, stop); }};
  };
  std::vector<Source> found;
  if (!key_.empty()) found.push_back({"--pgp-key", [this] { return secrets::decodeKeyArgument(key_); }});
  if (!url_.empty()) found.push_back(fetched(url_));
  if (!keybaseUser_.empty()) found.push_back(fetched(secrets::keybaseUrl(keybaseBase_, keybaseUser_)));
  if (precedence_ == Precedence::kFirst && !found.empty()) found.resize(1);
  for (const std::string& file : files_)
    found.push_back({"--pgp-key-file " + file, [file] { return readKeyFile(file); }});
  return found;
}

tl::expected<std::unique_ptr<secrets::Pgp>, std::string> PgpFlags::start(const std::string& caFile,
                                                                         const std::stop_token& stop) const {
  std::vector<std::pair<std::string, std::string>> keys;  // where from, bytes
  for (const Source& source : sources(caFile, stop)) {
    auto key = source.read();
    if (!key) return tl::unexpected(std::move(key.error()));
    keys.emplace_back(source.from, std::move(*key));
  }
  auto pgp = secrets::Pgp::start();
  if (!pgp) return pgp;
  for (const auto& [from, key] : keys) {
    const auto recipient = (*pgp)->addRecipient(key);
    const std::string refusal = recipient ? refusalOf(*recipient) : recipient.error();
    if (!refusal.empty()) return tl::unexpected(from + ": " + refusal);
  }
  return pgp;
}

std::string PgpFlags::refusalOf(const secrets::Recipient& recipient) const {
  const auto isIt = [&](const std::string& one) { return plainFingerprint(one) == recipient.fingerprint; };
  if (fingerprints_.empty() || std::ranges::any_of(fingerprints_, isIt)) return "";
  return "PGP recipient refused: the key " + recipient.fingerprint +
         " is none that --pgp-key-fingerprint names; ask its owner before you name it";
}

std::vector<std::string> expiryWarnings(const secrets::Pgp& pgp) {
  return secrets::KeyExpiryWatch(pgp.recipients()).dueWarnings(std::chrono::system_clock::now());
}

}  // namespace hydra_clients::cli
