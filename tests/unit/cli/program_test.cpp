#include "cli/program.h"

#include <vector>

#include <gmock/gmock.h>

namespace hydra_clients::cli {
namespace {

using testing::HasSubstr;

struct Ran {
  int exitCode = -1;
  std::string out;
  std::string err;
};

Ran run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "hydra-clients");
  const char* const noEnvironment[] = {nullptr};
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.exitCode = runProgram(static_cast<int>(arguments.size()), arguments.data(), noEnvironment);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

class EveryCommand : public testing::TestWithParam<const char*> {};

TEST_P(EveryCommand, HasAHelpText) {
  const Ran ran = run({GetParam(), "--help"});
  EXPECT_EQ(ran.exitCode, 0);
  EXPECT_THAT(ran.out, HasSubstr("Usage: hydra-clients " + std::string(GetParam())));
}

TEST_P(EveryCommand, RefusesAnUnknownFlagAsAUsageErrorThatPointsToItsHelp) {
  const Ran ran = run({GetParam(), "--no-such-flag"});
  EXPECT_EQ(ran.exitCode, 64);
  EXPECT_THAT(ran.err, HasSubstr("hydra-clients " + std::string(GetParam()) + " --help"));
}

INSTANTIATE_TEST_SUITE_P(All, EveryCommand,
                         testing::Values("import", "run", "plan", "validate", "version", "completion"));

TEST(Program, WithoutACommandIsAUsageError) { EXPECT_EQ(run({}).exitCode, 64); }

TEST(Program, WithoutAnEndpointSaysHowToGiveOne) {
  const Ran ran = run({"plan", "--manifests", "."});
  EXPECT_EQ(ran.exitCode, 64);
  EXPECT_THAT(ran.err, HasSubstr("HYDRA_ADMIN_URL"));
}

TEST(Program, VersionNamesTheCommitAndTheLibraries) {
  const Ran ran = run({"version"});
  EXPECT_EQ(ran.exitCode, 0);
  EXPECT_THAT(ran.out, HasSubstr("commit"));
  EXPECT_THAT(ran.out, HasSubstr("cpprestsdk 2."));
}

TEST(Program, ValidateOfAFolderCountsWhatItChecked) {
  const Ran ran = run({"validate", SOURCE_DIR "/manifests"});
  EXPECT_EQ(ran.exitCode, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("0 errors"));
}

}  // namespace
}  // namespace hydra_clients::cli
