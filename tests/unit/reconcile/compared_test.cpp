#include "reconcile/compared.h"

#include <gtest/gtest.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using test::arrayOf;
using test::publicClient;
using test::setOf;

constexpr HydraVersion kHydra{2, 3, 0};
constexpr HydraVersion kOther{2, 2, 0};
const Fingerprint kLive{1, 2};

manifest::ManifestSetPtr withManifests(std::vector<manifest::ManifestPtr> manifests) {
  manifest::ManifestSet set;
  set.manifests = std::move(manifests);
  return std::make_shared<const manifest::ManifestSet>(std::move(set));
}

TEST(Compared, KnowsTheBytesThatWereInSyncAndNoOthers) {
  Compared compared;
  compared.update(setOf(arrayOf({publicClient("a"), publicClient("b")})), kHydra);
  compared.foundInSync(1, kLive);
  EXPECT_TRUE(compared.isKnownInSync(1, kLive));
  EXPECT_FALSE(compared.isKnownInSync(0, kLive)) << "of another manifest";
  EXPECT_FALSE(compared.isKnownInSync(1, {1, 3}));
  EXPECT_FALSE(compared.isKnownInSync(0, {})) << "nothing is known of it";
}

TEST(Compared, KeepsWhatItKnowsOfTheManifestsThatStay) {
  const auto before = setOf(arrayOf({publicClient("a"), publicClient("c"), publicClient("d")}));
  const auto fresh = setOf(arrayOf({publicClient("b"), publicClient("c")}));
  Compared compared;
  compared.update(before, kHydra);
  for (std::size_t place = 0; place < 3; ++place) compared.foundInSync(place, kLive);
  compared.update(
      withManifests({before->manifests[0], fresh->manifests[0], fresh->manifests[1], before->manifests[2]}),
      kHydra);
  EXPECT_TRUE(compared.isKnownInSync(0, kLive));
  EXPECT_FALSE(compared.isKnownInSync(1, kLive));
  EXPECT_FALSE(compared.isKnownInSync(2, kLive)) << "the same id, and another manifest";
  EXPECT_TRUE(compared.isKnownInSync(3, kLive));
  compared.update(withManifests({fresh->manifests[0], before->manifests[0]}), kHydra);
  EXPECT_FALSE(compared.isKnownInSync(0, kLive));
  EXPECT_TRUE(compared.isKnownInSync(1, kLive));
}

TEST(Compared, ForgetsAllWhereHydraIsOfAnotherVersion) {
  const auto set = setOf(publicClient("a"));
  Compared compared;
  compared.update(set, kHydra);
  compared.foundInSync(0, kLive);
  compared.update(set, kHydra);
  EXPECT_TRUE(compared.isKnownInSync(0, kLive));
  compared.update(set, kOther);
  EXPECT_FALSE(compared.isKnownInSync(0, kLive));
}

TEST(Compared, KnowsWhichManifestsDeclareMoreThanHydraKnows) {
  Compared compared;
  const auto set = setOf(arrayOf({publicClient("a"), publicClient("b", R"("skip_consent":true,)")}));
  compared.update(set, {1, 11, 10});
  EXPECT_FALSE(compared.leavesOut(0));
  EXPECT_TRUE(compared.leavesOut(1));
  compared.update(set, kHydra);
  EXPECT_FALSE(compared.leavesOut(1));
}

}  // namespace
}  // namespace hydra_clients::reconcile
