#include "cli/verdict.h"

#include <sstream>

#include <gmock/gmock.h>

#include "client/json.h"
#include "manifest/rules/rule.h"

namespace hydra_clients::cli {
namespace {

using manifest::Fault;
using manifest::Severity;
using testing::HasSubstr;
using testing::Not;

Verdict sample() {
  Verdict verdict;
  verdict.files = 2;
  verdict.clients = 3;
  verdict.faults = {Fault{"unknown-field",
                          Severity::kError,
                          {"my clients/a.json", 2, 3, "/scopes"},
                          "Hydra knows no field \"scopes\"",
                          "did you mean \"scope\"?"},
                    Fault{"scope-default", Severity::kWarning, {"b,c:d.json", 0, 0, ""}, "100% default", ""}};
  verdict.unreadable = {"nowhere: no such folder"};
  return verdict;
}

const TextOf kNoText = [](const std::string&) { return nullptr; };

std::string textOf(const Verdict& verdict, const TextOf& source, bool colours) {
  std::ostringstream out;
  printText(out, verdict, source, colours);
  return out.str();
}

TEST(Verdict, AsTextShowsPlaceSeverityMessageAndRule) {
  EXPECT_EQ(
      textOf(sample(), kNoText, false),
      "my clients/a.json:2:3: error: Hydra knows no field \"scopes\"; did you mean \"scope\"? (/scopes) "
      "[unknown-field]\n"
      "b,c:d.json: warning: 100% default [scope-default]\n"
      "checked 3 clients in 2 files: 1 error, 1 warning\n");
}

TEST(Verdict, AsTextShowsTheLineBelow) {
  const auto source = [](const std::string&) { return std::make_unique<SourceText>("{\n  \"scopes\": 1}"); };
  EXPECT_THAT(textOf(sample(), source, false), HasSubstr("    2 |   \"scopes\": 1}\n      |   ^~~~~~~~\n"));
}

TEST(Verdict, HasColoursOnlyWhereTheyAreWanted) {
  EXPECT_THAT(textOf(sample(), kNoText, false), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(textOf(sample(), kNoText, true), HasSubstr("\x1b[1;31merror\x1b[0m"));
}

TEST(Verdict, ForGithubIsOneCommandALineWithItsPropertiesEscaped) {
  std::ostringstream out;
  printGithub(out, sample());
  EXPECT_THAT(out.str(), HasSubstr("::error::nowhere: no such folder\n"));
  EXPECT_THAT(out.str(),
              HasSubstr("::error file=my clients/a.json,line=2,col=3,title=unknown-field::Hydra knows"));
  EXPECT_THAT(out.str(), HasSubstr("::warning file=b%2Cc%3Ad.json,title=scope-default::100%25 default"));
}

TEST(Verdict, ForGithubNamesNoFileWhoseNameATerminalWouldObey) {
  Verdict verdict = sample();
  for (manifest::Fault& fault : verdict.faults) fault.where.path = manifest::SharedPath("x\x1b[31m.json");
  std::ostringstream out;
  printGithub(out, verdict);
  EXPECT_THAT(out.str(), HasSubstr("::error title=unknown-field::x\\x1b[31m.json: Hydra knows"));
  EXPECT_THAT(out.str(), Not(HasSubstr("\x1b")));
}

TEST(Verdict, AsSarifNamesEachRuleAndPointsToThePlace) {
  std::ostringstream out;
  printSarif(out, sample());
  const auto document = json::parse(out.str());
  ASSERT_TRUE(document);
  EXPECT_EQ(json::at(*document, "/version")->text, "2.1.0");
  EXPECT_EQ(json::at(*document, "/runs/0/tool/driver/rules")->items.size(), manifest::allRules().size());
  const json::Value& result = *json::at(*document, "/runs/0/results/0");
  EXPECT_EQ(json::at(result, "/ruleId")->text, "unknown-field");
  EXPECT_EQ(json::at(result, "/level")->text, "error");
  const std::string index = json::at(result, "/ruleIndex")->text;
  EXPECT_EQ(json::at(*document, "/runs/0/tool/driver/rules/" + index + "/id")->text, "unknown-field");
  const json::Value& place = *json::at(result, "/locations/0/physicalLocation");
  EXPECT_EQ(json::at(place, "/artifactLocation/uri")->text, "my%20clients/a.json");
  EXPECT_EQ(json::at(place, "/region/startLine")->text, "2");
  EXPECT_EQ(json::at(*document, "/runs/0/invocations/0/executionSuccessful")->boolean, false);
}

TEST(Verdict, AsSarifGivesAnAbsolutePathItsScheme) {
  Verdict verdict = sample();
  verdict.faults.front().where.path = "/srv/a#b.json";
  std::ostringstream out;
  printSarif(out, verdict);
  EXPECT_THAT(out.str(), HasSubstr("\"file:///srv/a%23b.json\""));
}

TEST(Verdict, AsJsonIsOneDocumentWithAVersion) {
  std::ostringstream out;
  printJson(out, sample());
  const auto document = json::parse(out.str());
  ASSERT_TRUE(document);
  EXPECT_EQ(json::at(*document, "/version")->text, "1");
  EXPECT_EQ(json::at(*document, "/result")->text, "invalid");
  EXPECT_EQ(json::at(*document, "/faults/0/pointer")->text, "/scopes");
}

}  // namespace
}  // namespace hydra_clients::cli
