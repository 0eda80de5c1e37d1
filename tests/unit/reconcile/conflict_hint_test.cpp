#include "reconcile/conflict_hint.h"

#include <gmock/gmock.h>

namespace hydra_clients::reconcile {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const hydra::Dialect kV1{hydra::Family::kV1, {1, 11, 10}, true};
const hydra::Dialect kV2{hydra::Family::kV2_2, {2, 3, 0}, true};

std::string command(const ClientId& id, const manifest::Location& place, const hydra::Dialect& dialect = kV2,
                    std::string_view endpoint = "http://h:4445/prefix") {
  return updateCommand(id, place, dialect, endpoint);
}

TEST(UpdateCommand, SendsTheManifestWithoutWhatOnlyThisProgramReads) {
  EXPECT_EQ(command("app", {"a.json", 1, 1, ""}),
            R"(jq 'del(."$schema", ."$comment", .client_secret_from)' a.json | )"
            "hydra update oauth2-client --endpoint http://h:4445/prefix --file /dev/stdin -- app");
}

TEST(UpdateCommand, PicksTheClientOutOfAnArray) {
  EXPECT_THAT(command("app", {"a.json", 9, 3, "/7"}), StartsWith("jq '.[7] | del("));
}

TEST(UpdateCommand, QuotesWhateverAShellWouldRead) {
  const std::string text = command("a'; rm -rf ~ #", {"my clients/$(x).json", 1, 1, ""});
  EXPECT_THAT(text, HasSubstr(" 'my clients/$(x).json' | "));
  EXPECT_THAT(text, EndsWith(R"( -- 'a'\''; rm -rf ~ #')"));
  EXPECT_THAT(command("a", {"-rf.json", 1, 1, ""}), HasSubstr(" ./-rf.json | "));
}

TEST(UpdateCommand, IsAPutWhereHydrasOwnCommandDoesNotServe) {
  EXPECT_THAT(
      command("a b", {"a.json", 1, 1, ""}, kV1),
      EndsWith("| curl --fail-with-body --request PUT --data-binary @- http://h:4445/prefix/clients/a%20b"));
  EXPECT_THAT(command("app", {"a.json", 1, 1, ""}, kV2, "unix:///run/my hydra.sock"),
              EndsWith("--unix-socket '/run/my hydra.sock' http://unix/admin/clients/app"));
}

TEST(ConflictHint, ShowsOnlyTheManifestWhereTheIdHasNoUrl) {
  const std::string hint = conflictHint("team/a", {"a.json", 3, 1, ""}, kV2, "http://h");
  EXPECT_THAT(hint, HasSubstr("a.json:3:1"));
  EXPECT_THAT(hint, HasSubstr("cannot change a client of such an id"));
}

}  // namespace
}  // namespace hydra_clients::reconcile
