#include "server.h"

#include <csignal>
#include <functional>
#include <unordered_map>
#include <utility>  // before Boost: Asio 1.74 uses std::exchange without it

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/detect_ssl.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <unistd.h>

#include "connection.h"

namespace sandbox {
namespace {

using asio::ip::tcp;
using asio::local::stream_protocol;
using TlsStream = beast::ssl_stream<tcp::socket>;

}  // namespace

std::optional<Request> to_request(http::request<http::string_body>& parsed) {
  Request request;
  request.method = std::string(parsed.method_string());
  std::string target(parsed.target());
  if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != std::string::npos) {
    const auto slash = target.find('/', scheme + 3);
    target = slash == std::string::npos ? "/" : target.substr(slash);
  }
  const auto mark = target.find('?');
  request.raw_path = target.substr(0, mark);
  if (mark != std::string::npos) request.raw_query = target.substr(mark + 1);
  const auto path = go_url::path_unescape(request.raw_path);
  if (!path) return std::nullopt;
  request.path = *path;
  request.query = go_url::parse_query(request.raw_query);
  for (const auto& field : parsed) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(parsed.body());
  return request;
}

struct Server::Sockets {
  explicit Sockets(Service& the_service) : service(the_service) {}

  /// Registers a connection, so that POST /sandbox/disconnect can end it, and serves it.
  template <class Stream>
  asio::awaitable<void> serve(Stream stream, std::uint64_t number) {
    Connection<Stream> connection(std::move(stream), service, number);
    Closer closer(*this, number, [&connection] {
      beast::error_code ignored;
      connection.socket().shutdown(asio::socket_base::shutdown_both, ignored);
    });
    co_await connection.serve();
  }

  asio::awaitable<void> serve_tls(tcp::socket socket, std::uint64_t number) {
    Connection<TlsStream> connection(TlsStream(std::move(socket), *tls), service, number);
    Closer closer(*this, number, [&connection] {
      beast::error_code ignored;
      connection.socket().shutdown(asio::socket_base::shutdown_both, ignored);
    });
    beast::error_code error;
    const bool is_tls = co_await beast::async_detect_ssl(connection.socket(), connection.buffer(),
                                                         asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    if (!is_tls) {
      co_await connection.send_raw(
          "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
      co_return;
    }
    const std::size_t used = co_await connection.stream().async_handshake(
        asio::ssl::stream_base::server, connection.buffer().data(),
        asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    connection.buffer().consume(used);
    co_await connection.serve();
  }

  asio::awaitable<void> accept_tcp() {
    while (true) {
      beast::error_code error;
      tcp::socket socket =
          co_await tcp_acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error) continue;
      socket.set_option(tcp::no_delay(true), error);
      const std::uint64_t number = ++connections;
      if (tls) {  // NOLINT(bugprone-branch-clone): two coroutines
        asio::co_spawn(io, serve_tls(std::move(socket), number), asio::detached);
      } else {
        asio::co_spawn(io, serve<tcp::socket>(std::move(socket), number), asio::detached);
      }
    }
  }

  asio::awaitable<void> accept_unix() {
    while (true) {
      beast::error_code error;
      stream_protocol::socket socket =
          co_await unix_acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error) continue;
      const std::uint64_t number = ++connections;
      asio::co_spawn(io, serve<stream_protocol::socket>(std::move(socket), number), asio::detached);
    }
  }

  /// Keeps a connection's way to be closed while it lives.
  class Closer {
   public:
    Closer(Sockets& sockets, std::uint64_t number, std::function<void()> close)
        : sockets_(sockets), number_(number) {
      sockets_.open.emplace(number, std::move(close));
    }
    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;
    ~Closer() { sockets_.open.erase(number_); }

   private:
    Sockets& sockets_;
    std::uint64_t number_;
  };

  Service& service;
  std::uint64_t connections = 0;
  std::unordered_map<std::uint64_t, std::function<void()>> open;
  std::optional<asio::ssl::context> tls;
  std::string unix_path;
  asio::io_context io{1};
  tcp::acceptor tcp_acceptor{io};
  stream_protocol::acceptor unix_acceptor{io};
};

Server::Server(const Options& options, Service& service) : sockets_(std::make_unique<Sockets>(service)) {
  if (!options.tls_certificate.empty()) {
    auto& context = sockets_->tls.emplace(asio::ssl::context::tls_server);
    context.use_certificate_chain_file(options.tls_certificate);
    context.use_private_key_file(options.tls_key, asio::ssl::context::pem);
    if (!options.tls_client_ca.empty()) {
      context.load_verify_file(options.tls_client_ca);
      context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
  }
  if (const auto* address = std::get_if<TcpAddress>(&options.listen)) {
    const tcp::endpoint endpoint(asio::ip::make_address(address->host), address->port);
    auto& acceptor = sockets_->tcp_acceptor;
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    endpoint_ = (sockets_->tls ? "https://" : "http://") + address->host + ":" +
                std::to_string(acceptor.local_endpoint().port());
    asio::co_spawn(sockets_->io, sockets_->accept_tcp(), asio::detached);
  } else {
    sockets_->unix_path = std::get<UnixAddress>(options.listen).path;
    const stream_protocol::endpoint endpoint(sockets_->unix_path);
    auto& acceptor = sockets_->unix_acceptor;
    acceptor.open();
    acceptor.bind(endpoint);
    acceptor.listen();
    endpoint_ = "unix:" + sockets_->unix_path;
    asio::co_spawn(sockets_->io, sockets_->accept_unix(), asio::detached);
  }
  service.open_connections = [this] { return sockets_->open.size(); };
  service.disconnect_others = [this](std::uint64_t asking) {
    for (const auto& [number, close] : sockets_->open) {
      if (number != asking) close();
    }
  };
}

Server::~Server() {
  if (!sockets_->unix_path.empty()) unlink(sockets_->unix_path.c_str());
}

void Server::run() {
  asio::signal_set signals(sockets_->io, SIGTERM, SIGINT);
  signals.async_wait([this](const beast::error_code& error, int) {
    if (!error) sockets_->io.stop();
  });
  sockets_->io.run();
}

}  // namespace sandbox
