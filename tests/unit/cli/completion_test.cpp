#include <gmock/gmock.h>

#include "cli/commands.h"
#include "cli/program.h"

namespace hydra_clients::cli {
namespace {

std::string completionFor(const char* shell) {
  const char* const arguments[] = {"hydra-clients", "completion", shell};
  const char* const noEnvironment[] = {nullptr};
  testing::internal::CaptureStdout();
  EXPECT_EQ(runProgram(3, arguments, noEnvironment), 0);
  return testing::internal::GetCapturedStdout();
}

TEST(Completion, KnowsEveryCommandAndItsFlagsInEveryShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string text = completionFor(shell);
    for (const char* word : {"import", "run", "plan", "validate", "completion", "fail-after", "interval"}) {
      EXPECT_THAT(text, testing::HasSubstr(word)) << shell;
    }
  }
}

TEST(Completion, KnowsInZshAndFishWhatAFlagsValueMayBe) {
  const std::string zsh = completionFor("zsh");
  EXPECT_THAT(zsh, testing::HasSubstr("]:value:(text json)'"));
  EXPECT_THAT(zsh, testing::ContainsRegex("'--manifests=\\[[^]]*\\]:folder:_files -/'"));
  EXPECT_THAT(zsh, testing::ContainsRegex("'--ca-file=\\[[^]]*\\]:file:_files'"));
  EXPECT_THAT(zsh, testing::HasSubstr("'*:value:(bash zsh fish)'"));
  const std::string fish = completionFor("fish");
  EXPECT_THAT(fish, testing::HasSubstr("-l log-level -x -a 'debug info warning error'"));
  EXPECT_THAT(fish, testing::HasSubstr("-l manifests -x -a '(__fish_complete_directories)'"));
  EXPECT_THAT(fish, testing::HasSubstr("-l ca-file -r -F"));
  EXPECT_THAT(fish, testing::HasSubstr("__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'"));
}

TEST(Completion, KnowsTheCommandsOfAGroup) {
  EXPECT_THAT(completionFor("bash"), testing::HasSubstr("words=\"list show --help\""));
  EXPECT_THAT(completionFor("zsh"),
              testing::ContainsRegex("list\\) _arguments[^\n]*--outbox=\\[[^]]*\\]:folder:_files -/"));
  const std::string fish = completionFor("fish");
  EXPECT_THAT(fish, testing::HasSubstr(
                        "'__fish_seen_subcommand_from secrets; and not __fish_seen_subcommand_from list "
                        "show' -a show -d 'Print a clients encrypted secret"));
  EXPECT_THAT(fish, testing::HasSubstr(
                        "'__fish_seen_subcommand_from secrets; and __fish_seen_subcommand_from show' -l "
                        "outbox -x -a '(__fish_complete_directories)'"));
}

}  // namespace
}  // namespace hydra_clients::cli
