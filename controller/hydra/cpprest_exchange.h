#pragma once

// One request on its way through cpprest. Included by cpprest_transport.cpp only: cpprest costs 11 s.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <cpprest/http_client.h>

#include "hydra/cpprest_failure.h"
#include "hydra/cpprest_streams.h"
#include "hydra/outgoing_headers.h"
#include "hydra/tls_trust.h"
#include "hydra/transport.h"
#include "hydra/transport_faults.h"

namespace hydra_clients::hydra {

/// One request under way: shared by the sending thread and the continuations, which may end long after it.
struct Exchange {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;  // guarded by mutex, as are the next three
  bool cancelled = false;
  std::exception_ptr failure;
  bool givenUp = false;

  /// Of the whole process: those that were given up and have not ended. Mostly their host is still being
  /// looked up, which nothing can end.
  static inline std::atomic<int> lingering = 0;

  Response response;  // written before `done`, read after
  bool started = false;
  const std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::shared_ptr<BodySource> source;
  std::shared_ptr<BodySink> sink;
  std::size_t limit = 0;
  pplx::cancellation_token_source cancellation;

  void finish(std::exception_ptr why) {
    {
      const std::lock_guard lock(mutex);
      failure = std::move(why);
      done = true;
      if (givenUp) --lingering;
    }
    changed.notify_all();
  }

  void takeHead(const web::http::http_response& head) {
    response.status = head.status_code();
    response.headers = readResponseHeaders([&](const char* name) {
      const auto found = head.headers().find(name);
      return found == head.headers().end() ? std::string() : found->second;
    });
    const auto length = static_cast<std::uint64_t>(head.headers().content_length());
    if (length > limit) throw ResponseTooLarge();
    sink->expect(static_cast<std::size_t>(length));
  }
};

/// Thrown through cpprest where a kept connection has ended meanwhile: nothing was sent.
struct StaleConnection final : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "kept connection has ended"; }
};

/// What an exchange that is done, and failed, is known to have failed of.
inline CpprestFailure inspect(const Exchange& exchange) {
  CpprestFailure failure;
  failure.noDescriptors = descriptorsAreExhausted();
  if (exchange.source) failure.bodyTouched = exchange.source->touched();
  try {
    std::rethrow_exception(exchange.failure);
  } catch (const StaleConnection&) {
    failure.stale = true;
  } catch (const ResponseTooLarge&) {
    failure.overBytes = exchange.limit;
  } catch (const TlsSetupFailed& error) {
    failure.setup = error.what();
  } catch (const web::http::http_exception& error) {
    failure.step = error.what();
    failure.code = error.error_code().value();
  } catch (const std::exception& error) {
    failure.step = error.what();
  } catch (...) {
    failure.step = "an unknown fault";
  }
  return failure;
}

}  // namespace hydra_clients::hydra
