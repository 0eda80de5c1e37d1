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

}  // namespace
}  // namespace hydra_clients::cli
