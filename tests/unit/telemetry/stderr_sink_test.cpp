#include "telemetry/stderr_sink.h"

#include <chrono>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hydra_clients::telemetry {
namespace {

using ::testing::HasSubstr;

class StuckReader : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(ends_), 0);
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  void TearDown() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  void say(const std::string& text) {
    sink_->log(spdlog::details::log_msg("test", spdlog::level::info,
                                        spdlog::string_view_t(text.data(), text.size())));
  }
  std::string readAll() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = read(ends_[0], buffer, sizeof buffer); n > 0;
         n = read(ends_[0], buffer, sizeof buffer)) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }
  int ends_[2] = {-1, -1};
  std::unique_ptr<StderrSink> sink_;
};

TEST_F(StuckReader, HoldsTheCallerUpOnceAndLosesLinesThatAreCounted) {
  sink_ = std::make_unique<StderrSink>(ends_[1]);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i)
    say("line " + std::to_string(i) + std::string(1000, '.'));  // a pipe holds 64 KiB
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  const std::string first = readAll();
  EXPECT_THAT(first, HasSubstr("line 0.."));
  say("after");
  say("and again");
  const std::string second = readAll();
  EXPECT_THAT(second, HasSubstr("log lines lost, nobody read them: 9"));
  EXPECT_TRUE(second.ends_with("\nafter\nand again\n")) << second;
}

TEST_F(StuckReader, GetsLongLinesWhole) {
  sink_ = std::make_unique<StderrSink>(ends_[1]);
  say(std::string(20'000, 'x'));
  EXPECT_EQ(readAll(), std::string(20'000, 'x') + "\n");
}

TEST(ClosedStandardError, IsNoFault) {
  StderrSink sink(987'654);
  sink.log(spdlog::details::log_msg("test", spdlog::level::info, "nobody hears it"));
}

}  // namespace
}  // namespace hydra_clients::telemetry
