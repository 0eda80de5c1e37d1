#pragma once

// A stand-in for Hydra behind the Transport seam: answers by target, remembers what was asked.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "hydra/transport.h"

namespace hydra_clients::test {

class ScriptedTransport final : public hydra::Transport {
 public:
  using Answer = tl::expected<hydra::Response, hydra::TransportError>;
  using Handler = std::function<Answer(const hydra::Request&)>;

  /// The answer to "GET /target" from now on. What has none is answered as v1's and v2's 404 page.
  void on(const std::string& methodAndTarget, Answer answer) {
    answers_[methodAndTarget] = [answer = std::move(answer)](const hydra::Request&) { return answer; };
  }
  void on(const std::string& methodAndTarget, Handler handler) {
    answers_[methodAndTarget] = std::move(handler);
  }
  /// For whatever has no answer of its own.
  void otherwise(Handler handler) { otherwise_ = std::move(handler); }

  Answer send(const hydra::Request& request) override {
    const std::string key = std::string(nameOf(request.method)) + " " + request.target;
    const std::scoped_lock lock(mutex_);  // answers come one at a time, whoever asks
    asked_.push_back(key);
    if (const auto found = answers_.find(key); found != answers_.end()) return found->second(request);
    if (otherwise_) return otherwise_(request);
    return json(
        404,
        R"({"error":{"code":404,"message":"Not Found","reason":"The requested route does not exist."}})");
  }
  void cancelAll() override {}
  std::string endpoint() const override { return "http://hydra:4445"; }

  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

  static hydra::Response json(int status, std::string body, hydra::ResponseHeaders headers = {}) {
    headers.contentType = "application/json; charset=utf-8";
    return {status, std::move(headers), std::move(body)};
  }
  static hydra::Response page(int status, std::string body) {
    hydra::ResponseHeaders headers;
    headers.contentType = "text/html";
    return {status, std::move(headers), std::move(body)};
  }
  static Answer fails(hydra::TransportError::Kind kind, bool mayHaveArrived = true) {
    return tl::unexpected(hydra::TransportError{kind, mayHaveArrived, "the transport failed"});
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Handler> answers_;
  Handler otherwise_;
  std::vector<std::string> asked_;
};

}  // namespace hydra_clients::test
