#include "hydra/host_lookup.h"

#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <netdb.h>
#include <sys/socket.h>

#include "hydra/transport_faults.h"

namespace hydra_clients::hydra {
namespace {

namespace errc = boost::system::errc;
using Result = HostLookup::Result;

/// No host is known to need more, and each may be tried.
constexpr std::size_t kMostAddresses = 32;

std::optional<SocketAddresses> addressesOf(const std::string& host, std::uint16_t port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &first) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(first, freeaddrinfo);
  SocketAddresses addresses;
  for (const addrinfo* at = first; at != nullptr && addresses.size() < kMostAddresses; at = at->ai_next) {
    addresses.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  return addresses;
}

Result resolve(const std::string& host, std::uint16_t port) {
  if (auto addresses = addressesOf(host, port, AI_ADDRCONFIG)) return std::move(*addresses);
  if (descriptorsAreExhausted()) return tl::unexpected(make_error_code(errc::too_many_files_open));
  return tl::unexpected(make_error_code(boost::asio::error::host_not_found));
}

}  // namespace

struct HostLookup::Lookup {
  std::mutex mutex;  ///< guards what follows
  std::condition_variable_any changed;
  bool underWay = false;
  std::uint64_t finished = 0;  ///< look-ups so far
  Result newest;

  void run(const std::string& host, std::uint16_t port, const Ask& ask) {
    Result result;
    try {
      result = ask(host, port);
    } catch (const std::bad_alloc&) {  // those who wait must hear of it
      result = tl::unexpected(make_error_code(errc::not_enough_memory));
    }
    const std::lock_guard lock(mutex);
    newest = std::move(result);
    underWay = false;
    ++finished;
    changed.notify_all();
  }
};

HostLookup::HostLookup(std::string host, std::uint16_t port) : HostLookup(std::move(host), port, resolve) {}

HostLookup::HostLookup(std::string host, std::uint16_t port, Ask ask)
    : host_(std::move(host)), port_(port), ask_(std::move(ask)), lookup_(std::make_shared<Lookup>()) {}

Result HostLookup::find(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  if (auto numeric = addressesOf(host_, port_, AI_NUMERICHOST)) return std::move(*numeric);
  std::unique_lock lock(lookup_->mutex);
  if (!lookup_->underWay) {
    try {
      std::thread([lookup = lookup_, host = host_, port = port_, ask = ask_] {
        lookup->run(host, port, ask);
      }).detach();
    } catch (const std::system_error& error) {
      return tl::unexpected(
          boost::system::error_code(error.code().value(), boost::system::system_category()));
    }
    lookup_->underWay = true;
  }
  const auto hasFinished = [&, before = lookup_->finished] { return lookup_->finished != before; };
  if (lookup_->changed.wait_until(lock, stop, deadline, hasFinished)) return lookup_->newest;
  if (stop.stop_requested()) return tl::unexpected(make_error_code(boost::asio::error::operation_aborted));
  return tl::unexpected(make_error_code(boost::beast::error::timeout));
}

}  // namespace hydra_clients::hydra
