#include "cli/listen_flags.h"

#include <algorithm>
#include <string_view>

#include "cli/commands.h"
#include "cli/flags.h"
#include "client/one_line.h"
#include "telemetry/listen_address.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kGroup = "Listening";
constexpr const char* kAddress = "ADDRESS";

telemetry::ListenAddress addressOf(const std::string& flag, const std::string& text) {
  auto address = telemetry::parseListenAddress(text);
  if (!address) throw UsageError("--" + flag + ": " + address.error());
  return *address;
}

CLI::Option* inGroup(CLI::Option* option, const char* valueName) {
  return option->type_name(valueName)->group(kGroup);
}

void checkHostName(const std::string& name) {
  constexpr std::string_view kOfNames =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  const bool isName =
      !name.empty() && name.front() != ':' && name.find_first_not_of(kOfNames) == std::string::npos;
  if (isName) return;
  throw UsageError("--listen-host: \"" + onOneLine(name) + "\"" +
                   " is no host name: write the name alone, such as hydra-clients or status.example.org");
}

}  // namespace

void ListenFlags::addTo(CLI::App& command) {
  inGroup(addFlag(command, "listen", listen,
                  "where the status page, /status, /metrics, /healthz and /readyz are served: HOST:PORT or "
                  "unix:PATH"),
          kAddress)
      ->capture_default_str();
  inGroup(addFlag(command, "listen-host", hosts,
                  "a name that /status and POST /-/reconcile may be asked by, beside localhost and IP "
                  "addresses, where they ask for no token and are not served by TLS; may be given several "
                  "times"),
          "NAME")
      ->allow_extra_args(false);
  inGroup(addFlag(command, "listen-tls-cert", tlsCertificateFile,
                  "serve --listen by TLS with this certificate, and those between it and its root; PEM, read "
                  "again when it changes"),
          "FILE");
  inGroup(addFlag(command, "listen-tls-key", tlsKeyFile, "the private key of --listen-tls-cert, PEM"),
          "FILE");
  inGroup(addFlag(command, "listen-token-file", tokenFile,
                  "a file that holds the token which /status and POST /-/reconcile then ask for "
                  "(\"Authorization: Bearer …\", or the password of a URL); read again when it changes"),
          "FILE");
  inGroup(
      addFlag(command, "metrics-listen", metricsListen,
              "serve /metrics here and not at --listen, with /healthz and /readyz, in the clear and without "
              "a token"),
      kAddress);
}

void ListenFlags::check() const {
  std::ranges::for_each(hosts, checkHostName);
  const telemetry::ListenAddress address = addressOf("listen", listen);
  if (!metricsListen.empty()) addressOf("metrics-listen", metricsListen);
  if (tlsCertificateFile.empty() != tlsKeyFile.empty()) {
    throw UsageError("--listen-tls-cert and --listen-tls-key belong together: give both or neither");
  }
  if (!tlsCertificateFile.empty() && address.isUnix()) {
    throw UsageError("--listen-tls-cert: a unix socket needs no TLS; leave it out, or listen on HOST:PORT");
  }
}

std::vector<std::string> ListenFlags::warnings() const {
  const telemetry::ListenAddress address = addressOf("listen", listen);
  const bool local = address.isUnix() || address.tcp.address().is_loopback();
  if (tokenFile.empty() || !tlsCertificateFile.empty() || local) return {};
  return {"--listen-token-file: the token goes in the clear to " + listen +
          ": give --listen-tls-cert as well, or have a proxy end TLS"};
}

std::vector<ListenFlags::Server> ListenFlags::servers() const {
  using telemetry::ServedPaths;
  const bool apart = !metricsListen.empty();
  std::vector<Server> servers{{"listen",
                               {.listen = listen,
                                .paths = apart ? ServedPaths::kAllButMetrics : ServedPaths::kAll,
                                .hosts = hosts,
                                .tokenFile = tokenFile,
                                .tlsCertificateFile = tlsCertificateFile,
                                .tlsKeyFile = tlsKeyFile}}};
  if (apart) servers.push_back({"metrics-listen", {.listen = metricsListen, .paths = ServedPaths::kMetrics}});
  return servers;
}

}  // namespace hydra_clients::cli
