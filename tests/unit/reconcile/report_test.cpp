#include "reconcile/report.h"

#include <gmock/gmock.h>

#include "manifests.h"

namespace hydra_clients::reconcile {
namespace {

using testing::HasSubstr;

CycleReport sample() {
  CycleReport report;
  report.clientsKnown = true;
  report.result = CycleResult::kDegraded;
  report.unmanaged = 3;
  report.endpoint = "http://127.0.0.1:4445";
  report.inSync = InSync(test::setOf(test::publicClient("good")));
  report.inSync.add(0);
  ClientReport conflict;
  conflict.id = "conflict";
  conflict.outcome = Outcome::kConflict;
  conflict.differences = {
      {"scope", "\"a\"", "\"b\"", {}}, {"jwks", "", "", {}}, {"metadata", "", "", {"/team"}}};
  conflict.places = {{"clients/a.json", 3, 5, "/0"}};
  conflict.hint = "what to do";
  conflict.command = "curl --like this";
  report.clients = {conflict};
  return report;
}

TEST(Report, AsTextOfJsonIsTheSameDocument) {
  for (const CycleReport& report : {sample(), CycleReport{}})
    EXPECT_EQ(toJsonText(report, "run"), json::write(toJson(report, "run")));
}

TEST(Report, ListsAllClientsInTheOrderOfTheirIds) {
  CycleReport report = sample();
  ClientReport last;
  last.id = "last";
  report.clients.push_back(last);
  const json::Value document = toJson(report, "plan");
  EXPECT_EQ(json::at(document, "/clients/0/client_id")->text, "conflict");
  EXPECT_EQ(json::at(document, "/clients/1/client_id")->text, "good");
  EXPECT_EQ(json::at(document, "/clients/1/outcome")->text, "in_sync");
  EXPECT_EQ(json::at(document, "/clients/1/places/0/path")->text, "clients.json");
  EXPECT_EQ(json::at(document, "/clients/2/client_id")->text, "last");
}

TEST(Report, NamesTheProblemsAloneWhereOnlyTheyAreAskedFor) {
  CycleReport report = sample();
  ClientReport imported;
  imported.id = "imported";
  imported.outcome = Outcome::kImport;
  ClientReport odd;
  odd.id = "odd";
  odd.unknown = {"a_field"};  // in sync, and there is more to say of it
  report.clients.insert(report.clients.end(), {imported, odd});
  const json::Value document = json::parse(toJsonText(report, "run", Named::kProblems)).value();
  EXPECT_EQ(json::at(document, "/clients/0/client_id")->text, "conflict");
  EXPECT_EQ(json::at(document, "/clients/1"), nullptr);
  EXPECT_EQ(json::at(document, "/summary/in_sync")->text, "2") << "the counts are of all";
}

TEST(Report, SaysWhichCycleItIsOfAndWhenTheNextTriesAre) {
  const std::chrono::system_clock::time_point moment{std::chrono::seconds(1'700'000'000)};
  CycleReport report = sample();
  EXPECT_TRUE(json::at(toJson(report, "plan"), "/cycle")->isNull());
  EXPECT_TRUE(json::at(toJson(report, "plan"), "/next_cycle")->isNull());
  EXPECT_EQ(json::at(toJson(report, "plan"), "/clients/0/next_try"), nullptr);
  report.cycle = 7;
  report.nextCycle = moment;
  report.clients[0].nextTry = moment;
  EXPECT_EQ(json::at(toJson(report, "run"), "/cycle")->text, "7");
  EXPECT_EQ(json::at(toJson(report, "run"), "/next_cycle")->text, "2023-11-14T22:13:20Z");
  EXPECT_EQ(json::at(toJson(report, "run"), "/clients/0/next_try")->text, "2023-11-14T22:13:20Z");
}

TEST(Report, CountsEveryOutcome) {
  EXPECT_EQ(sample().summary(), "1 in_sync, 1 conflict, 3 unmanaged");
  EXPECT_EQ(CycleReport{}.summary(), "no clients");
}

TEST(Report, AsJsonHasAVersionTheResultAndEachClient) {
  const json::Value document = toJson(sample(), "plan");
  EXPECT_EQ(json::at(document, "/version")->text, "1");
  EXPECT_EQ(json::at(document, "/result")->text, "degraded");
  EXPECT_EQ(json::at(document, "/summary/conflict")->text, "1");
  EXPECT_EQ(json::at(document, "/summary/unmanaged")->text, "3");
  EXPECT_EQ(json::at(document, "/clients/0/outcome")->text, "conflict");
  EXPECT_EQ(json::at(document, "/clients/0/fields/0")->text, "scope");
  EXPECT_EQ(json::at(document, "/clients/0/differences/2/within/0")->text, "/team");
  EXPECT_EQ(json::at(document, "/clients/0/differences/0/hydra")->text, "\"b\"");
  EXPECT_EQ(json::at(document, "/clients/0/differences/1/hydra"), nullptr) << "a key's value is not shown";
  EXPECT_EQ(json::at(document, "/clients/0/places/0/line")->text, "3");
  EXPECT_TRUE(json::parse(json::write(document)));
}

TEST(Report, AsJsonSaysWhichCommitItIsOfAndWhatThereIsToSayOfIt) {
  CycleReport report = sample();
  report.revision = {"0123456789abcdef0123456789abcdef01234567", 1'700'000'000};
  report.notices = {"a step back"};
  report.commitRefused = true;
  const json::Value document = toJson(report, "plan");
  EXPECT_EQ(json::at(document, "/revision")->text, report.revision.id);
  EXPECT_EQ(json::at(document, "/revision_time")->text, "2023-11-14T22:13:20Z");
  EXPECT_EQ(json::at(document, "/notices/0")->text, "a step back");
  EXPECT_EQ(json::write(*json::at(document, "/commit_refused")), "true");
  const json::Value without = toJson(sample(), "plan");
  EXPECT_TRUE(json::at(without, "/revision_time")->isNull()) << "a plain folder has none";
  EXPECT_EQ(json::write(*json::at(without, "/commit_refused")), "false");
}

TEST(Report, WhatIsUnknownIsNullAndNeverZero) {
  CycleReport report = sample();
  report.unmanaged.reset();
  EXPECT_TRUE(json::at(toJson(report, "plan"), "/summary/unmanaged")->isNull());
  EXPECT_TRUE(json::at(toJson(CycleReport{}, "plan"), "/summary/in_sync")->isNull());
}

TEST(Report, AsTextNamesWhatIsNotInSyncAndItsPlace) {
  const std::string text = toText(sample());
  EXPECT_THAT(text, HasSubstr("conflict   conflict  clients/a.json:3:5\n"
                              "           scope: the manifest has \"a\", Hydra has \"b\"\n"
                              "           jwks: differs\n"
                              "           metadata: differs at /team\n"
                              "           what to do:\n"
                              "           curl --like this\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("good")));
}

TEST(Report, NoIdAndNoReasonCanForgeALine) {
  CycleReport report;
  ClientReport client;
  client.id = "a\n1 imported\x1b[2J";
  client.outcome = Outcome::kRefused;
  client.reason = "no\nb";
  report.clients = {client};
  EXPECT_EQ(toText(report), "refused    a\\x0a1 imported\\x1b[2J\n           no\\x0ab\n");
}

TEST(Report, NamesEveryFaultOfAnInvalidManifestAtItsPlace) {
  CycleReport report;
  ClientReport invalid;
  invalid.id = "bad";
  invalid.outcome = Outcome::kInvalid;
  invalid.places = {{"a.json", 1, 1, ""}};
  invalid.reason = "told by the faults";
  invalid.faults = {{.rule = "unknown-field",
                     .severity = manifest::Severity::kError,
                     .where = {"a.json", 2, 3, "/scopes"},
                     .message = "what",
                     .hint = "do"}};
  report.clients = {invalid};
  EXPECT_EQ(toText(report),
            "invalid    bad  a.json:1:1\n           a.json:2:3: what; do (/scopes) [unknown-field]\n");
  EXPECT_EQ(json::at(toJson(report, "plan"), "/clients/0/faults/0/rule")->text, "unknown-field");
  EXPECT_EQ(json::at(toJson(report, "plan"), "/clients/0/faults/0/column")->text, "3");
}

TEST(Report, SaysImportedWhereItWasDoneAndImportWhereItIsPlanned) {
  CycleReport report;
  report.clientsKnown = true;
  ClientReport client;
  client.id = "app";
  client.outcome = Outcome::kImport;
  report.clients = {client};
  EXPECT_EQ(toText(report), "import     app\n1 import\n");
  report.clients[0].tried = true;
  EXPECT_EQ(toText(report), "imported   app\n1 imported\n");
}

TEST(Report, RecallsTheClientsOfTheCycleThatLastKnewThem) {
  CycleReport earlier = sample();
  earlier.finished = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
  CycleReport outage;
  outage.recall(earlier);
  CycleReport longer;
  longer.recall(outage);
  EXPECT_EQ(longer.declared(), 2U);
  EXPECT_EQ(longer.unmanaged, 3U);
  EXPECT_EQ(json::at(toJson(longer, "run"), "/clients_from")->text, "2023-11-14T22:13:20Z");
  EXPECT_EQ(json::at(toJson(longer, "run"), "/summary/conflict")->text, "1");

  CycleReport good = sample();
  good.clients.clear();
  good.recall(earlier);
  EXPECT_TRUE(good.clients.empty()) << "a cycle that knows its clients recalls none";
}

}  // namespace
}  // namespace hydra_clients::reconcile
