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

}  // namespace

bool nothingWasWritten(const CpprestFailure& failure) {
  return stepOf(failure.step) == Step::kWriteHead && failure.code != ETIMEDOUT &&
         !failure.bodyTouched.value_or(false);
}

TransportError inWords(const CpprestFailure& failure, const Request& request,
                       const ConnectionOptions& options, const TlsTrust& trust) {
  if (failure.overBytes > 0) return tooLarge(options, request, failure.overBytes);
  const Step step = stepOf(failure.step);
  const bool notConnected = !failure.setup.empty() || step == Step::kResolve || step == Step::kConnect;
  if (failure.noDescriptors && notConnected) return outOfDescriptors(options);
  const std::string where = options.endpoint.text();
  if (!failure.setup.empty()) return {Kind::kTls, false, where + ": " + failure.setup};
  const bool arrived = mayHaveArrived(failure, step);
  const auto sslError = static_cast<unsigned long>(static_cast<unsigned>(failure.code));
  if (step == Step::kHandshake && failure.code != ETIMEDOUT) {
    auto refusal = trust.explain(sslError);
    return {refusal.permanent ? Kind::kTls : Kind::kConnect, false, where + ": " + refusal.message};
  }
  if (step != Step::kOther && TlsTrust::isClientCertificateAlert(sslError)) {
    return {Kind::kTls, false, where + ": " + trust.explain(sslError).message};
  }
  if (failure.code == ETIMEDOUT && step != Step::kConnect) return timedOut(options, arrived);

  switch (step) {
    case Step::kResolve:
      return cannotResolve(options);
    case Step::kConnect:
      return cannotConnect(options);
    case Step::kHandshake:
    case Step::kWriteHead:
    case Step::kWriteBody:
    case Step::kReadHead:
      return closed(options, arrived, /*answerBegun=*/false);
    case Step::kReadBody:
      return closed(options, arrived, /*answerBegun=*/true);
    case Step::kNotHttp:
      return notHttp(options, arrived);
    case Step::kOther:
      break;
  }
  return {Kind::kProtocol, arrived, where + ": " + failure.step};
}

}  // namespace hydra_clients::hydra
