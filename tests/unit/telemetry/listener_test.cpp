#include "telemetry/listener.h"

#include <filesystem>

#include <boost/asio/local/stream_protocol.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "http_caller.h"
#include "temporary_folder.h"

namespace hydra_clients::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using tests::HttpCaller;

class UnixListener : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.path("status.sock"); }
  /// What keeps it from listening there; "" where nothing does.
  std::string open(Listener& listener, const std::string& at) {
    const auto opened = listener.open(ListenAddress{{}, at});
    return opened ? "" : opened.error();
  }
  std::string open(Listener& listener) { return open(listener, path()); }

  tests::TemporaryFolder folder_;
  boost::asio::io_context io_;
};

TEST_F(UnixListener, HasASocketForItsUserAndGroupAloneAndTakesItAway) {
  {
    Listener listener(io_);
    ASSERT_EQ(open(listener), "");
    EXPECT_EQ(listener.address().text(), "unix:" + path());
    struct stat file {};
    ASSERT_EQ(lstat(path().c_str(), &file), 0);
    EXPECT_TRUE(S_ISSOCK(file.st_mode));
    EXPECT_EQ(file.st_mode & 0777U, 0660U);
    EXPECT_TRUE(HttpCaller("unix:" + path()).connected());
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixListener, TakesThePlaceOfASocketThatWasLeftBehind) {
  boost::asio::basic_socket_acceptor<boost::asio::local::stream_protocol> left(
      io_, boost::asio::local::stream_protocol::endpoint(path()));
  left.close();
  ASSERT_TRUE(std::filesystem::exists(path()));
  Listener listener(io_);
  EXPECT_EQ(open(listener), "");
  EXPECT_TRUE(HttpCaller("unix:" + path()).connected());
}

TEST_F(UnixListener, LeavesASocketAloneAtWhichAnotherProgramListens) {
  Listener first(io_);
  ASSERT_EQ(open(first), "");
  {
    Listener second(io_);
    EXPECT_THAT(open(second), AllOf(HasSubstr("another program listens there"), HasSubstr(path())));
  }
  EXPECT_TRUE(HttpCaller("unix:" + path()).connected());
}

TEST_F(UnixListener, TakesNothingAwayThatIsNotItsOwn) {
  folder_.write("status.sock", "a file");
  Listener listener(io_);
  EXPECT_THAT(open(listener), HasSubstr("a file that is no socket"));
  EXPECT_TRUE(std::filesystem::is_regular_file(path()));
  std::filesystem::remove(path());
  {
    Listener replaced(io_);
    ASSERT_EQ(open(replaced), "");
    std::filesystem::remove(path());
    folder_.write("status.sock", "somebody else's");
  }
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(UnixListener, WithoutItsFolderSaysSo) {
  Listener listener(io_);
  EXPECT_THAT(open(listener, folder_.path("absent/status.sock")), HasSubstr("there is no such folder"));
}

}  // namespace
}  // namespace hydra_clients::telemetry
