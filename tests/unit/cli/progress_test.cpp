#include "cli/progress.h"

#include <array>
#include <memory>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

namespace hydra_clients::cli {
namespace {

using namespace std::chrono_literals;
using reconcile::Progress;
using Form = ProgressOptions::Form;
using Stage = Progress::Stage;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kCleared = "\r\x1b[K";

/// A display whose clock the test moves, and whose stream is a pipe.
class ProgressTest : public testing::Test {
 protected:
  ProgressTest() {
    EXPECT_EQ(pipe(ends_.data()), 0);
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~ProgressTest() override {
    display_.reset();
    for (const int end : ends_) close(end);
  }
  ProgressTest(const ProgressTest&) = delete;
  ProgressTest& operator=(const ProgressTest&) = delete;

  void open(Form form) {
    display_.emplace(StreamWriter(ends_[1], {}), ProgressOptions{.form = form,
                                                                 .columns = [this] { return columns_; },
                                                                 .now = [this] { return now_; }});
  }
  /// What is written for it, `later` than the time before.
  std::string shown(const Progress& progress, std::chrono::milliseconds later) {
    now_ += later;
    display_->show(progress);
    return written();
  }
  static Progress imported(std::uint64_t done) { return {Stage::kImporting, done, 5'000}; }
  std::string written() {
    std::string text(1 << 16, '\0');
    const ssize_t got = read(ends_[0], text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

  std::array<int, 2> ends_{};
  reconcile::SteadyTime now_{1h};
  std::size_t columns_ = 100;
  std::optional<ProgressDisplay> display_;
};

TEST_F(ProgressTest, NoBarForWorkThatEndsSoon) {
  open(Form::kBar);
  EXPECT_THAT(shown(imported(0), 0ms), IsEmpty());
  EXPECT_THAT(shown(imported(5'000), 499ms), IsEmpty());
  display_->clear();
  EXPECT_THAT(written(), IsEmpty()) << "no escape code either";
}

TEST_F(ProgressTest, ABarIsDrawnOverTheOneBeforeAtMostTenTimesASecond) {
  open(Form::kBar);
  shown(imported(0), 0ms);
  EXPECT_THAT(shown(imported(750), 500ms), testing::AllOf(StartsWith("\rimporting ["), HasSubstr("750 of")));
  int drawn = 0;
  for (std::uint64_t done = 751; done <= 1'750; ++done) drawn += shown(imported(done), 1ms).empty() ? 0 : 1;
  EXPECT_EQ(drawn, 10);
}

TEST_F(ProgressTest, ClearingLeavesAnEmptyLineAndTheBarComesBackAtOnce) {
  open(Form::kBar);
  EXPECT_THAT(shown(imported(1'000), 500ms), HasSubstr("1,000 of 5,000"));
  display_->clear();
  EXPECT_EQ(written(), kCleared);
  display_->clear();
  EXPECT_THAT(written(), IsEmpty()) << "there is nothing to clear";
  EXPECT_THAT(shown(imported(1'001), 0ms), HasSubstr("1,001 of 5,000"));
}

TEST_F(ProgressTest, TheBarIsGoneWithTheDisplay) {
  open(Form::kBar);
  EXPECT_THAT(shown(imported(1'000), 500ms), Not(IsEmpty()));
  display_.reset();
  EXPECT_EQ(written(), kCleared);
}

TEST_F(ProgressTest, TheBarFollowsTheTerminalsWidthAndLeavesTheLastColumnFree) {
  open(Form::kBar);
  for (const std::size_t columns : {1U, 20U, 60U, 100U}) {
    columns_ = columns;
    const std::string text = shown(imported(1'000), 500ms);
    ASSERT_THAT(text, testing::AllOf(StartsWith("\r"), testing::EndsWith("\x1b[K")));
    EXPECT_LE(text.size() - 4, columns - 1);
  }
}

TEST_F(ProgressTest, EachStageHasARateOfItsOwn) {
  open(Form::kBar);
  shown({Stage::kReadingClients, 0}, 0ms);
  EXPECT_THAT(shown({Stage::kReadingClients, 50'000}, 1s), HasSubstr("50,000/s"));
  EXPECT_THAT(shown(imported(0), 1s), Not(HasSubstr("/s")));
  EXPECT_THAT(shown(imported(1'000), 1s), HasSubstr("1,000/s, 4 s left"));
}

TEST_F(ProgressTest, WithoutATerminalALineIsWrittenEveryFewSeconds) {
  open(Form::kLines);
  shown(imported(0), 0ms);
  EXPECT_THAT(shown(imported(1'000), 4'999ms), IsEmpty()) << "none for work that ends sooner";
  EXPECT_EQ(shown(imported(1'200), 1ms),
            "hydra-clients: imported 1,200 of 5,000 clients (240/s, 16 s left)\n");
  EXPECT_THAT(shown(imported(2'000), 4'999ms), IsEmpty());
  EXPECT_THAT(shown(imported(2'200), 1ms), HasSubstr("imported 2,200"));
  display_.reset();
  EXPECT_THAT(written(), IsEmpty()) << "lines are not cleared";
}

TEST_F(ProgressTest, QuietShowsNothing) {
  open(Form::kNone);
  EXPECT_THAT(shown(imported(1'000), 1h), IsEmpty());
  EXPECT_EQ(progressOnStandardError(/*quiet=*/true).form, Form::kNone);
}

TEST_F(ProgressTest, AStreamThatNobodyReadsDelaysNobody) {
  open(Form::kLines);
  fcntl(ends_[1], F_SETFL, O_NONBLOCK);
  const std::string filler(1 << 12, 'x');
  while (write(ends_[1], filler.data(), filler.size()) > 0) {
  }
  fcntl(ends_[1], F_SETFL, 0);
  now_ += 1min;
  display_->show(imported(1'000));  // or it would wait for ever
  EXPECT_THAT(written(), Not(HasSubstr("imported")));
}

TEST(ColumnsFrom, AreTheNarrowerOfWhatTheTerminalAndTheEnvironmentSay) {
  EXPECT_EQ(columnsFrom(120, nullptr), 120U);
  EXPECT_EQ(columnsFrom(120, "100"), 100U);
  EXPECT_EQ(columnsFrom(120, "200"), 120U);
  EXPECT_EQ(columnsFrom(0, "100"), 100U);
  for (const char* const nothing : {"", "0", "wide", "100 "}) EXPECT_EQ(columnsFrom(120, nothing), 120U);
  EXPECT_EQ(columnsFrom(0, nullptr), 80U);
}

}  // namespace
}  // namespace hydra_clients::cli
