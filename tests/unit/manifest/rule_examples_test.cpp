#include <gmock/gmock.h>

#include "client/hydra_version.h"
#include "manifest/rules/examples.h"
#include "manifest/rules/rule.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using testing::Contains;

TEST(RuleExamples, EachBreaksItsRule) {
  for (const RuleExample& example : ruleExamples()) {
    ASSERT_NE(findRule(example.rule), nullptr) << example.rule;
    ReadingOptions options;
    options.warnOfSecrets = true;
    if (!example.hydra.empty()) options.hydra = HydraVersion::parse(example.hydra).value();
    EXPECT_THAT(rulesOf(readText("client.json", example.file, options)), Contains(example.rule))
        << example.file;
  }
}

TEST(RuleExamples, AreMissingOnlyForRulesThatNoSmallFileCanBreak) {
  const auto isOfFiles = [](std::string_view rule) {
    return rule.starts_with("file-") || rule.starts_with("git-") || rule.starts_with("link-") ||
           rule == "not-a-file";
  };
  const auto isALimit = [](const RuleInfo& rule) {
    return rule.why.starts_with("A limit of this program") || rule.name == "json-nul" ||
           rule.name == "json-encoding";
  };
  for (const RuleInfo& rule : allRules()) {
    const bool isOfOwnSchemas = rule.why.starts_with("A schema of the user's own");
    if (isOfFiles(rule.name) || isALimit(rule) || isOfOwnSchemas) continue;
    EXPECT_NE(exampleOf(rule.name), nullptr) << rule.name;
  }
}

}  // namespace
}  // namespace hydra_clients::manifest
