#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract_server.h"

namespace hydra_clients::contract {
namespace {

using hydra::Family;

Family expectedFamily(const HydraVersion& version) {
  if (version.major == 1) return Family::kV1;
  if (version.major > 2) return Family::kV25;
  return version.minor < 2 ? Family::kV2_0 : Family::kV2_2;
}

TEST(Detection, FindsTheFamilyOfThisHydra) {
  Server& server = Server::get();
  hydra::AdminApi api(server.transport());
  const auto dialect = api.detect();
  ASSERT_TRUE(dialect) << why(dialect);
  EXPECT_EQ(dialect->family, expectedFamily(server.version())) << dialect->text();
}

TEST(Detection, FindsTheVersionAsFarAsHydraTellsIt) {
  const Server& server = Server::get();
  const hydra::Dialect& dialect = Server::get().api().dialect();
  EXPECT_EQ(dialect.version.major, server.version().major) << dialect.text();
  if (!dialect.versionIsKnown)
    GTEST_SKIP() << "this Hydra does not tell its version: taken for " << dialect.version.text();
  if (server.version().minor != HydraVersion::kNewestOfLine) {
    EXPECT_EQ(dialect.version.minor, server.version().minor);
  }
}

TEST(Detection, SaysWhatIsWrongWhereTheEndpointEndsInAdmin) {
  if (Server::get().isV1()) GTEST_SKIP() << "v1 has no /admin";
  if (std::string(std::getenv("CONTRACT_ENDPOINT")).starts_with("unix:"))
    GTEST_SKIP() << "a unix endpoint has no path";
  hydra::ConnectionOptions options;
  options.endpoint = hydra::Endpoint::parse(std::string(std::getenv("CONTRACT_ENDPOINT")) + "/admin").value();
  const auto transport = hydra::makeTransport(options).value();
  hydra::AdminApi api(*transport);
  const auto dialect = api.detect();
  ASSERT_FALSE(dialect);
  EXPECT_EQ(dialect.error().kind, hydra::AdminError::Kind::kNotHydra);
  EXPECT_THAT(dialect.error().message, testing::HasSubstr("leave /admin out"));
}

TEST(Detection, SaysWhatIsWrongWhereThePrefixIsNotServed) {
  if (std::string(std::getenv("CONTRACT_ENDPOINT")).starts_with("unix:"))
    GTEST_SKIP() << "a unix endpoint has no path";
  hydra::ConnectionOptions options;
  options.endpoint =
      hydra::Endpoint::parse(std::string(std::getenv("CONTRACT_ENDPOINT")) + "/no/such/prefix").value();
  const auto transport = hydra::makeTransport(options).value();
  hydra::AdminApi api(*transport);
  const auto dialect = api.detect();
  ASSERT_FALSE(dialect);
  EXPECT_EQ(dialect.error().kind, hydra::AdminError::Kind::kNotHydra) << why(dialect);
}

TEST(Health, IsReady) { EXPECT_TRUE(Server::get().api().ready()); }

}  // namespace
}  // namespace hydra_clients::contract
