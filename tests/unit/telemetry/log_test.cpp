#include "telemetry/log.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(Log, GoesToStandardErrorFromTheLevelThatWasAskedFor) {
  CaptureStderr();
  startLog(LogFormat::kLogfmt, LogLevel::kWarning);
  logDebug("too low");
  logInfo("too low");
  logWarning("manifest went away", {{"client_id", "app"}});
  logError("cycle failed");
  startLog(LogFormat::kJson, LogLevel::kDebug);
  logDebug("a detail with {} and %s and %v", {{"n", std::int64_t{7}}});
  const std::string text = GetCapturedStderr();
  EXPECT_EQ(text.find("too low"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("level=warning msg=\"manifest went away\" client_id=app\n"));
  EXPECT_THAT(text, HasSubstr("level=error msg=\"cycle failed\"\n"));
  EXPECT_THAT(text, HasSubstr("\"level\":\"debug\",\"msg\":\"a detail with {} and %s and %v\",\"n\":7}\n"));
}

TEST(Log, KeepsLinesOfSeveralThreadsApart) {
  CaptureStderr();
  startLog(LogFormat::kLogfmt, LogLevel::kInfo);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 100; ++i) logInfo("line", {{"filler", std::string(500, 'x')}, {"end", true}});
      });
    }
  }
  const std::string text = GetCapturedStderr();
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < text.size(); ++lines) {
    const auto end = text.find('\n', begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_TRUE(text.substr(begin, end - begin).starts_with("ts=") &&
                text.substr(begin, end - begin).ends_with("end=true"));
    begin = end + 1;
  }
  EXPECT_EQ(lines, 400U);
}

}  // namespace
}  // namespace hydra_clients::telemetry
