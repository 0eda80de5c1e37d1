#include "manifest/fault.h"

#include <gtest/gtest.h>

#include "manifest/rules/rule.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

TEST(Fault, ReadsLikeACompilersMessage) {
  const Fault fault{"unknown-field",
                    Severity::kError,
                    {"a.json", 3, 5, "/id"},
                    "Hydra knows no field \"id\"",
                    "try client_id"};
  EXPECT_EQ(format(fault),
            "a.json:3:5: error: Hydra knows no field \"id\"; try client_id (/id) [unknown-field]");
}

TEST(Fault, LeavesOutWhatItDoesNotHave) {
  const Fault fault{"file-empty", Severity::kWarning, {"a.json", 0, 0, ""}, "the file is empty", ""};
  EXPECT_EQ(format(fault), "a.json: warning: the file is empty [file-empty]");
}

TEST(Fault, StaysOneLineWhateverTheFileIsCalled) {
  const Fault fault{"file-empty", Severity::kError, {"a\n\x1b[31m.json", 0, 0, ""}, "x\ry", ""};
  EXPECT_EQ(format(fault), "a\\x0a\\x1b[31m.json: error: x\\x0dy [file-empty]");
}

TEST(Fault, ShowsNoControlCharactersOfTheSecondKindEither) {
  const Fault fault{"file-empty",
                    Severity::kError,
                    {"\xC2\x9B"
                     "31m\xC3\xA4.json",
                     0, 0, ""},
                    "x",
                    ""};
  EXPECT_EQ(format(fault), "\\xc2\\x9b31m\xC3\xA4.json: error: x [file-empty]");
}

TEST(Fault, IsSortedByPlaceAndThenByRule) {
  std::vector<Fault> faults = {{"b", Severity::kError, {"b.json", 1, 1, ""}, "4", ""},
                               {"b", Severity::kError, {"a.json", 10, 1, ""}, "3", ""},
                               {"b", Severity::kError, {"a.json", 9, 2, ""}, "2", ""},
                               {"a", Severity::kError, {"a.json", 9, 2, ""}, "1", ""}};
  sortByPlace(faults);
  std::string order;
  for (const Fault& fault : faults) order += fault.message;
  EXPECT_EQ(order, "1234");
}

TEST(RuleCatalogue, ExplainsEveryRule) {
  for (const RuleInfo& rule : allRules()) {
    EXPECT_FALSE(rule.what.empty()) << rule.name;
    EXPECT_TRUE(rule.why.ends_with('.')) << rule.name;
    EXPECT_EQ(rule.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << rule.name;
    EXPECT_EQ(findRule(rule.name), &rule);
  }
  EXPECT_EQ(findRule("no-such-rule"), nullptr);
}

TEST(Fault, ShowsNoMoreOfANameThanAPersonReads) {
  const ManifestSet set =
      readOne(R"({"client_id":"a","scope":"x",")" + std::string(100'000, 'k') + R"(":1})");
  ASSERT_EQ(set.invalid.size(), 1U);
  EXPECT_LT(format(set.invalid[0].faults.at(0)).size(), 1000U);
}

}  // namespace
}  // namespace hydra_clients::manifest
