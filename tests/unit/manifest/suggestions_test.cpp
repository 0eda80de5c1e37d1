#include "manifest/suggestions.h"

#include <gtest/gtest.h>

namespace hydra_clients::manifest {
namespace {

TEST(Suggestions, KnowWhatPeopleWriteInsteadOfHydrasNames) {
  EXPECT_NE(adviceForFieldName("id").value().find("client_id"), std::string_view::npos);
  EXPECT_NE(adviceForFieldName("scopes").value().find("scope"), std::string_view::npos);
  EXPECT_NE(adviceForFieldName("public").value().find("none"), std::string_view::npos);
  EXPECT_EQ(adviceForFieldName("client_id"), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients::manifest
