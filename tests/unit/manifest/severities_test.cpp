#include "manifest/rules/severities.h"

#include <gmock/gmock.h>

#include "manifest/rules/rule.h"
#include "manifest/set_reader.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using testing::HasSubstr;

ManifestSet read(const std::string& text, std::initializer_list<const char*> settings, bool strict = false) {
  ReadingOptions options;
  for (const char* setting : settings) EXPECT_TRUE(options.severities.set(setting)) << setting;
  if (strict) options.severities.makeStrict();
  return readText("a.json", text, options);
}

constexpr const char* kWithoutScope = R"({"client_id":"a","token_endpoint_auth_method":"none"})";

TEST(Severities, AWarningCanBeSwitchedOffOrMadeAnError) {
  EXPECT_EQ(read(kWithoutScope, {}).warnings.size(), 1U);
  EXPECT_TRUE(read(kWithoutScope, {"scope-default=off"}).warnings.empty());
  EXPECT_EQ(read(kWithoutScope, {"scope-default=error"}).invalid.size(), 1U);
}

TEST(Severities, AnErrorCanBeMadeAWarning) {
  const char* const text =
      R"({"client_id":"a","token_endpoint_auth_method":"none","scope":"x","scopes":"y"})";
  EXPECT_EQ(read(text, {}).invalid.size(), 1U);
  const ManifestSet set = read(text, {"unknown-field=warning"});
  EXPECT_EQ(set.manifests.size(), 1U);
  EXPECT_EQ(set.warnings.size(), 1U);
}

TEST(Severities, StrictMakesWarningsErrors) {
  EXPECT_EQ(read(kWithoutScope, {}, /*strict=*/true).invalid.size(), 1U);
  EXPECT_EQ(read(kWithoutScope, {"scope-default=off"}, /*strict=*/true).manifests.size(), 1U);
}

TEST(Severities, TheLastSettingOfARuleCounts) {
  EXPECT_TRUE(read(kWithoutScope, {"scope-default=error", "scope-default=off"}).warnings.empty());
}

TEST(Severities, AMistakeIsToldInWords) {
  RuleSeverities severities;
  EXPECT_THAT(severities.set("scope-defualt=off").error(), HasSubstr("did you mean \"scope-default\"?"));
  EXPECT_THAT(severities.set("scope-default=maybe").error(), HasSubstr("NAME=off"));
  EXPECT_THAT(severities.set("scope-default").error(), HasSubstr("NAME=off"));
}

TEST(Severities, WhatTheProgramStandsOnCannotBeChanged) {
  RuleSeverities severities;
  for (const char* rule : {"json-syntax", "wrong-type", "duplicate-client-id", "size", "client-id-missing"}) {
    EXPECT_THAT(severities.set(std::string(rule) + "=warning").error(), HasSubstr("always an error")) << rule;
  }
}

TEST(Severities, EveryFixedRuleIsAnError) {
  for (const RuleInfo& rule : allRules()) {
    if (isFixed(rule.name)) {
      EXPECT_EQ(rule.severity, Severity::kError) << rule.name;
    }
  }
}

}  // namespace
}  // namespace hydra_clients::manifest
