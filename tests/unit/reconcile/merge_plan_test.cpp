#include "reconcile/merge_plan.h"

#include <gmock/gmock.h>

#include "connection_to.h"
#include "fake_hydra.h"
#include "manifests.h"
#include "memory_source.h"

namespace hydra_clients::reconcile {
namespace {

using test::publicClient;
using testing::ElementsAre;
using testing::HasSubstr;

/// Hands a source on that outlives it.
class Borrowed final : public manifest::ManifestSource {
 public:
  explicit Borrowed(manifest::ManifestSource& source) : source_(source) {}
  tl::expected<std::unique_ptr<manifest::Snapshot>, manifest::SourceError> open() override {
    return source_.open();
  }
  [[nodiscard]] std::string description() const override { return source_.description(); }

 private:
  manifest::ManifestSource& source_;
};

class MergePlan : public testing::Test {
 protected:
  MergeReport plan() {
    const FindBase findBase =
        [this](const std::string& revision) -> tl::expected<manifest::ChangeBase, manifest::SourceError> {
      asked_ = revision;
      manifest::ChangeBase base;
      base.comparison = {"HEAD", "main", {"89abcdef0123456789", 1}, {"89abcdef0123456789", 1}, ""};
      base.manifests = std::make_unique<Borrowed>(before_);
      return base;
    };
    return planMerge(reconciler_, reader_, findBase, {});
  }
  /// The same manifest on both sides.
  void setBoth(const std::string& path, const std::string& content) {
    before_.set(path, content);
    now_.set(path, content);
  }
  /// "added import app", for each.
  static std::vector<std::string> inWords(const MergeReport& report) {
    std::vector<std::string> words;
    for (const ChangedClient& changed : report.clients) {
      words.push_back(std::string(nameOf(changed.change)) + " " + std::string(changed.word()) + " " +
                      changed.client.id);
    }
    return words;
  }

  test::FakeHydra hydra_;
  hydra::AdminApi api_{hydra_};
  test::MemorySource before_;
  test::MemorySource now_;
  manifest::SetReader reader_{manifest::ReadingOptions{}};
  hydra::ConnectionOptions connection_ = test::connectionTo("http://127.0.0.1:4445");
  Reconciler reconciler_{{now_, reader_, api_, connection_}, ImportOptions{}};
  std::string asked_;
};

TEST_F(MergePlan, ShowsTheChangedClientsAloneAndCountsTheOthers) {
  setBoth("same.json", publicClient("same"));
  setBoth("absent.json", publicClient("absent"));
  hydra_.put("same", publicClient("same"));
  now_.set("new.json", publicClient("new"));
  const MergeReport report = plan();
  EXPECT_EQ(asked_, "rev") << "the base is sought for the commit that was read";
  EXPECT_THAT(inWords(report), ElementsAre("added import new"));
  EXPECT_EQ(report.unchanged, 2U);
  EXPECT_EQ(report.unchangedNotInSync, 1U);
  EXPECT_FALSE(report.leavesNothingToDo());
  EXPECT_EQ(hydra_.posts(), 0U);
  EXPECT_THAT(toText(report), HasSubstr("comparing HEAD rev with main 89abcdef0123\n"
                                        "import     new  new.json:1:1\n           added\n1 import\n"
                                        "2 clients unchanged, 1 of them not in sync (plan without"));
}

TEST_F(MergePlan, ARemovedManifestLeavesAClientInHydraOrNone) {
  setBoth("same.json", publicClient("same"));
  before_.set("gone.json", publicClient("gone"));
  before_.set("drifted.json", publicClient("drifted", R"("owner":"me",)"));
  before_.set("never.json", publicClient("never"));
  hydra_.put("gone", publicClient("gone"));
  hydra_.put("drifted", publicClient("drifted", R"("owner":"by hand",)"));
  hydra_.put("other", publicClient("other"));
  const MergeReport report = plan();
  EXPECT_THAT(inWords(report),
              ElementsAre("removed unmanaged drifted", "removed unmanaged gone", "removed absent never"));
  EXPECT_EQ(report.cycle.unmanaged, 3U) << "as a cycle after the merge counts them";
  EXPECT_EQ(report.cycle.declared(), 1U);
  EXPECT_EQ(report.cycle.result, CycleResult::kSuccess) << "the conflict went with its manifest";
  EXPECT_FALSE(report.leavesNothingToDo());
}

TEST_F(MergePlan, ARemovedManifestWhoseClientHydraDoesNotShowIsUnknown) {
  setBoth("same.json", publicClient("same"));
  before_.set("gone.json", publicClient("gone"));
  hydra_.put("same", publicClient("same"));
  hydra_.setFault([](const hydra::Request& request, const auto&) -> std::optional<test::FakeHydra::Answer> {
    const bool poisoned =
        request.target == "/admin/clients/gone" || request.target.ends_with("page_size=1000");
    if (!poisoned) return std::nullopt;
    return test::FakeHydra::response(
        500, R"({"error":"error","error_description":"The error is unrecognizable"})");
  });
  const MergeReport report = plan();
  EXPECT_THAT(inWords(report), ElementsAre("removed unknown gone"));
  EXPECT_EQ(report.cycle.unmanaged, std::nullopt);
}

TEST_F(MergePlan, ARemovedManifestThatWaitedForItsSecretLeavesNothing) {
  before_.set("waiting.json", R"({"client_id":"waiting","scope":"x"})");
  before_.set("newer.json", publicClient("newer", R"("device_authorization_grant_id_token_lifespan":"1h",)"));
  hydra_.put("newer", publicClient("newer"));
  const MergeReport report = plan();
  EXPECT_EQ(report.cycle.error, "") << "one of the two sides has manifests";
  EXPECT_THAT(inWords(report), ElementsAre("removed unmanaged newer", "removed absent waiting"));
}

TEST_F(MergePlan, ARemovedManifestOfAClientThatIsNotThereLeavesNothingToDo) {
  setBoth("same.json", publicClient("same"));
  before_.set("never.json", publicClient("never"));
  const MergeReport report = plan();
  EXPECT_TRUE(report.leavesNothingToDo());
  EXPECT_EQ(report.clients.at(0).client.places.at(0).path, "never.json");
  EXPECT_EQ(report.cycle.result, CycleResult::kSuccess);
}

TEST_F(MergePlan, ARenamedClientIsImportedAndTheOldOneStays) {
  before_.set("app.json", publicClient("old"));
  now_.set("app.json", publicClient("new"));
  before_.set("gone.json", publicClient("zz"));
  hydra_.put("old", publicClient("old"));
  const MergeReport report = plan();
  EXPECT_THAT(inWords(report), ElementsAre("renamed import new", "removed absent zz"));
  EXPECT_EQ(report.clients.at(0).changeInWords(),
            "renamed from old, which stays in Hydra, unmanaged, until a person deletes it");
  EXPECT_EQ(report.cycle.unmanaged, 1U);
}

TEST_F(MergePlan, AChangedClientThatIsInHydraAsItWasIsAConflictWithTheWayOut) {
  before_.set("app.json", publicClient("app", R"("client_name":"old",)"));
  now_.set("app.json", publicClient("app", R"("client_name":"new",)"));
  hydra_.put("app", publicClient("app", R"("client_name":"old",)"));
  const MergeReport report = plan();
  EXPECT_THAT(inWords(report), ElementsAre("changed conflict app"));
  const ChangedClient& changed = report.clients.at(0);
  EXPECT_THAT(changed.fields, ElementsAre("client_name"));
  EXPECT_THAT(changed.client.command, HasSubstr("curl"));
}

TEST_F(MergePlan, AChangeThatHydraHasAlreadyLeavesNothingToDo) {
  before_.set("app.json", publicClient("app", R"("client_name":"old",)"));
  now_.set("app.json", publicClient("app", R"("client_name":"new",)"));
  hydra_.put("app", publicClient("app", R"("client_name":"new",)"));
  EXPECT_THAT(inWords(plan()), ElementsAre("changed in_sync app"));
  EXPECT_TRUE(plan().leavesNothingToDo());
}

TEST_F(MergePlan, ASecretThatChangesIsNotAppliedToAClientThatIsThere) {
  const auto with = [](const std::string& secret) {
    return R"({"client_id":"app","scope":"x","client_secret":")" + secret + "\"}";
  };
  before_.set("app.json", with("first-secret"));
  now_.set("app.json", with("second-secret"));
  EXPECT_FALSE(plan().clients.at(0).secretNotApplied) << "it will be imported with the new one";
  hydra_.put("app", R"({"client_id":"app","scope":"x"})");
  const MergeReport report = plan();
  EXPECT_THAT(inWords(report), ElementsAre("changed in_sync app"));
  EXPECT_TRUE(report.clients.at(0).secretNotApplied);
  EXPECT_FALSE(report.leavesNothingToDo());
  const std::string text = toText(report);
  EXPECT_THAT(text,
              HasSubstr("is not applied: Hydra keeps the one it has until a person changes it, with this "
                        "command:\n           (body=$(curl"));
  EXPECT_THAT(text, testing::Not(HasSubstr("second-secret")));
}

TEST_F(MergePlan, OfAConflictASecretThatChangesIsTheReason) {
  const auto with = [](const std::string& secret) {
    return R"({"client_id":"app","scope":"x","client_secret":")" + secret + "\"}";
  };
  before_.set("app.json", with("first-secret"));
  now_.set("app.json", with("second-secret"));
  hydra_.put("app", R"({"client_id":"app","scope":"y"})");
  const ClientReport client = plan().clients.at(0).client;
  EXPECT_THAT(client.reason, testing::EndsWith("is not applied: Hydra keeps the one it has"));
  EXPECT_THAT(client.hint, testing::Not(HasSubstr("secret")));
}

TEST_F(MergePlan, NoCommandIsShownWhereHydraCannotBeAskedForTheClient) {
  const auto with = [](const std::string& secret) {
    return R"({"client_id":"team/app","scope":"x","client_secret":")" + secret + "\"}";
  };
  before_.set("app.json", with("first-secret"));
  now_.set("app.json", with("second-secret"));
  hydra_.put("team/app", R"({"client_id":"team/app","scope":"x"})");
  const ClientReport client = plan().clients.at(0).client;
  EXPECT_THAT(client.hint, testing::EndsWith("Hydra keeps the one it has"));
  EXPECT_EQ(client.command, "");
}

TEST_F(MergePlan, FaultsOfTheChangeAreShownAndOlderOnesCounted) {
  setBoth("old.json", R"({"client_id":"old","scopes":"x"})");
  before_.set("mended.json", R"({"client_id":"mended","scopes":"x"})");
  now_.set("mended.json", publicClient("mended"));
  now_.set("new.json", R"({"client_id":"new","scopes":"x"})");
  now_.set("torn.json", "{ torn");
  const MergeReport report = plan();
  EXPECT_THAT(inWords(report), ElementsAre("added invalid ", "repaired import mended", "added invalid new"));
  EXPECT_EQ(report.unchanged, 1U);
  EXPECT_EQ(report.unchangedNotInSync, 1U);
}

TEST_F(MergePlan, WarningsOfTheBaseAreNoNews) {
  const std::string warned = R"({"client_id":"%","token_endpoint_auth_method":"none"})";
  const auto named = [&](const std::string& id) { return std::string(warned).replace(14, 1, id); };
  before_.set("old.json", named("old"));
  now_.set("old.json", "\n" + named("old"));
  now_.set("new.json", named("new"));
  const MergeReport report = plan();
  ASSERT_EQ(report.cycle.warnings.size(), 1U);
  EXPECT_EQ(report.cycle.warnings[0].where.path, "new.json");
}

TEST_F(MergePlan, ABaseThatCannotBeReadIsAFailureAndNothingIsKnown) {
  now_.set("app.json", publicClient("app"));
  before_.fail({manifest::SourceError::Kind::kUnreadable, "the base is gone"});
  const MergeReport report = plan();
  EXPECT_FALSE(report.known());
  EXPECT_EQ(report.cycle.result, CycleResult::kFailed);
  EXPECT_THAT(report.cycle.error, HasSubstr("the base is gone"));
  EXPECT_EQ(toText(report), "");
  EXPECT_TRUE(json::at(toJson(report), "/unchanged")->isNull());
}

TEST_F(MergePlan, WithoutACommitToCompareWithNothingIsKnown) {
  now_.set("app.json", publicClient("app"));
  const FindBase none = [](const std::string&) -> tl::expected<manifest::ChangeBase, manifest::SourceError> {
    return tl::unexpected(
        manifest::SourceError{manifest::SourceError::Kind::kAbsent, "there is no branch main"});
  };
  const MergeReport report = planMerge(reconciler_, reader_, none, {});
  EXPECT_FALSE(report.known());
  EXPECT_THAT(report.cycle.error, HasSubstr("there is no branch main"));
}

TEST_F(MergePlan, AChangeMayBringTheFirstManifest) {
  now_.set("app.json", publicClient("app"));
  EXPECT_THAT(inWords(plan()), ElementsAre("added import app"));
}

TEST_F(MergePlan, TwoSidesWithoutManifestsAreAMistake) {
  EXPECT_THAT(plan().cycle.error, HasSubstr("is it the right folder?"));
}

TEST_F(MergePlan, AsJsonIsADocumentOfTheChanges) {
  setBoth("same.json", publicClient("same"));
  before_.set("gone.json", publicClient("gone"));
  before_.set("app.json", publicClient("app"));
  now_.set("app.json", publicClient("app", R"("owner":"x",)"));
  hydra_.put("gone", publicClient("gone"));
  const json::Value document = toJson(plan());
  EXPECT_EQ(json::at(document, "/version")->text, "1");
  EXPECT_EQ(json::at(document, "/comparison/against")->text, "main");
  EXPECT_EQ(json::at(document, "/comparison/base_revision")->text, "89abcdef0123456789");
  EXPECT_EQ(json::at(document, "/changes/0/client_id")->text, "app");
  EXPECT_EQ(json::at(document, "/changes/0/outcome")->text, "import");
  EXPECT_EQ(json::at(document, "/changes/0/changed_fields/0")->text, "owner");
  EXPECT_EQ(json::at(document, "/changes/1/change")->text, "removed");
  EXPECT_EQ(json::at(document, "/changes/1/outcome")->text, "unmanaged");
  EXPECT_EQ(json::write(*json::at(document, "/changes/1/in_hydra")), "true");
  EXPECT_EQ(json::at(document, "/unchanged")->text, "1");
  EXPECT_EQ(json::at(document, "/unchanged_not_in_sync")->text, "1");
}

}  // namespace
}  // namespace hydra_clients::reconcile
