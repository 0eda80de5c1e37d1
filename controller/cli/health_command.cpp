#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "hydra/transport.h"
#include "telemetry/listen_address.h"

namespace hydra_clients::cli {
namespace {

struct Flags {
  std::string listen = "127.0.0.1:9464";
  std::string tlsCertificateFile;
  std::chrono::milliseconds timeout{3000};
};

constexpr const char* kAbout =
    "Ask a running controller whether it is alive\n\n"
    "Asks /healthz of the `hydra-clients run` that listens at --listen on this machine: for a container's "
    "HEALTHCHECK and for exec probes, where there is neither curl nor a shell. It is alive as long as its "
    "loop "
    "goes on, whatever Hydra does.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients health\n"
    "  hydra-clients health --listen unix:/run/hydra-clients/status.sock\n"
    "  HEALTHCHECK CMD [\"hydra-clients\", \"health\"]\n"
    "\n"
    "Exit codes: 0 it is alive, 1 it is not or does not answer, 64 a mistake on the command line.";

constexpr int kOk = 200;

/// The same machine, where it listens on all of its addresses.
std::string urlOf(telemetry::ListenAddress address, bool tls) {
  namespace ip = boost::asio::ip;
  if (address.isUnix()) return "unix://" + std::filesystem::absolute(address.unixPath).string();
  if (address.tcp.port() == 0) {
    throw UsageError("--listen: port 0 is a free one, and nobody knows which; give the port itself");
  }
  if (address.tcp.address().is_unspecified()) {
    address.tcp.address(ip::address_v4::loopback());  // ":PORT" takes both
  }
  return (tls ? "https://" : "http://") + address.text();
}

/// A TLS listener ends a connection that says something else; a plain one answers in the clear.
std::string adviceOf(const hydra::TransportError& error, bool tls) {
  using Kind = hydra::TransportError::Kind;
  if (!tls && (error.kind == Kind::kClosed || error.kind == Kind::kProtocol))
    return "; where run has --listen-tls-cert, give it here as well";
  if (tls && (error.kind == Kind::kTls || error.kind == Kind::kClosed))
    return "; where run has no --listen-tls-cert, leave it out here";
  return "";
}

int askForHealth(const Flags& flags) {
  const auto address = telemetry::parseListenAddress(flags.listen);
  if (!address) throw UsageError("--listen: " + address.error());
  hydra::ConnectionOptions options;
  const bool tls = !flags.tlsCertificateFile.empty();
  auto endpoint = hydra::Endpoint::parse(urlOf(*address, tls));
  if (!endpoint) throw UsageError("--listen: " + endpoint.error());
  options.endpoint = std::move(*endpoint);
  options.skipTlsVerify = true;  // its name is another than this machine's, and nothing secret is said
  options.timeout = flags.timeout;
  options.isHydra = false;
  const auto transport = hydra::makeTransport(options);
  if (!transport) throw Failure(transport.error());
  hydra::Request question;
  question.target = "/healthz";
  const auto answer = (*transport)->send(question);
  if (!answer) throw Failure(answer.error().message + adviceOf(answer.error(), tls));
  if (answer->status != kOk) throw Failure(options.endpoint.text() + " answers: " + answer->body);
  std::cout << answer->body;
  return kSuccess;
}

}  // namespace

void addHealthCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("health", kAbout);
  command->footer(kExamples);
  addFlag(*command, "listen", flags->listen,
          "where the controller listens: HOST:PORT or unix:PATH, as `run` was told")
      ->type_name("ADDRESS")
      ->capture_default_str();
  addFlag(*command, "listen-tls-cert", flags->tlsCertificateFile,
          "as `run` was told: ask by TLS, whatever certificate is shown")
      ->type_name("FILE");
  addDurationFlag(*command, "timeout", flags->timeout, "the longest that the answer may take");
  command->callback([flags, &outcome] { outcome.exitCode = askForHealth(*flags); });
}

}  // namespace hydra_clients::cli
