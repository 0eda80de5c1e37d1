#include "cli/plan_markdown.h"

#include <gmock/gmock.h>

#include "reconcile/manifests.h"

namespace hydra_clients::cli {
namespace {

using reconcile::Change;
using reconcile::ChangedClient;
using reconcile::ClientReport;
using reconcile::CycleReport;
using reconcile::MergeReport;
using reconcile::Outcome;
using testing::HasSubstr;
using testing::Not;

ClientReport client(const std::string& id, Outcome outcome) {
  ClientReport client;
  client.id = id;
  client.outcome = outcome;
  client.places = {{"clients/" + id + ".json", 3, 1, ""}};
  return client;
}

CycleReport planned(std::vector<ClientReport> clients) {
  CycleReport report;
  report.clientsKnown = true;
  report.unmanaged = 0;
  report.hydra = "Hydra v2.3.0";
  report.revision = {"0123456789abcdef0123456789abcdef01234567", 1};
  report.clients = std::move(clients);
  report.result = resultOf(report);
  return report;
}

ChangedClient changed(Change change, ClientReport client) {
  ChangedClient changed;
  changed.change = change;
  changed.client = std::move(client);
  return changed;
}

MergeReport merged(std::vector<ChangedClient> clients) {
  MergeReport report;
  report.cycle = planned({});
  report.comparison = {"feature",
                       "main",
                       {"89abcdef0123456789abcdef0123456789abcdef", 1},
                       {"89abcdef0123456789abcdef0123456789abcdef", 1},
                       ""};
  report.clients = std::move(clients);
  report.unchanged = 5;
  return report;
}

TEST(PlanMarkdown, SaysFirstHowItStands) {
  EXPECT_THAT(planMarkdown(planned({})),
              testing::StartsWith("### hydra-clients plan: everything is in sync\n"));
  EXPECT_THAT(planMarkdown(planned({client("app", Outcome::kImport)})),
              testing::StartsWith("### hydra-clients plan: 1 import\n"));
  EXPECT_THAT(planMarkdown(planned({})), HasSubstr("`Hydra v2.3.0`, commit 0123456789ab."));
  CycleReport failed;
  failed.error = "Hydra is away";
  EXPECT_EQ(planMarkdown(failed), "### hydra-clients plan: failed\n\n```text\nHydra is away\n```\n");
}

TEST(PlanMarkdown, HasARowForEachClientThatIsNotInSyncTheWorstFirst) {
  ClientReport conflict = client("shop", Outcome::kConflict);
  conflict.differences = {{"scope", "\"a\"", "\"b\"", {}}};
  conflict.hint = "what to do";
  conflict.command = "curl --like this";
  const std::string text = planMarkdown(
      planned({client("app", Outcome::kImport), client("fine", Outcome::kInSync), std::move(conflict)}));
  EXPECT_THAT(text,
              HasSubstr("| conflict | `shop` | `clients/shop.json:3:1` | differs in Hydra, and is never "
                        "overwritten: `scope` |\n| import | `app` |"));
  EXPECT_THAT(text, HasSubstr("<details><summary>conflict: <code>shop</code></summary>\n\n```text\n"
                              "scope: the manifest has \"a\", Hydra has \"b\"\nwhat to do\n```\n\n"
                              "```sh\ncurl --like this\n```\n\n</details>\n"));
  EXPECT_THAT(text, Not(HasSubstr("fine")));
}

TEST(PlanMarkdown, OfAMergeSaysWhatBecomesOfEachChangedClient) {
  ChangedClient removed = changed(Change::kRemoved, client("old", Outcome::kInSync));
  removed.formerInHydra = true;
  ChangedClient renamed = changed(Change::kRenamed, client("new-name", Outcome::kImport));
  renamed.formerId = "old-name";
  renamed.formerInHydra = false;
  ChangedClient other = changed(Change::kChanged, client("shop", Outcome::kImport));
  other.fields = {"scope"};
  MergeReport report = merged({std::move(removed), std::move(renamed), std::move(other)});
  report.unchangedNotInSync = 2;
  const std::string text = mergeMarkdown(report);
  EXPECT_THAT(
      text, testing::StartsWith("### hydra-clients plan: 2 import, 1 unmanaged\n\n"
                                "Compares `feature` 0123456789ab with `main` 89abcdef0123. 5 clients "
                                "unchanged, 2 of them not in sync (`plan` without `--against` names them)."));
  EXPECT_THAT(text,
              HasSubstr("| removed | unmanaged | `old` | `clients/old.json:3:1` | the manifest of a client "
                        "which stays in Hydra, unmanaged, until a person deletes it |\n"));
  EXPECT_THAT(text, HasSubstr("| will be imported; it was `old-name`, which is not in Hydra |\n"));
  EXPECT_THAT(text, HasSubstr("| will be imported; changes `scope` |\n"));
}

TEST(PlanMarkdown, OfAMergeThatLeavesNothingToDoSaysSo) {
  EXPECT_THAT(mergeMarkdown(merged({changed(Change::kAdded, client("app", Outcome::kInSync))})),
              testing::StartsWith("### hydra-clients plan: nothing to do\n"));
}

/// Everything that a stranger may choose is as long and as odd as it gets.
ClientReport hostile(int number, Outcome outcome) {
  const std::string odd = "|`@all <img src=x>\\\n" + std::string(2'000, '`') + std::to_string(number);
  ClientReport client;
  client.id = odd;
  client.outcome = outcome;
  client.places = std::vector<manifest::Location>(60, {odd, 1, 1, ""});
  client.differences =
      std::vector<reconcile::Difference>(60, {"scope", std::string(200, '|'), std::string(200, '`'), {}});
  client.faults =
      std::vector<manifest::Fault>(40, {"rule", manifest::Severity::kError, {odd, 1, 1, odd}, odd, odd});
  client.reason = odd;
  client.hint = odd;
  client.command = "curl " + std::string(2'900, '`');
  return client;
}

TEST(PlanMarkdown, HoweverMuchThereIsToSayFitsIntoOneComment) {
  std::vector<ClientReport> clients;
  std::vector<ChangedClient> changes;
  for (int i = 0; i < 150; ++i) {
    const Outcome outcome = i % 2 == 0 ? Outcome::kConflict : Outcome::kInvalid;
    clients.push_back(hostile(i, outcome));
    changes.push_back(changed(Change::kRenamed, hostile(i, outcome)));
    changes.back().formerId = clients.back().id;
  }
  CycleReport report = planned(std::move(clients));
  report.notices = std::vector<std::string>(500, std::string(5'000, '|'));
  report.warnings = std::vector<manifest::Fault>(
      500, {"rule", manifest::Severity::kWarning, {}, std::string(5'000, '@'), ""});
  report.error = std::string(100'000, '`');
  MergeReport merge = merged(std::move(changes));
  merge.comparison.changed = std::string(5'000, '|');
  merge.comparison.against = std::string(5'000, '`');
  merge.cycle.notices = report.notices;
  merge.cycle.warnings = report.warnings;
  for (const std::string& text : {planMarkdown(report), mergeMarkdown(merge)}) {
    EXPECT_LE(text.size(), kMostCommentBytes);
    EXPECT_GT(text.size(), kMostCommentBytes / 2) << "what fits is shown";
    EXPECT_THAT(text, testing::ContainsRegex("\nand [0-9]+ more\n"));
    EXPECT_THAT(text, HasSubstr(" more are left out: `hydra-clients plan` prints them."));
  }
}

}  // namespace
}  // namespace hydra_clients::cli
