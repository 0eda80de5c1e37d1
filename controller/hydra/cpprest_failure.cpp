#include "hydra/cpprest_failure.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "hydra/transport_faults.h"

namespace hydra_clients::hydra {
namespace {

using Kind = TransportError::Kind;

enum class Step {
  kResolve,
  kConnect,
  kHandshake,
  kWriteHead,
  kWriteBody,
  kReadHead,
  kReadBody,
  kNotHttp,
  kOther
};

/// The steps by cpprest 2.10.18's own texts (http_client_asio.cpp).
Step stepOf(std::string_view what) {
  constexpr std::array<std::pair<std::string_view, Step>, 13> kSteps{{
      {"Error resolving address", Step::kResolve},
      {"Failed to resolve address", Step::kResolve},
      {"Failed to connect to any resolved endpoint", Step::kConnect},
      {"Request canceled by user.", Step::kConnect},
      {"Error in SSL handshake", Step::kHandshake},
      {"Failed to write request headers", Step::kWriteHead},
      {"Failed to write request body", Step::kWriteBody},
      {"Failed to read HTTP status line", Step::kReadHead},
      {"cannot rewind input stream for connection re-establishment", Step::kReadHead},
      {"Failed to read", Step::kReadBody},
      {"Retrieving message chunk header", Step::kReadBody},
      {"Invalid HTTP status line", Step::kNotHttp},
      {"Invalid chunked response header", Step::kNotHttp},
  }};
  for (const auto& [text, step] : kSteps) {
    if (what.starts_with(text)) return step;
  }
  return Step::kOther;
}

/// Whether Hydra can have acted upon the request. A POST without its body makes no client; what failed before
/// the connection stood was not sent at all.
bool mayHaveArrived(const CpprestFailure& failure, Step step) {
  if (step == Step::kResolve || step == Step::kConnect || step == Step::kHandshake) return false;
  return failure.bodyTouched.value_or(true);
}

std::string hintOf(const ConnectionOptions& options) {
  if (!options.isHydra) return "is the address right, and can it be reached from here?";
  return options.endpoint.isLoopback()
             ? "is Hydra running, and is this its admin port?"
             : "is the address right, and is Hydra's admin API reachable from here?";
}

}  // namespace

bool nothingWasWritten(const CpprestFailure& failure) {
  return stepOf(failure.step) == Step::kWriteHead && failure.code != ETIMEDOUT &&
         !failure.bodyTouched.value_or(false);
}

TransportError inWords(const CpprestFailure& failure, const Request& request,
                       const ConnectionOptions& options, const TlsTrust* trust) {
  const std::string where = options.endpoint.text();
  if (failure.overBytes > 0) {
    return {Kind::kTooLarge, true,
            where + ": the response to " + std::string(nameOf(request.method)) + " " + request.target +
                " is over " + std::to_string(failure.overBytes) + " bytes"};
  }
  if (!failure.setup.empty()) return {Kind::kTls, false, where + ": " + failure.setup};

  const Step step = stepOf(failure.step);
  const bool arrived = mayHaveArrived(failure, step);
  if (failure.noDescriptors && (step == Step::kResolve || step == Step::kConnect))
    return outOfDescriptors(options);
  const auto sslError = static_cast<unsigned long>(static_cast<unsigned>(failure.code));
  if (trust != nullptr && step == Step::kHandshake && failure.code != ETIMEDOUT) {
    auto refusal = trust->explain(sslError);
    return {refusal.permanent ? Kind::kTls : Kind::kConnect, false, where + ": " + refusal.message};
  }
  if (trust != nullptr && step != Step::kOther && TlsTrust::isClientCertificateAlert(sslError)) {
    return {Kind::kTls, false, where + ": " + trust->explain(sslError).message};
  }
  if (failure.code == ETIMEDOUT && step != Step::kConnect) return timedOut(options, arrived);

  switch (step) {
    case Step::kResolve:
      return {
          Kind::kResolve, false,
          where + ": the host name " + options.endpoint.host + " cannot be resolved: is it spelled right?"};
    case Step::kConnect:
      return {Kind::kConnect, false, "cannot connect to " + where + ": " + hintOf(options)};
    case Step::kHandshake:
    case Step::kWriteHead:
    case Step::kWriteBody:
    case Step::kReadHead:
      return {Kind::kClosed, arrived, where + " closed the connection without an answer"};
    case Step::kReadBody:
      return {Kind::kClosed, arrived, where + " closed the connection in the middle of its answer"};
    case Step::kNotHttp:
      return {Kind::kProtocol, arrived,
              where + " answered with something that is not HTTP: is this " +
                  (options.isHydra ? "Hydra's admin port" : "the right port") +
                  "? (a TLS port wants https://)"};
    case Step::kOther:
      break;
  }
  return {Kind::kProtocol, arrived, where + ": " + failure.step};
}

}  // namespace hydra_clients::hydra
