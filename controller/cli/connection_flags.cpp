#include "cli/connection_flags.h"

#include <utility>

#include "cli/flags.h"
#include "reconcile/importer.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kGroup = "Connection";

tl::expected<hydra::Header, std::string> parseHeader(const std::string& text) {
  const std::size_t colon = text.find(':');
  const bool plain = text.find_first_of("\r\n") == std::string::npos;
  if (colon == 0 || colon == std::string::npos || !plain) {
    return tl::unexpected(std::string("--header wants \"Name: value\""));
  }
  const std::size_t begin = text.find_first_not_of(" \t", colon + 1);
  std::string value = begin == std::string::npos ? "" : text.substr(begin);
  return hydra::Header{text.substr(0, colon), std::make_shared<const Secret>(std::move(value))};
}

}  // namespace

void ConnectionFlags::addTo(CLI::App& command) {
  addFlag(command, "endpoint", endpoint_,
          "Hydra's admin API, always needed: http(s)://HOST:PORT[/PREFIX] or unix:///PATH/TO/SOCKET",
          {"HYDRA_ADMIN_URL", "HYDRA_URL", "ORY_SDK_URL"})
      ->type_name("URL");
  const auto group = [](CLI::Option* option) { option->group(kGroup); };
  group(addDurationFlag(command, "timeout", timeout_, "the longest that one request may take"));
  group(
      addCountOrAutoFlag(command, "parallelism", parallelism,
                         "how many requests run side by side, at most; auto: as many as make imports fastest "
                         "(see --max-write-latency)",
                         {1, reconcile::Importer::kMostParallel}));
  group(addFlag(command, "access-token", accessToken_,
                "sent as \"Authorization: Bearer …\"; --access-token-file keeps it out of process lists",
                {"OAUTH2_ACCESS_TOKEN"})
            ->type_name("TOKEN"));
  group(addFlag(command, "access-token-file", accessTokenFile_,
                "a file that holds the token, read again when it changes; wins over --access-token")
            ->type_name("FILE"));
  group(addFlag(command, "header", headers_,
                "an extra header of every request, \"Name: value\"; may be given several times")
            ->type_name("HEADER")
            ->allow_extra_args(false));
  group(addFlag(command, "ca-file", caFile_, "PEM certificates to trust, instead of the system's")
            ->type_name("FILE"));
  group(addFlag(command, "tls-cert", clientCertFile_, "the client certificate for mutual TLS, PEM")
            ->type_name("FILE"));
  group(addFlag(command, "tls-key", clientKeyFile_, "the private key of --tls-cert, PEM")->type_name("FILE"));
  group(addFlag(command, "skip-tls-verify", skipTlsVerify_, "accept any certificate: for tests only"));
  group(addFlag(command, "fake-tls-termination", fakeTlsTermination_,
                "send \"X-Forwarded-Proto: https\", for a Hydra that wants TLS ended by a proxy before it"));
}

tl::expected<hydra::ConnectionOptions, std::string> ConnectionFlags::options() const {
  if (endpoint_.empty()) {
    return tl::unexpected(
        std::string("no endpoint: give --endpoint URL, or set HYDRA_ADMIN_URL, to the address of Hydra's "
                    "admin API, for example "
                    "http://127.0.0.1:4445"));
  }
  hydra::ConnectionOptions options;
  auto endpoint = hydra::Endpoint::parse(endpoint_);
  if (!endpoint) return tl::unexpected("--endpoint: " + endpoint.error());
  options.endpoint = std::move(*endpoint);
  if (clientCertFile_.empty() != clientKeyFile_.empty()) {
    return tl::unexpected(std::string("--tls-cert and --tls-key belong together: give both or neither"));
  }
  for (const std::string& text : headers_) {
    auto header = parseHeader(text);
    if (!header) return tl::unexpected(std::move(header.error()));
    options.headers.push_back(std::move(*header));
  }
  options.caFile = caFile_;
  options.clientCertFile = clientCertFile_;
  options.clientKeyFile = clientKeyFile_;
  options.skipTlsVerify = skipTlsVerify_;
  options.fakeTlsTermination = fakeTlsTermination_;
  if (!accessToken_.empty()) options.accessToken = std::make_shared<const Secret>(std::string(accessToken_));
  options.accessTokenFile = accessTokenFile_;
  options.timeout = timeout_;
  options.maxConnections = parallelism > 0 ? parallelism : reconcile::Importer::kMostFound;
  return options;
}

std::vector<std::string> ConnectionFlags::warnings(const hydra::ConnectionOptions& options) {
  std::vector<std::string> warnings;
  const bool token = options.accessToken != nullptr || !options.accessTokenFile.empty();
  if (token && options.endpoint.scheme == hydra::Endpoint::Scheme::kHttp && !options.endpoint.isLoopback()) {
    warnings.emplace_back("the access token goes over plain http to " + options.endpoint.text() +
                          ": anyone on the way can read it");
  }
  if (options.skipTlsVerify) {
    warnings.emplace_back("--skip-tls-verify: the certificate of " + options.endpoint.text() +
                          " is not checked");
  }
  return warnings;
}

}  // namespace hydra_clients::cli
