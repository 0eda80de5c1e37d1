#include "hydra/transport.h"

#include <chrono>
#include <utility>

#include "hydra/outgoing_headers.h"
#include "hydra/transports.h"

namespace hydra_clients::hydra {
namespace {

class ObservedTransport final : public Transport {
 public:
  ObservedTransport(std::unique_ptr<Transport> transport, RequestObserver observer)
      : transport_(std::move(transport)), observer_(std::move(observer)) {}

  tl::expected<Response, TransportError> send(const Request& request) override {
    const auto begin = std::chrono::steady_clock::now();
    auto answer = transport_->send(request);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    observer_(request.method, answer ? answer->status : 0, took.count());
    return answer;
  }

  void cancelAll() override { transport_->cancelAll(); }
  FileDescriptor keptConnection() override { return transport_->keptConnection(); }
  std::string endpoint() const override { return transport_->endpoint(); }

 private:
  std::unique_ptr<Transport> transport_;
  RequestObserver observer_;
};

}  // namespace

std::string_view nameOf(Method method) {
  switch (method) {
    case Method::kPost:
      return "POST";
    case Method::kHead:
      return "HEAD";
    case Method::kGet:
      break;
  }
  return "GET";
}

tl::expected<std::unique_ptr<Transport>, std::string> makeTransport(const ConnectionOptions& options) {
  auto headers = OutgoingHeaders::make(options);
  if (!headers) return tl::unexpected(headers.error());
  if (options.endpoint.scheme == Endpoint::Scheme::kHttps)
    return makeCpprestTransport(options, std::move(*headers));
  return makeSocketTransport(options, std::move(*headers));
}

std::unique_ptr<Transport> observed(std::unique_ptr<Transport> transport, RequestObserver observer) {
  return std::make_unique<ObservedTransport>(std::move(transport), std::move(observer));
}

}  // namespace hydra_clients::hydra
