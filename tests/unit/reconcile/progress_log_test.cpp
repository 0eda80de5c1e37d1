#include "reconcile/progress_log.h"

#include <string>

#include <gmock/gmock.h>

#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using namespace std::chrono_literals;
using Stage = Progress::Stage;
using testing::HasSubstr;
using testing::IsEmpty;

class ProgressLogTest : public testing::Test {
 protected:
  /// What the log gets of it, `later` than the time before.
  std::string logged(const Progress& progress, std::chrono::milliseconds later) {
    now_ += later;
    testing::internal::CaptureStderr();
    telemetry::startLog(telemetry::LogFormat::kLogfmt, telemetry::LogLevel::kInfo);
    log_.note(progress);
    return testing::internal::GetCapturedStderr();
  }

  SteadyTime now_{1h};
  ProgressLog log_{[this] { return now_; }};
};

TEST_F(ProgressLogTest, ALongImportSaysEveryFewSecondsHowFarItIs) {
  EXPECT_THAT(logged({Stage::kImporting, 0, 5'000, 0}, 0ms), IsEmpty());
  EXPECT_THAT(logged({Stage::kImporting, 1'000, 5'000, 0}, 4'900ms), IsEmpty());
  EXPECT_THAT(logged({Stage::kImporting, 1'200, 5'000, 3}, 100ms),
              HasSubstr("level=info msg=\"importing\" done=1200 total=5000 failed=3\n"));
  EXPECT_THAT(logged({Stage::kImporting, 1'300, 5'000, 3}, 100ms), IsEmpty());
  EXPECT_THAT(logged({Stage::kImporting, 2'300, 5'000, 3}, 4'900ms), HasSubstr("done=2300"));
}

TEST_F(ProgressLogTest, EachImportIsTimedFromItsOwnBegin) {
  logged({Stage::kImporting, 0, 5'000, 0}, 0ms);
  logged({Stage::kReadingClients, 0, {}, 0}, 4s);
  EXPECT_THAT(logged({Stage::kImporting, 0, 5'000, 0}, 4s), IsEmpty());
}

TEST_F(ProgressLogTest, ReadingIsNotLogged) {
  EXPECT_THAT(logged({Stage::kReadingClients, 1, {}, 0}, 0ms), IsEmpty());
  EXPECT_THAT(logged({Stage::kReadingClients, 2, {}, 0}, 1min), IsEmpty());
}

}  // namespace
}  // namespace hydra_clients::reconcile
