#include "client/declared_fields.h"

#include <string_view>

#include <gmock/gmock.h>

namespace hydra_clients {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr HydraVersion kOld{1, 11, 10};
constexpr HydraVersion kNew{2, 3, 0};

DeclaredFields declared(std::string_view client, const HydraVersion& version = kNew) {
  return {CanonicalFields::of(json::parse(client).value()), version};
}

bool areIn(const DeclaredFields& fields, std::string_view live, const HydraVersion& version = kNew) {
  return fields.areIn(json::parse(live).value(), version);
}

TEST(DeclaredFields, AreInALiveClientThatHasTheirValuesAndMore) {
  const auto fields = declared(R"({"scope":"b a","owner":"x","contacts":["c","d"]})");
  EXPECT_TRUE(areIn(fields, R"({"contacts":["d","c"],"tos_uri":"y","owner":"x","scope":"a b"})"));
}

TEST(DeclaredFields, AreNotInOneWhereAValueDiffersOrIsMissing) {
  const auto fields = declared(R"({"owner":"x","tos_uri":"y"})");
  EXPECT_FALSE(areIn(fields, R"({"owner":"x","tos_uri":"z"})"));
  EXPECT_FALSE(areIn(fields, R"({"owner":"x"})"));
  EXPECT_FALSE(areIn(fields, R"({"owner":"y","tos_uri":"x"})")) << "each value belongs to its field";
  EXPECT_FALSE(areIn(declared(R"({"owner":"ab","tos_uri":"c"})"), R"({"owner":"a","tos_uri":"bc"})"));
}

TEST(DeclaredFields, AreNotInOneThatHasWhatIsDeclaredEmpty) {
  const auto fields = declared(R"({"owner":"","contacts":[]})");
  EXPECT_TRUE(areIn(fields, "{}"));
  EXPECT_FALSE(areIn(fields, R"({"owner":"x"})"));
}

TEST(DeclaredFields, LeaveOutWhatThisHydraDoesNotKnow) {
  const auto fields = declared(R"({"skip_consent":true,"owner":"a"})", kOld);
  EXPECT_TRUE(areIn(fields, R"({"owner":"a"})", kOld));
  EXPECT_FALSE(areIn(fields, R"({"owner":"b"})", kOld));
  EXPECT_FALSE(areIn(fields, R"({"owner":"a"})", kNew)) << "made for another: it cannot tell";
  EXPECT_TRUE(areIn(declared(R"({"owner":"a"})", kOld), R"({"owner":"a"})", kNew)) << "both know the same";
}

TEST(DeclaredFields, NameThoseThatAHydraDrops) {
  const auto fields = declared(
      R"({"access_token_strategy":"jwt","skip_consent":true,"skip_logout_consent":false,"owner":"a"})");
  EXPECT_THAT(fields.unknownTo(kOld), ElementsAre("access_token_strategy", "skip_consent"));
  EXPECT_THAT(fields.unknownTo(kNew), IsEmpty());
}

}  // namespace
}  // namespace hydra_clients
