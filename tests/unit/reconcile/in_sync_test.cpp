#include "reconcile/in_sync.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using test::arrayOf;
using test::publicClient;

TEST(InSync, HasThoseThatWereAddedAndNoOthers) {
  const auto set = test::setOf(arrayOf({publicClient("b"), publicClient("d"), publicClient("f")}));
  InSync inSync(set);
  inSync.add(1);
  EXPECT_EQ(inSync.find("d"), set->manifests[1]);
  for (const char* other : {"a", "b", "c", "e", "f", "g"}) EXPECT_FALSE(inSync.has(other)) << other;
  EXPECT_EQ(inSync.count(), 1U);
}

TEST(InSync, HasNobodyWhereNothingIsKnown) { EXPECT_FALSE(InSync().has("a")); }

TEST(InSync, GoesThroughItsManifestsByTheirIds) {
  InSync inSync(test::setOf(arrayOf({publicClient("c"), publicClient("b"), publicClient("a")})));
  inSync.add(2);
  inSync.add(0);
  std::vector<std::string> ids;
  inSync.forEach([&](const manifest::ManifestPtr& manifest) { ids.push_back(manifest->id); });
  EXPECT_THAT(ids, testing::ElementsAre("a", "c"));
}

}  // namespace
}  // namespace hydra_clients::reconcile
