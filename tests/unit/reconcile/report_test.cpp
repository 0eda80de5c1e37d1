#include "reconcile/report.h"

#include <gmock/gmock.h>

namespace hydra_clients::reconcile {
namespace {

using testing::HasSubstr;

CycleReport sample() {
  CycleReport report;
  report.clientsKnown = true;
  report.result = CycleResult::kDegraded;
  report.unmanaged = 3;
  report.endpoint = "http://127.0.0.1:4445";
  ClientReport good;
  good.id = "good";
  ClientReport conflict;
  conflict.id = "conflict";
  conflict.outcome = Outcome::kConflict;
  conflict.differences = {{"scope", "\"a\"", "\"b\""}, {"jwks", "", ""}};
  conflict.places = {{"clients/a.json", 3, 5, "/0"}};
  conflict.hint = "what to do";
  report.clients = {conflict, good};
  return report;
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
  EXPECT_EQ(json::at(document, "/clients/0/differences/0/hydra")->text, "\"b\"");
  EXPECT_EQ(json::at(document, "/clients/0/differences/1/hydra"), nullptr) << "a key's value is not shown";
  EXPECT_EQ(json::at(document, "/clients/0/places/0/line")->text, "3");
  EXPECT_TRUE(json::parse(json::write(document)));
}

TEST(Report, WhatIsUnknownIsNullAndNeverZero) {
  CycleReport report = sample();
  report.unmanaged.reset();
  EXPECT_TRUE(json::at(toJson(report, "plan"), "/summary/unmanaged")->isNull());
  EXPECT_TRUE(json::at(toJson(CycleReport{}, "plan"), "/summary/in_sync")->isNull());
}

TEST(Report, AsTextNamesWhatIsNotInSyncAndItsPlace) {
  const std::string text = toText(sample());
  EXPECT_THAT(text, HasSubstr("conflict   conflict  clients/a.json:3\n"
                              "           scope: the manifest has \"a\", Hydra has \"b\"\n"
                              "           jwks: differs\n"));
  EXPECT_THAT(text, HasSubstr("what to do"));
  EXPECT_THAT(text, testing::Not(HasSubstr("good")));
}

TEST(Report, WritesTimesInRfc3339) {
  EXPECT_EQ(rfc3339(std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000))),
            "2023-11-14T22:13:20Z");
}

}  // namespace
}  // namespace hydra_clients::reconcile
