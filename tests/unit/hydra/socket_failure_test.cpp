#include "hydra/socket_failure.h"

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

using testing::HasSubstr;
using Kind = TransportError::Kind;
namespace errc = boost::system::errc;

TransportError failed(const boost::system::error_code& error, const char* endpoint = "unix:///run/h.sock") {
  ConnectionOptions options;
  options.endpoint = Endpoint::parse(endpoint).value();
  return connectFailed(error, options);
}

TEST(SocketFailure, SaysWhatTheOwnerOfAUnixSocketCanDo) {
  for (const auto& [number, words] :
       {std::pair(errc::no_such_file_or_directory, "SERVE_ADMIN_HOST=unix:/run/h.sock"),
        std::pair(errc::permission_denied, "SERVE_ADMIN_SOCKET_MODE"),
        std::pair(errc::connection_refused, "nothing listens there"),
        std::pair(errc::wrong_protocol_type, "not a socket of the right kind"),
        std::pair(errc::not_a_socket, "not a socket of the right kind"),
        std::pair(errc::io_error, "Input/output error")}) {
    const TransportError error = failed(make_error_code(number));
    EXPECT_EQ(error.kind, Kind::kConnect);
    EXPECT_FALSE(error.mayHaveArrived);
    EXPECT_THAT(error.message, HasSubstr("unix:///run/h.sock: "));
    EXPECT_THAT(error.message, HasSubstr(words));
  }
}

TEST(SocketFailure, BeforeAConnectionSentNothing) {
  for (const auto& [error, kind] :
       {std::pair<boost::system::error_code, Kind>(boost::asio::error::operation_aborted, Kind::kCancelled),
        std::pair<boost::system::error_code, Kind>(boost::beast::error::timeout, Kind::kTimeout),
        std::pair<boost::system::error_code, Kind>(boost::asio::error::host_not_found, Kind::kResolve),
        std::pair<boost::system::error_code, Kind>(make_error_code(errc::io_error), Kind::kConnect)}) {
    const TransportError failure = failed(error, "http://hydra:4445");
    EXPECT_EQ(failure.kind, kind) << error.message();
    EXPECT_FALSE(failure.mayHaveArrived);
    EXPECT_THAT(failure.message, HasSubstr("hydra")) << error.message();
  }
}

TEST(SocketFailure, NamesTheLimitOfOpenFiles) {
  for (const auto number : {errc::too_many_files_open, errc::too_many_files_open_in_system}) {
    EXPECT_THAT(failed(make_error_code(number)).message, HasSubstr("ulimit -n"));
  }
}

}  // namespace
}  // namespace hydra_clients::hydra
