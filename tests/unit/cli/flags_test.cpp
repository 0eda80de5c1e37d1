#include "cli/flags.h"

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>

#include "manifest/set_reader.h"
#include "secrets/reference.h"

namespace hydra_clients::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> warningsFor(std::vector<const char*> environment) {
  CLI::App program;
  std::string endpoint;
  CLI::App* command = program.add_subcommand("run");
  addFlag(*command, "endpoint", endpoint, "where");
  environment.push_back(nullptr);
  return unknownVariables(program, environment.data(), "HYDRA_CLIENTS_SECRET_");
}

/// What the program says to a command line that it does not take.
std::string refusal(CLI::App& program, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    program.parse(std::move(words));
  } catch (const CLI::Error& error) {
    return error.what();
  }
  return "";
}

TEST(Flags, TheVariablesOfSecretsThatValidatePassesAreThoseThatAreRead) {
  EXPECT_EQ(manifest::ReadingOptions{}.secretsEnvPrefix, secrets::ReferenceOptions{}.envPrefix);
}

TEST(Flags, HaveAnEnvironmentVariableEach) {
  EXPECT_EQ(environmentNameOf("--access-token-file"), "HYDRA_CLIENTS_ACCESS_TOKEN_FILE");
}

TEST(Flags, ReadTheFirstVariableThatIsSetAndNotEmpty) {
  setenv("FLAGS_TEST_A", "", 1);
  setenv("FLAGS_TEST_B", "b", 1);
  EXPECT_EQ(environmentFor("x", {"FLAGS_TEST_A", "FLAGS_TEST_B"}), "FLAGS_TEST_B");
  setenv("HYDRA_CLIENTS_X", "own", 1);
  EXPECT_EQ(environmentFor("x", {"FLAGS_TEST_A", "FLAGS_TEST_B"}), "HYDRA_CLIENTS_X");
  unsetenv("HYDRA_CLIENTS_X");
  unsetenv("FLAGS_TEST_B");
}

TEST(Flags, TakeDurationsAndNoBareNumbers) {
  CLI::App program;
  std::chrono::milliseconds interval{60s};
  addDurationFlag(program, "interval", interval, "how often");
  program.parse("--interval 1m30s");
  EXPECT_EQ(interval, 90s);
  EXPECT_THROW(program.parse("--interval 30"), CLI::ValidationError);
  EXPECT_THROW(program.parse("--interval -1s"), CLI::ValidationError);
  EXPECT_THROW(program.parse("--interval 0s"), CLI::ValidationError);
}

TEST(Flags, RefuseAnEmptyValueSinceACommandInsideMayHaveFailed) {
  CLI::App program;
  std::string key;
  addFlag(program, "pgp-key", key, "a key");
  EXPECT_THROW(program.parse(std::vector<std::string>{"", "--pgp-key"}), CLI::ValidationError);
}

TEST(Flags, TakeSizesInBytesAndBinaryUnits) {
  CLI::App program;
  std::size_t size = 0;
  addSizeFlag(program, "max-file-size", size, "the largest file", {1024, 1U << 30});
  program.parse("--max-file-size 2MiB");
  EXPECT_EQ(size, 2U << 20);
  for (const char* wrong : {"0", "1023", "2GiB", "3x", "MiB", "-1", "1.5MiB", "99999999999999999999"}) {
    EXPECT_THAT(refusal(program, {"--max-file-size", wrong}), HasSubstr("no size from 1KiB to 1GiB"))
        << wrong;
  }
}

TEST(Flags, TakeWholeNumbersWithinTheirRange) {
  CLI::App program;
  std::size_t count = 8;
  addCountFlag(program, "parallelism", count, "how many", {1, 256});
  program.parse("--parallelism 256");
  EXPECT_EQ(count, 256U);
  for (const char* wrong : {"0", "257", "many", "-1", "1e2", ""}) {
    EXPECT_THAT(refusal(program, {"--parallelism", wrong}), HasSubstr("no whole number from 1 to 256"))
        << wrong;
  }
}

TEST(Flags, TakeOneOfTheirChoicesAndSuggestTheNearest) {
  CLI::App program;
  std::string level = "info";
  const CLI::Option* option = addChoiceFlag(program, "log-level", level, "what", {"info", "warning"});
  EXPECT_THAT(choicesOf(*option), ElementsAre("info", "warning"));
  EXPECT_THAT(refusal(program, {"--log-level", "waring"}), HasSubstr("did you mean warning?"));
}

TEST(Flags, RefuseADurationThatNoClockCouldCount) {
  CLI::App program;
  std::chrono::milliseconds interval{60s};
  addDurationFlag(program, "interval", interval, "how often", 10ms);
  for (const char* wrong : {"9999999h", "25h", "9ms", "99999999999999999999s"}) {
    EXPECT_THAT(refusal(program, {"--interval", wrong}), HasSubstr("no duration from 10ms to 24h")) << wrong;
  }
  program.parse("--interval 24h");
  EXPECT_EQ(interval, 24h);
}

TEST(FlagValues, AreShownAsPeopleWriteThem) {
  EXPECT_EQ(durationText(24h), "24h");
  EXPECT_EQ(durationText(60s), "1m");
  EXPECT_EQ(durationText(90s), "1m30s");
  EXPECT_EQ(durationText(10s), "10s");
  EXPECT_EQ(durationText(0s), "0s");
  EXPECT_EQ(sizeText(256U << 20), "256MiB");
  EXPECT_EQ(sizeText(16U << 10), "16KiB");
  EXPECT_EQ(sizeText(1025), "1025B");
  EXPECT_EQ(parseSize("1k"), 1024U);
  EXPECT_EQ(parseSize("20000000000GiB"), std::nullopt);
}

TEST(UnknownVariables, AreWarnedOfWithASuggestion) {
  EXPECT_THAT(warningsFor({"HYDRA_CLIENTS_ENDPIONT=x"}),
              ElementsAre(HasSubstr("did you mean HYDRA_CLIENTS_ENDPOINT?")));
  EXPECT_THAT(warningsFor({"HYDRA_CLIENTS_SOMETHING_ELSE=x"}),
              ElementsAre(testing::Not(HasSubstr("did you"))));
}

TEST(UnknownVariables, AreThoseOfHelpSinceNoVariableAsksForIt) {
  EXPECT_THAT(warningsFor({"HYDRA_CLIENTS_HELP=1"}), ElementsAre(HasSubstr("means nothing")));
}

TEST(UnknownVariables, AreNotWhatIsKnownOrComesFromKubernetesOrHoldsASecret) {
  EXPECT_THAT(
      warningsFor({"HYDRA_CLIENTS_ENDPOINT=x", "HYDRA_CLIENTS_SERVICE_HOST=10.0.0.1",
                   "HYDRA_CLIENTS_SERVICE_PORT=1", "HYDRA_CLIENTS_PORT=tcp://10.0.0.1:1",
                   "HYDRA_CLIENTS_PORT_9464_TCP_ADDR=10.0.0.1", "HYDRA_CLIENTS_SERVICE_PORT_METRICS=1",
                   "HYDRA_CLIENTS_SECRET_APP=s", "PATH=/bin"}),
      IsEmpty());
}

}  // namespace
}  // namespace hydra_clients::cli
