#include "telemetry/listener.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace hydra_clients::telemetry {
namespace {

namespace net = boost::asio;
namespace errc = boost::system::errc;
using Error = boost::system::error_code;
using net::ip::tcp;
using net::local::stream_protocol;

constexpr mode_t kSocketMode = 0660;  // its user, and the group that a volume or a unit gives it

std::string whyNotListening(const std::string& address, const Error& error) {
  const std::string what = "cannot listen on " + address + ": ";
  if (error == errc::address_in_use) {
    return what + "another program listens there; choose another address (port 0: a free one)";
  }
  if (error == errc::permission_denied && !address.starts_with("unix:")) {
    return what + "ports below 1024 need a privilege; choose a higher one";
  }
  if (error == errc::address_not_available) return what + "this machine has no such address";
  if (error == errc::no_such_file_or_directory) return what + "there is no such folder; make it first";
  return what + error.message();
}

/// Whether a program takes connections there.
bool answers(const std::string& path) {
  net::io_context io;
  stream_protocol::socket socket(io);
  Error error;
  socket.connect(stream_protocol::endpoint(path), error);
  return error != errc::connection_refused && error != errc::no_such_file_or_directory;
}

/// The inode of the file at that path where it is a socket; 0 where it is none.
unsigned long long socketAt(const std::string& path) {
  struct stat file {};
  if (lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return 0;
  return file.st_ino;
}

}  // namespace

Listener::~Listener() {
  if (ownFile_ != 0 && socketAt(address_.unixPath) == ownFile_) unlink(address_.unixPath.c_str());
}

tl::expected<void, std::string> Listener::open(const ListenAddress& address) {
  address_ = address;
  if (address.isUnix()) return openUnix();
  if (const Error error = openTcp()) return tl::make_unexpected(whyNotListening(address.text(), error));
  Error error;
  const Protocol::endpoint local = acceptor_.local_endpoint(error);
  if (error) return tl::make_unexpected(whyNotListening(address.text(), error));
  std::memcpy(address_.tcp.data(), local.data(), local.size());
  return {};
}

/// The first error ends it.
Error Listener::openTcp() {
  const tcp::endpoint& endpoint = address_.tcp;
  Error error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor_.set_option(net::ip::v6_only(!endpoint.address().is_unspecified()), error);
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  return error;
}

tl::expected<void, std::string> Listener::openUnix() {
  const std::string& path = address_.unixPath;
  const auto failed = [&](const Error& error) {
    return tl::make_unexpected(whyNotListening(address_.text(), error));
  };
  if (socketAt(path) != 0) {
    if (answers(path)) return failed(make_error_code(errc::address_in_use));
    unlink(path.c_str());  // left behind by a program that was killed
  } else if (access(path.c_str(), F_OK) == 0) {
    return tl::make_unexpected("cannot listen on " + address_.text() +
                               ": there is a file that is no socket; choose another path, or take it away");
  }
  Error error;
  acceptor_.open(stream_protocol(), error);
  // Before the file is there: it is never open to more than it should be, whatever the umask.
  if (!error && fchmod(acceptor_.native_handle(), kSocketMode) != 0)
    error.assign(errno, net::error::get_system_category());
  if (!error) acceptor_.bind(stream_protocol::endpoint(path), error);
  if (error) return failed(error);
  ownFile_ = socketAt(path);
  if (chmod(path.c_str(), kSocketMode) != 0) error.assign(errno, net::error::get_system_category());
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) return failed(error);
  return {};
}

}  // namespace hydra_clients::telemetry
