#include "hydra/transport_faults.h"

#include <cerrno>
#include <string>

#include <fcntl.h>

#include "client/file_descriptor.h"

namespace hydra_clients::hydra {
namespace {

using Kind = TransportError::Kind;

std::string whatToAsk(const ConnectionOptions& options) {
  if (!options.isHydra) return "is the address right, and can it be reached from here?";
  return options.endpoint.isLoopback()
             ? "is Hydra running, and is this its admin port?"
             : "is the address right, and is Hydra's admin API reachable from here?";
}

std::string rightPlace(const ConnectionOptions& options) {
  if (options.endpoint.scheme == Endpoint::Scheme::kUnix) return "Hydra's admin socket?";
  const std::string port = options.isHydra ? "Hydra's admin port?" : "the right port?";
  const bool isPlain = options.endpoint.scheme == Endpoint::Scheme::kHttp;
  return port + (isPlain ? " (a TLS port wants https://)" : "");
}

}  // namespace

TransportError timedOut(const ConnectionOptions& options, bool mayHaveArrived) {
  return {
      Kind::kTimeout, mayHaveArrived,
      options.endpoint.text() + " did not answer within " + std::to_string(options.timeout.count()) + " ms"};
}

TransportError stopped(const ConnectionOptions& options, bool mayHaveArrived) {
  return {Kind::kCancelled, mayHaveArrived, "stopped before " + options.endpoint.text() + " had answered"};
}

std::optional<TransportError> withoutSlot(ConnectionSlots::Outcome outcome,
                                          const ConnectionOptions& options) {
  switch (outcome) {
    case ConnectionSlots::Outcome::kTaken:
      break;
    case ConnectionSlots::Outcome::kTimeout:
      return timedOut(options, /*mayHaveArrived=*/false);
    case ConnectionSlots::Outcome::kClosed:
      return stopped(options, /*mayHaveArrived=*/false);
  }
  return std::nullopt;
}

TransportError outOfDescriptors(const ConnectionOptions& options) {
  return {
      Kind::kConnect, /*mayHaveArrived=*/false,
      "cannot connect to " + options.endpoint.text() +
          ": this process has too many open files; raise its limit (ulimit -n, or LimitNOFILE= of systemd)"};
}

bool descriptorsAreExhausted() {
  const FileDescriptor probe(open("/dev/null", O_RDONLY | O_CLOEXEC));
  return !probe.valid() && (errno == EMFILE || errno == ENFILE);
}

TransportError cannotResolve(const ConnectionOptions& options) {
  return {Kind::kResolve, /*mayHaveArrived=*/false,
          options.endpoint.text() + ": the host name " + options.endpoint.host +
              " cannot be resolved: is it spelled right?"};
}

TransportError cannotConnect(const ConnectionOptions& options) {
  return {Kind::kConnect, /*mayHaveArrived=*/false,
          "cannot connect to " + options.endpoint.text() + ": " + whatToAsk(options)};
}

TransportError closed(const ConnectionOptions& options, bool mayHaveArrived, bool answerBegun) {
  return {Kind::kClosed, mayHaveArrived,
          options.endpoint.text() + (answerBegun ? " closed the connection in the middle of its answer"
                                                 : " closed the connection without an answer")};
}

TransportError tooLarge(const ConnectionOptions& options, const Request& request, std::size_t limit,
                        const char* part) {
  return {Kind::kTooLarge, /*mayHaveArrived=*/true,
          options.endpoint.text() + ": the response" + part + " to " + std::string(nameOf(request.method)) +
              " " + request.target + " is over " + std::to_string(limit) + " bytes"};
}

TransportError notHttp(const ConnectionOptions& options, bool mayHaveArrived) {
  return {
      Kind::kProtocol, mayHaveArrived,
      options.endpoint.text() + " answered with something that is not HTTP: is this " + rightPlace(options)};
}

}  // namespace hydra_clients::hydra
