#pragma once

// One request on its way through cpprest. Included by cpprest_transport.cpp only: cpprest costs 11 s.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <cpprest/http_client.h>

#include "hydra/cpprest_streams.h"
#include "hydra/outgoing_headers.h"
#include "hydra/received_bytes.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

using TcpSocket = boost::asio::ip::tcp::socket;

/// One request under way: shared by the sending thread and the continuations, which may end long after it.
struct Exchange {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;  // guarded by mutex, as are the next three
  bool cancelled = false;
  bool flooded = false;
  std::exception_ptr failure;

  Response response;  // written before `done`, read after
  bool started = false;
  TcpSocket* socket = nullptr;  ///< until it is watched; used in cpprest's thread only
  ReceivedBytes received;
  std::shared_ptr<BodySource> source;
  std::shared_ptr<BodySink> sink;
  std::size_t limit = 0;
  pplx::cancellation_token_source cancellation;

  void finish(std::exception_ptr why) {
    {
      const std::lock_guard lock(mutex);
      failure = std::move(why);
      done = true;
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

/// Which exchange a connection is for: cpprest only tells of the connection itself, by a callback of the
/// client's. It does so once for each request, in its one thread, in the order in which the requests were
/// handed over. Should that order ever be another one, a response would be bounded by its time alone.
class StartOrder {
 public:
  /// Hands a request over by `start`.
  template <typename Start>
  void handOver(const std::shared_ptr<Exchange>& exchange, Start start) {
    const std::lock_guard lock(mutex_);
    handedOver_.push_back(exchange);
    try {
      start();
    } catch (...) {
      handedOver_.pop_back();
      throw;
    }
  }
  void chosen(TcpSocket& socket) {
    std::shared_ptr<Exchange> exchange;
    {
      const std::lock_guard lock(mutex_);
      if (handedOver_.empty()) return;
      exchange = std::move(handedOver_.front());
      handedOver_.pop_front();
    }
    exchange->socket = &socket;
  }

 private:
  std::mutex mutex_;
  std::deque<std::shared_ptr<Exchange>> handedOver_;  ///< as many as requests wait for cpprest's thread
};

}  // namespace hydra_clients::hydra
