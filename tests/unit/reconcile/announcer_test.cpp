#include "reconcile/announcer.h"

#include <iostream>

#include <gmock/gmock.h>

#include "manifests.h"
#include "telemetry/log.h"

namespace hydra_clients::reconcile {
namespace {

using test::publicClient;
using test::setOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

CycleReport reportOf(Outcome outcome) {
  CycleReport report;
  report.clientsKnown = true;
  report.unmanaged = 0;
  report.result = CycleResult::kSuccess;
  ClientReport client;
  client.id = "app";
  client.outcome = outcome;
  client.places = {{"app.json", 1, 1, ""}};
  report.clients = {client};
  return report;
}

int countOf(std::string_view part, std::string_view text) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// What the announcer says on standard error.
class AnnouncerTest : public testing::Test {
 protected:
  std::string said(const CycleReport& report, const manifest::ManifestSetPtr& set) {
    testing::internal::CaptureStderr();
    telemetry::startLog(telemetry::LogFormat::kLogfmt, telemetry::LogLevel::kInfo);
    announcer_.announce(report, set);
    return testing::internal::GetCapturedStderr();
  }

  manifest::ManifestSetPtr set_ = setOf(publicClient("app"));
  telemetry::Metrics metrics_{"test", "test"};
  Announcer announcer_{metrics_,
                       [](const manifest::Manifest& manifest) { return "set the secret of " + manifest.id; }};
};

TEST_F(AnnouncerTest, WarnsOfANewSecretAlthoughTheFileOfTheOldOneWasTakenAway) {
  CycleReport report = reportOf(Outcome::kImport);
  report.secrets = {{"app", {.file = "outbox/app.asc"}}};
  EXPECT_THAT(said(report, set_), HasSubstr("generated secret is in force"));
  EXPECT_THAT(said(report, set_), HasSubstr("level=warning msg=\"client has a new secret"));
}

TEST_F(AnnouncerTest, AnOutboxThatCannotBeUsedIsToldOnceAndCountsNoEntries) {
  CycleReport report = reportOf(Outcome::kInSync);
  report.outboxError = "the outbox x: no";
  EXPECT_THAT(said(report, set_), HasSubstr("the outbox x: no"));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_outbox_pending Nan"));
  EXPECT_EQ(said(report, set_), "");
  report.outboxError.clear();
  report.outboxPending = 2;
  EXPECT_THAT(said(report, set_), HasSubstr("the outbox can be used again"));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_outbox_pending 2"));
}

TEST_F(AnnouncerTest, ACommitThatIsRefusedIsToldOnceAsAnErrorWithItsReasonAndCounted) {
  CycleReport report = reportOf(Outcome::kInSync);
  EXPECT_THAT(said(report, set_), Not(HasSubstr("refused")));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_source_commit_refused 0"));
  report.result = CycleResult::kDegraded;
  report.commitRefused = true;
  report.error = "commit b is refused: it is not signed; commit a stays in force";
  EXPECT_THAT(said(report, set_),
              HasSubstr("level=error msg=\"newest commit refused, the last good one stays in force\" "
                        "result=degraded error=\"commit b is refused: it is not signed"));
  EXPECT_EQ(said(report, set_), "");
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_source_commit_refused 1"));
  EXPECT_THAT(said(reportOf(Outcome::kInSync), set_),
              HasSubstr("msg=\"recovered\" after=\"commit b is refused"));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_source_commit_refused 0"));
}

TEST_F(AnnouncerTest, ASecretThatCannotBeConfirmedDoesNotMakeTheOutboxUseless) {
  CycleReport report = reportOf(Outcome::kInSync);
  report.outboxError = "the entry x is damaged";
  report.outboxPending = 1;
  const std::string text = said(report, set_);
  EXPECT_THAT(text, HasSubstr("could not be confirmed"));
  EXPECT_THAT(text, Not(HasSubstr("cannot be used")));
}

TEST_F(AnnouncerTest, SaysEachThingOnce) {
  EXPECT_THAT(said(reportOf(Outcome::kImport), set_), HasSubstr("client imported"));
  EXPECT_EQ(said(reportOf(Outcome::kInSync), set_), "") << "that an imported client is in sync is no news";
  EXPECT_EQ(said(reportOf(Outcome::kInSync), set_), "");
  EXPECT_THAT(said(reportOf(Outcome::kConflict), set_), HasSubstr("client differs"));
  EXPECT_EQ(said(reportOf(Outcome::kConflict), set_), "");
  EXPECT_THAT(said(reportOf(Outcome::kInSync), set_), HasSubstr("client is in sync"));
}

TEST_F(AnnouncerTest, SaysThatAClientHealedThoughItNeedsNoLineAnyMore) {
  CycleReport plain = reportOf(Outcome::kInSync);
  plain.clients.clear();
  plain.inSync = InSync(set_);
  plain.inSync.add(0);
  EXPECT_EQ(said(plain, nullptr), "");
  EXPECT_THAT(said(reportOf(Outcome::kConflict), nullptr), HasSubstr("client differs"));
  EXPECT_THAT(said(plain, nullptr), HasSubstr("client is in sync"));
  EXPECT_EQ(said(plain, nullptr), "");
  EXPECT_THAT(said(reportOf(Outcome::kRetrying), nullptr), HasSubstr("not imported"));
  EXPECT_THAT(said(reportOf(Outcome::kImport), nullptr), HasSubstr("imported again")) << "it had been there";
}

TEST_F(AnnouncerTest, TellsOfAClientThatHadToBeImportedAgain) {
  said(reportOf(Outcome::kInSync), set_);
  EXPECT_THAT(said(reportOf(Outcome::kImport), set_), HasSubstr("imported again"));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_reimports_total 1"));
}

TEST_F(AnnouncerTest, TellsOfALostDatabaseOnceAndOfEachClientInOneQuietLine) {
  CycleReport report = reportOf(Outcome::kInSync);
  for (const char* id : {"b", "c", "d", "e", "f", "kept", "waiting"}) {
    report.clients.push_back(report.clients.front());
    report.clients.back().id = id;
  }
  said(report, set_);
  for (ClientReport& client : report.clients) {
    if (client.id != "kept") client.outcome = Outcome::kImport;
  }
  report.clients.back().outcome = Outcome::kWaiting;
  const std::string text = said(report, set_);
  EXPECT_THAT(text, ContainsRegex("level=warning msg=\"clients that were in Hydra before are gone from it: "
                                  "imported again\" gone=7 of=8 not_back=1 client_ids=\"app b c d e …\""));
  EXPECT_EQ(countOf("level=warning", text), 2);
  EXPECT_EQ(countOf("client had been in Hydra and is gone: it waits for its secret", text), 1);
  EXPECT_EQ(countOf("level=info msg=\"client imported again", text), 6);
  EXPECT_EQ(countOf("client_id=app", text), 1);
  EXPECT_EQ(countOf("client imported again", said(report, set_)), 6) << "it was lost once more";
}

TEST_F(AnnouncerTest, TheFirstImportLostNothing) {
  const std::string text = said(reportOf(Outcome::kImport), set_);
  EXPECT_THAT(text, HasSubstr("msg=\"client imported\""));
  EXPECT_THAT(text, Not(HasSubstr("level=warning")));
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_reimports_total 0"));
}

TEST_F(AnnouncerTest, TellsOfAManifestThatWentAway) {
  const auto both = setOf(test::arrayOf({publicClient("app"), publicClient("gone", R"("owner":"x",)")}));
  said(reportOf(Outcome::kInSync), both);
  const std::string text = said(reportOf(Outcome::kInSync), set_);
  EXPECT_THAT(text, HasSubstr("manifest went away"));
  EXPECT_THAT(text, HasSubstr("client_id=gone"));
}

TEST_F(AnnouncerTest, AManifestThatBecameInvalidDidNotGoAway) {
  said(reportOf(Outcome::kInSync), set_);
  EXPECT_THAT(said(reportOf(Outcome::kInvalid), setOf("{ broken")), Not(HasSubstr("went away")));
  said(reportOf(Outcome::kInSync), set_);
  const auto twice = setOf(test::arrayOf({publicClient("app"), publicClient("app")}));
  EXPECT_THAT(said(reportOf(Outcome::kDuplicate), twice), Not(HasSubstr("went away")));
}

TEST_F(AnnouncerTest, TellsOfARenamedClient) {
  said(reportOf(Outcome::kInSync), setOf(publicClient("old")));
  const std::string text = said(reportOf(Outcome::kInSync), set_);
  EXPECT_THAT(text, HasSubstr("renamed"));
  EXPECT_THAT(text, HasSubstr("client_id=old"));
  EXPECT_THAT(text, HasSubstr("new_client_id=app"));
}

TEST_F(AnnouncerTest, TellsTwoRenamedClientsOfOneFileApart) {
  const auto named = [](const std::string& first, const std::string& second) {
    return setOf(
        test::arrayOf({publicClient(first, R"("owner":"x",)"), publicClient(second, R"("owner":"y",)")}));
  };
  said(reportOf(Outcome::kInSync), named("old-x", "old-y"));
  const std::string text = said(reportOf(Outcome::kInSync), named("new-x", "new-y"));
  EXPECT_THAT(text, HasSubstr("client_id=old-x new_client_id=new-x"));
  EXPECT_THAT(text, HasSubstr("client_id=old-y new_client_id=new-y"));
}

TEST_F(AnnouncerTest, SaysNothingOfAChangedSecretOfAClientThatIsNotThereYet) {
  const auto with = [](const std::string& secret) {
    return setOf(R"({"client_id":"app","scope":"x","client_secret":")" + secret + "\"}");
  };
  said(reportOf(Outcome::kRefused), with("first-secret"));
  EXPECT_THAT(said(reportOf(Outcome::kRefused), with("second-secret")), Not(HasSubstr("secret changed")));
}

TEST_F(AnnouncerTest, TellsThatAChangedSecretIsNotAppliedAndNeverPrintsIt) {
  const auto with = [](const std::string& secret) {
    return setOf(R"({"client_id":"app","scope":"x","client_secret":")" + secret + "\"}");
  };
  said(reportOf(Outcome::kInSync), with("first-secret"));
  const std::string text = said(reportOf(Outcome::kInSync), with("second-secret"));
  EXPECT_THAT(text, HasSubstr("secret changed"));
  EXPECT_THAT(text, HasSubstr(R"(command="set the secret of app")"));
  EXPECT_THAT(text, Not(HasSubstr("first-secret")));
  EXPECT_THAT(text, Not(HasSubstr("second-secret")));
}

TEST_F(AnnouncerTest, TellsOfAFailureAndOfTheRecovery) {
  CycleReport failed;
  failed.error = "Hydra is away";
  EXPECT_THAT(said(failed, set_), HasSubstr("Hydra is away"));
  EXPECT_EQ(said(failed, set_), "");
  EXPECT_THAT(said(reportOf(Outcome::kInSync), set_), HasSubstr("recovered"));
}

TEST_F(AnnouncerTest, SaysOnceThatItWaitsForManifestsThatAreNotThereYet) {
  CycleReport awaiting;
  awaiting.error = "clients: is not there";
  awaiting.sourceUnread = true;
  awaiting.sourceAwaited = true;
  const std::string text = said(awaiting, nullptr);
  EXPECT_THAT(text, HasSubstr("level=warning msg=\"waiting for the manifests: looked for every second"));
  EXPECT_THAT(text, HasSubstr("clients: is not there"));
  EXPECT_EQ(said(awaiting, nullptr), "");
}

TEST_F(AnnouncerTest, TellsOfOneOutageOnceHoweverItShows) {
  CycleReport away;
  away.hydraAway = true;
  away.error = "closed the connection";
  EXPECT_THAT(said(away, set_), HasSubstr("closed the connection"));
  away.error = "cannot connect";
  EXPECT_EQ(said(away, set_), "");
  away.hydraAway = false;
  away.error = "answered 401";
  EXPECT_THAT(said(away, set_), HasSubstr("401"));
}

TEST_F(AnnouncerTest, WhereNobodyCanBeServedNamesThoseThatWereSentAlone) {
  CycleReport report = reportOf(Outcome::kRetrying);
  report.nobodyServed = true;
  report.error = "cannot connect";
  report.clients.push_back(report.clients[0]);
  report.clients[0].id = "sent";
  report.clients[0].tried = true;
  report.clients[1].id = "unsent";
  const std::string text = said(report, set_);
  EXPECT_THAT(text, HasSubstr("cannot connect"));
  EXPECT_THAT(text, HasSubstr("client_id=sent"));
  EXPECT_THAT(text, Not(HasSubstr("client_id=unsent")));
}

TEST_F(AnnouncerTest, TellsWhenTheListIsOfNoUseAndWhenItIsAgain) {
  CycleReport report = reportOf(Outcome::kInSync);
  report.listError = "answered 500";
  EXPECT_THAT(said(report, set_), HasSubstr("answered 500"));
  EXPECT_EQ(said(report, set_), "");
  report.listError = "";
  EXPECT_THAT(said(report, set_), HasSubstr("can be used again"));
}

TEST_F(AnnouncerTest, UnknownUnmanagedIsNotANumber) {
  CycleReport report = reportOf(Outcome::kInSync);
  report.unmanaged.reset();
  said(report, set_);
  EXPECT_THAT(metrics_.exposition(), HasSubstr("hydra_clients_clients{state=\"unmanaged\"} Nan"));
}

}  // namespace
}  // namespace hydra_clients::reconcile
