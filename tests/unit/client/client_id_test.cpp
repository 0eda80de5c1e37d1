#include "client/client_id.h"

#include <set>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

TEST(ClientId, IsOneSegmentOfAPath) {
  EXPECT_EQ(percentEncode("team/a b?c#é"), "team%2Fa%20b%3Fc%23%C3%A9");
  EXPECT_EQ(percentEncode("A-z_0.9~"), "A-z_0.9~");
}

TEST(ClientId, HasAFileNameOfItsOwn) {
  EXPECT_EQ(fileNameOf("app"), "app");
  EXPECT_EQ(fileNameOf("."), "%2E");
  EXPECT_EQ(fileNameOf("../x"), "%2E.%2Fx");
  const std::string longId(300, 'a');
  EXPECT_LE(fileNameOf(longId).size(), 200U);
  EXPECT_NE(fileNameOf(longId), fileNameOf(longId + "b"));
}

TEST(RandomUuid, IsAVersion4AndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = randomUuid();
    EXPECT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

}  // namespace
}  // namespace hydra_clients
