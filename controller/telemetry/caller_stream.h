#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace hydra_clients::telemetry {

/// The bytes from and to a caller: over TCP or a unix socket, in the clear or by TLS. An AsyncReadStream and
/// AsyncWriteStream of Beast, for completion handlers alone.
class CallerStream {
 public:
  using Plain = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
  using Tls = boost::beast::ssl_stream<Plain&>;
  using Socket = Plain::socket_type;
  using executor_type = Plain::executor_type;

  /// `context` of TLS; null: in the clear.
  CallerStream(Socket socket, std::shared_ptr<boost::asio::ssl::context> context)
      : plain_(std::move(socket)), context_(std::move(context)) {
    if (context_) tls_.emplace(plain_, *context_);
  }

  CallerStream(const CallerStream&) = delete;  // its TLS points into it
  CallerStream& operator=(const CallerStream&) = delete;

  [[nodiscard]] executor_type get_executor() { return plain_.get_executor(); }
  [[nodiscard]] Socket& socket() { return plain_.socket(); }
  /// Of what is begun from now on; it then ends with an error.
  void expireAfter(std::chrono::steady_clock::duration time) { plain_.expires_after(time); }

  [[nodiscard]] bool isTls() const { return tls_.has_value(); }
  template <typename Handler>
  void asyncHandshake(Handler&& handler) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
  }
  /// Says good-bye by TLS's own message, without which a caller may take the answer for cut.
  template <typename Handler>
  void asyncShutdown(Handler&& handler) {
    tls_->async_shutdown(std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Handler>(handler));
    plain_.async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Handler>(handler));
    plain_.async_write_some(buffers, std::forward<Handler>(handler));
  }
  /// What is below TLS, where there is TLS.
  template <typename Buffers, typename Handler>
  void asyncReadRaw(const Buffers& buffers, Handler&& handler) {
    plain_.async_read_some(buffers, std::forward<Handler>(handler));
  }

 private:
  Plain plain_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<Tls> tls_;
};

}  // namespace hydra_clients::telemetry
