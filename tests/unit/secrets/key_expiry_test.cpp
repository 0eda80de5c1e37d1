#include "secrets/key_expiry.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::secrets {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const WallTime kNow = std::chrono::system_clock::from_time_t(1'767'225'600);  // 2026-01-01

Recipient endingAt(const std::string& fingerprint, std::optional<WallTime> end) {
  return {fingerprint, "Ops <ops@example.com>", end};
}

TEST(KeyExpiry, OfSeveralRecipientsIsTheFirstOnesEnd) {
  EXPECT_EQ(earliestEnd({}), 0.0);
  EXPECT_EQ(earliestEnd({endingAt("A", {})}), 0.0);
  EXPECT_EQ(earliestEnd({endingAt("A", {}), endingAt("B", kNow + 20s), endingAt("C", kNow + 10s)}),
            1'767'225'610.0);
}

TEST(KeyExpiry, IsSaidOnceFromThirtyDaysBeforeWithKeyAndDay) {
  KeyExpiryWatch watch({endingAt("ABCD", kNow + 24h * 40), endingAt("EFGH", {})});
  EXPECT_THAT(watch.dueWarnings(kNow), IsEmpty());
  EXPECT_THAT(watch.dueWarnings(kNow + 24h * 10 - 1s), IsEmpty());
  EXPECT_THAT(watch.dueWarnings(kNow + 24h * 10), ElementsAre(AllOf(HasSubstr("ABCD (Ops <ops@example.com>)"),
                                                                    HasSubstr("expires on 2026-02-10"))));
  EXPECT_THAT(watch.dueWarnings(kNow + 24h * 11), IsEmpty());
}

TEST(KeyExpiry, IsSaidOnceMoreWhenItHasCome) {
  KeyExpiryWatch watch({endingAt("ABCD", kNow + 24h)});
  EXPECT_THAT(watch.dueWarnings(kNow), ElementsAre(HasSubstr("expires on 2026-01-02")));
  EXPECT_THAT(watch.dueWarnings(kNow + 24h), ElementsAre(HasSubstr("expired on 2026-01-02")));
  EXPECT_THAT(watch.dueWarnings(kNow + 25h), IsEmpty());
}

TEST(KeyExpiry, ThatHasComeNamesEveryKeyThatEnded) {
  const std::vector<Recipient> recipients{endingAt("ABCD", kNow), endingAt("EFGH", kNow + 1s),
                                          endingAt("IJKL", kNow - 1s)};
  EXPECT_EQ(endedKeys(recipients, kNow - 2s), "");
  EXPECT_THAT(endedKeys(recipients, kNow), AllOf(HasSubstr("ABCD"), HasSubstr("IJKL"),
                                                 HasSubstr("expired on 2026-01-01"), Not(HasSubstr("EFGH"))));
}

TEST(KeyExpiry, NamesAKeyWithoutAUserByItsFingerprintAlone) {
  EXPECT_THAT(endedKeys({{"ABCD", "", kNow}}, kNow), HasSubstr("the PGP key ABCD expired on 2026-01-01"));
  EXPECT_THAT(endedKeys({{"ABCD", "", kNow}, {"EFGH", "", kNow}}, kNow),
              HasSubstr("the PGP key ABCD expired on 2026-01-01; the PGP key EFGH expired on 2026-01-01"));
}

TEST(KeyExpiry, OfADayThatNoCalendarHasIsStillSaid) {
  EXPECT_EQ(dateOf(std::numeric_limits<std::time_t>::max()), "an unknown day");
  EXPECT_EQ(earliestEnd({endingAt("A", kNow + 10s), endingAt("B", kNow + 20s)}), 1'767'225'610.0);
}

}  // namespace
}  // namespace hydra_clients::secrets
