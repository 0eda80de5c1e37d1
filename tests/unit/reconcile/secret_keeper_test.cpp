// Generated secrets through whole cycles: the keeper, the importer, what is found out afterwards.

#include "reconcile/secret_keeper.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <new>

#include <gmock/gmock.h>

#include "client/post_body.h"
#include "connection_to.h"
#include "fake_hydra.h"
#include "manifests.h"
#include "memory_source.h"
#include "reconcile/pending_secrets.h"
#include "reconcile/reconciler.h"
#include "secrets/gnupg.h"

namespace hydra_clients::reconcile {
namespace {

namespace fs = std::filesystem;
using test::FakeHydra;
using test::publicClient;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tests::Gnupg;

constexpr const char* kNeedsOne = R"({"client_id":"app","scope":"openid"})";

std::string contentOf(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<FakeHydra::Answer> lostAnswer(const hydra::Request&,
                                            const std::function<FakeHydra::Answer()>&) {
  return tl::unexpected(FakeHydra::lost(true));
}

/// What Hydra stores of a POST with this stamp.
std::string storedWith(const std::string& stamp) {
  return R"({"client_id":"app","scope":"openid","metadata":{"hydra_clients":{"import":")" + stamp + R"("}}})";
}

class SecretKeeperTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    recipient_ = std::make_unique<Gnupg>();
    key_ = recipient_->exportKey(recipient_->makePair("Ops <ops@example.com>", "ed25519", "cv25519"));
  }
  static void TearDownTestSuite() { recipient_.reset(); }

  SecretKeeperTest() {
    auto pgp = secrets::Pgp::start();
    if (!pgp || !(*pgp)->addRecipient(key_)) throw std::runtime_error("no recipient");
    pgp_ = std::move(*pgp);
    source_.set("app.json", kNeedsOne);
    restart();
    watch();
  }

  /// The controller as a new process has it: only the outbox is left of the one before.
  void restart() {
    reconciler_.reset();
    keeper_.reset();
    keeper_ = std::make_unique<SecretKeeper>(outbox(), *pgp_);
    reconciler_ = std::make_unique<Reconciler>(Sides{source_, reader_, api_, connection_}, options());
  }
  [[nodiscard]] ImportOptions options() const {
    ImportOptions options;
    options.secrets.generated = SecretPolicy::Generated::kKept;
    options.secrets.keeper = keeper_.get();
    return options;
  }
  /// Leaves a pending entry of that client.
  [[nodiscard]] bool keeperHas(const ClientId& id) {
    keeper_->beginCycle();
    return keeper_->secretFor(id).has_value();
  }
  CycleReport cycle() { return reconciler_->runOnce({}); }

  /// Notes the secret and the stamp of each POST; `instead` may answer for the first `times` of them.
  void watch(int times = 0, FakeHydra::Fault instead = {}) {
    auto left = std::make_shared<int>(times);
    hydra_.setFault(
        [this, left, instead = std::move(instead)](
            const hydra::Request& request,
            const std::function<FakeHydra::Answer()>& commit) -> std::optional<FakeHydra::Answer> {
          if (request.method != hydra::Method::kPost) return std::nullopt;
          const auto body = json::parse(request.body->reveal(Purpose::kPostBody)).value();
          const json::Value* secret = body.find("client_secret");
          secrets_.push_back(secret != nullptr ? secret->text : "");
          stamps_.push_back(stampOf(body));
          filesAtPost_ = pendingFiles();
          return (*left)-- > 0 ? instead(request, commit) : std::nullopt;
        });
  }

  [[nodiscard]] std::string outbox() const { return folder_.path() + "/outbox"; }
  [[nodiscard]] std::vector<std::string> pendingFiles() const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(outbox() + "/.pending", none))
      names.push_back(entry.path());
    return names;
  }
  [[nodiscard]] std::string sealedIn(const std::string& name) const {
    return recipient_->decrypt(contentOf(outbox() + "/" + name));
  }
  [[nodiscard]] bool stands(const std::string& name) const { return fs::exists(outbox() + "/" + name); }

  void moveOutbox() const { fs::rename(outbox(), folder_.path() + "/moved"); }

  static std::unique_ptr<Gnupg> recipient_;
  static std::string key_;

  tests::TemporaryFolder folder_;
  std::unique_ptr<secrets::Pgp> pgp_;
  FakeHydra hydra_;
  hydra::AdminApi api_{hydra_};
  test::MemorySource source_;
  manifest::SetReader reader_{manifest::ReadingOptions{}};
  hydra::ConnectionOptions connection_ = test::connectionTo("http://127.0.0.1:4445");
  std::unique_ptr<SecretKeeper> keeper_;
  std::unique_ptr<Reconciler> reconciler_;
  std::vector<std::string> secrets_;  ///< of the POSTs
  std::vector<std::string> stamps_;
  std::vector<std::string> filesAtPost_;  ///< pending when the last one was sent
};

std::unique_ptr<Gnupg> SecretKeeperTest::recipient_;
std::string SecretKeeperTest::key_;

TEST_F(SecretKeeperTest, ASecretIsInTheOutboxBeforeItIsSentAndConfirmedAfter) {
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_EQ(filesAtPost_.size(), 1U) << "pending while it was sent";
  EXPECT_THAT(pendingFiles(), IsEmpty());
  ASSERT_EQ(report.secrets.size(), 1U);
  EXPECT_EQ(report.secrets[0].confirmed.file, outbox() + "/app.asc");
  EXPECT_FALSE(report.secrets[0].confirmed.again);
  EXPECT_EQ(report.outboxPending, 0U);
  EXPECT_EQ(sealedIn("app.asc"), secrets_.at(0));
  EXPECT_EQ(cycle().count(Outcome::kInSync), 1U) << "the stamp is no difference";
  EXPECT_EQ(hydra_.posts(), 1U);
}

TEST_F(SecretKeeperTest, IsAliveWhileItAsksForPendingClientsAndGivesUpOnAHydraThatDoesNotAnswer) {
  constexpr std::size_t kClients = 40;
  for (std::size_t i = 0; i < kClients; ++i) ASSERT_TRUE(keeperHas("gone-" + std::to_string(i)));
  std::size_t asked = 0;
  bool answers = true;
  hydra_.setFault([&](const hydra::Request& request,
                      const std::function<FakeHydra::Answer()>&) -> std::optional<FakeHydra::Answer> {
    if (request.target.find("/gone-") == std::string::npos) return std::nullopt;
    ++asked;
    if (answers) return std::nullopt;
    return tl::unexpected(FakeHydra::lost(true));
  });
  std::size_t beats = 0;
  Reconciler reconciler({source_, reader_, api_, connection_}, options(), [&] { ++beats; });
  (void)reconciler.runOnce({});
  EXPECT_EQ(asked, kClients);
  EXPECT_GE(beats, kClients);

  answers = false;
  asked = 0;
  (void)reconciler.runOnce({});
  EXPECT_EQ(asked, PendingSecrets::kMostFailures) << "each may take as long as a request may";
}

TEST_F(SecretKeeperTest, AManifestThatWasADumpOfSuchAClientGetsAStampOfItsOwnAndKeepsTheRest) {
  source_.set("app.json", R"({"client_id":"app","scope":"openid",
                              "metadata":{"hydra_clients":{"import":"of-long-ago","team":"x"}}})");
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  EXPECT_NE(stamps_.at(0), "of-long-ago");
  EXPECT_THAT(hydra_.stored("app").value(), HasSubstr(R"("team":"x")"));
  EXPECT_EQ(cycle().count(Outcome::kInSync), 1U);
}

TEST_F(SecretKeeperTest, EveryTryOfThisProcessSendsTheSameSecretAndStamp) {
  watch(2, [](const auto&, const auto&) { return FakeHydra::response(503, "busy"); });
  EXPECT_EQ(cycle().count(Outcome::kRetrying), 1U);
  reconciler_->forgetAttempts();
  EXPECT_EQ(cycle().count(Outcome::kRetrying), 1U);
  reconciler_->forgetAttempts();
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  ASSERT_EQ(secrets_.size(), 3U);
  EXPECT_EQ(filesAtPost_.size(), 1U) << "one entry, however often it is tried";
  EXPECT_EQ(secrets_[0], secrets_[2]);
  EXPECT_EQ(stamps_[0], stamps_[2]);
  EXPECT_EQ(sealedIn("app.asc"), secrets_[0]);
}

TEST_F(SecretKeeperTest, AnEntryOfAKilledProcessIsConfirmedOnceItsClientIsThere) {
  watch(1, lostAnswer);
  EXPECT_EQ(cycle().count(Outcome::kRetrying), 1U);
  restart();
  hydra_.put("app", storedWith(stamps_.at(0)));
  const CycleReport report = cycle();
  EXPECT_EQ(report.count(Outcome::kInSync), 1U);
  ASSERT_EQ(report.secrets.size(), 1U);
  EXPECT_EQ(sealedIn("app.asc"), secrets_.at(0));
  EXPECT_EQ(hydra_.posts(), 1U);
}

TEST_F(SecretKeeperTest, ALateCommitOfAKilledProcessIsTheOneWhoseSecretIsKept) {
  watch(1, lostAnswer);
  (void)cycle();
  restart();
  const std::string late = stamps_.at(0);
  watch(1, [this, late](const auto&, const auto& commit) {
    hydra_.put("app", storedWith(late));  // it comes while the next attempt is under way
    return commit();
  });
  const CycleReport report = cycle();
  EXPECT_EQ(filesAtPost_.size(), 2U) << "a 404 proves nothing: the old entry stays beside the new";
  EXPECT_EQ(report.count(Outcome::kInSync), 1U);
  EXPECT_EQ(sealedIn("app.asc"), secrets_.at(0)) << "not the second one's";
  EXPECT_NE(secrets_.at(0), secrets_.at(1));
  EXPECT_THAT(pendingFiles(), IsEmpty());
}

TEST_F(SecretKeeperTest, AnotherReplicasClientLeavesNoSecretHere) {
  watch(1, [this](const auto&, const auto& commit) {
    hydra_.put("app", storedWith("7f0e7f0e-0000-4000-8000-000000000000"));
    return commit();
  });
  const CycleReport report = cycle();
  EXPECT_EQ(report.count(Outcome::kInSync), 1U);
  EXPECT_THAT(report.secrets, IsEmpty());
  EXPECT_THAT(pendingFiles(), IsEmpty());
  EXPECT_FALSE(stands("app.asc")) << "a secret that is not in force must not look like one";
}

TEST_F(SecretKeeperTest, ARefusedClientLeavesNoEntry) {
  source_.set("app.json", R"({"client_id":"app","client_name":"refuse me","scope":"openid"})");
  const CycleReport report = cycle();
  EXPECT_EQ(report.count(Outcome::kRefused), 1U);
  EXPECT_EQ(filesAtPost_.size(), 1U);
  EXPECT_THAT(pendingFiles(), IsEmpty());
}

TEST_F(SecretKeeperTest, ARefusalAfterAnAnswerThatWasLostLeavesTheEntry) {
  watch(1, lostAnswer);
  (void)cycle();
  watch(1,
        [](const auto&, const auto&) { return FakeHydra::response(400, R"({"error":"invalid_request"})"); });
  reconciler_->forgetAttempts();
  (void)cycle();
  EXPECT_EQ(pendingFiles().size(), 1U) << "the first POST may yet be carried out";
  hydra_.put("app", storedWith(stamps_.at(0)));
  EXPECT_EQ(cycle().secrets.size(), 1U);
  EXPECT_EQ(sealedIn("app.asc"), secrets_.at(0));
}

TEST_F(SecretKeeperTest, AFaultOfOurOwnAfterThePostLeavesTheEntryToo) {
  watch(1, [](const auto&, const auto&) -> FakeHydra::Answer { throw std::bad_alloc(); });
  (void)cycle();
  watch(1,
        [](const auto&, const auto&) { return FakeHydra::response(400, R"({"error":"invalid_request"})"); });
  reconciler_->forgetAttempts();
  (void)cycle();
  EXPECT_EQ(pendingFiles().size(), 1U);
}

TEST_F(SecretKeeperTest, WithoutAnOutboxOnlyTheClientsThatNeedItWait) {
  std::ofstream(outbox()) << "a file";
  source_.set("public.json", publicClient("public"));
  CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kDegraded);
  EXPECT_EQ(report.count(Outcome::kWaiting), 1U);
  EXPECT_EQ(report.count(Outcome::kImport), 1U);
  EXPECT_THAT(report.outboxError, HasSubstr(outbox()));
  EXPECT_EQ(hydra_.posts(), 1U);
  EXPECT_EQ(report.outboxPending, std::nullopt);
  fs::remove(outbox());
  report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess) << "the next cycle looks again";
  EXPECT_TRUE(stands("app.asc"));
}

TEST_F(SecretKeeperTest, AnOutboxThatIsTakenAwayWhileItIsOpenStopsNothingButItsClients) {
  EXPECT_EQ(cycle().result, CycleResult::kSuccess);
  moveOutbox();
  CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess) << "its clients are in Hydra";
  EXPECT_THAT(report.outboxError, HasSubstr("it is gone, and was there before"))
      << "before a secret is needed";
  EXPECT_EQ(report.outboxPending, std::nullopt);
  source_.set("second.json", R"({"client_id":"second","scope":"openid"})");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cycle().count(Outcome::kWaiting), 1U);
  EXPECT_FALSE(fs::exists(outbox())) << "a folder would hide that a volume was unmounted";
  fs::create_directory(outbox());
  EXPECT_THAT(cycle().outboxError, HasSubstr("a folder that is no outbox stands in its place"));
  EXPECT_EQ(hydra_.posts(), 1U);
  fs::remove(outbox());
  fs::rename(folder_.path() + "/moved", outbox());
  report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_EQ(report.outboxError, "");
  EXPECT_EQ(report.outboxPending, 0U);
  EXPECT_TRUE(stands("app.asc"));
  EXPECT_TRUE(stands("second.asc"));
}

TEST_F(SecretKeeperTest, AnOutboxThatIsTakenAwayIsToldOfWhileHydraIsAwayToo) {
  EXPECT_EQ(cycle().outboxError, "");
  moveOutbox();
  hydra_.setFault([](const auto&, const auto&) { return tl::unexpected(FakeHydra::lost(false)); });
  EXPECT_THAT(cycle().outboxError, HasSubstr("it is gone, and was there before"));
}

TEST_F(SecretKeeperTest, AnOutboxThatIsTakenAwayInTheMidstOfACycleIsToldOfByThatCycle) {
  source_.set("app.json", publicClient("public"));
  (void)cycle();
  source_.set("app.json", kNeedsOne);
  hydra_.setFault([this](const hydra::Request&, const auto&) -> std::optional<FakeHydra::Answer> {
    if (fs::exists(outbox())) moveOutbox();
    return std::nullopt;
  });
  const CycleReport report = cycle();
  EXPECT_EQ(report.count(Outcome::kWaiting), 1U);
  EXPECT_THAT(report.outboxError, HasSubstr("the folder was removed or moved"));
  EXPECT_EQ(report.outboxPending, std::nullopt);
}

TEST_F(SecretKeeperTest, ALockThatWasRemovedIsTakenAgainByTheNextCycleWhichSaysSo) {
  ASSERT_TRUE(keeperHas("gone"));
  fs::remove(outbox() + "/.lock");
  const CycleReport report = cycle();
  EXPECT_EQ(report.result, CycleResult::kSuccess);
  EXPECT_THAT(
      report.outboxWarnings,
      ElementsAre(HasSubstr("its .lock was removed or replaced; of 1 pending secrets 1 are there now")));
  EXPECT_TRUE(stands(".lock"));
  fs::remove_all(outbox() + "/.pending");
  EXPECT_THAT(
      cycle().outboxWarnings,
      ElementsAre(HasSubstr(".pending was removed or replaced; of 1 pending secrets 0 are there now")));
  EXPECT_THAT(cycle().outboxWarnings, IsEmpty());
}

TEST_F(SecretKeeperTest, AClientThatHydraLostGetsANewSecretBesideTheOld) {
  (void)cycle();
  hydra_.remove("app");
  const CycleReport report = cycle();
  ASSERT_EQ(report.secrets.size(), 1U);
  EXPECT_TRUE(report.secrets[0].confirmed.again);
  EXPECT_EQ(sealedIn("app.asc"), secrets_.at(0));
  EXPECT_EQ(recipient_->decrypt(contentOf(report.secrets[0].confirmed.file)), secrets_.at(1));
}

TEST_F(SecretKeeperTest, AnEntryWhoseClientIsAbsentStaysAndIsCounted) {
  watch(1, lostAnswer);
  (void)cycle();
  source_.set("app.json", publicClient("another"));
  restart();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(cycle().outboxPending, 1U);
  hydra_.put("app", storedWith(stamps_.at(0)));
  EXPECT_EQ(cycle().secrets.size(), 1U) << "even without a manifest";
  EXPECT_TRUE(stands("app.asc"));
}

TEST_F(SecretKeeperTest, APlanMakesNoOutbox) {
  ImportOptions options;
  options.secrets.generated = SecretPolicy::Generated::kKept;
  Reconciler planner({source_, reader_, api_, connection_}, options);
  EXPECT_EQ(planner.plan({}).count(Outcome::kImport), 1U);
  EXPECT_FALSE(fs::exists(outbox()));
}

}  // namespace
}  // namespace hydra_clients::reconcile
