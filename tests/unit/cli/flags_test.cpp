#include "cli/flags.h"

#include <cstdlib>

#include <gmock/gmock.h>

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
  addSizeFlag(program, "max-file-size", size, "the largest file");
  program.parse("--max-file-size 2MiB");
  EXPECT_EQ(size, 2U << 20);
}

TEST(UnknownVariables, AreWarnedOfWithASuggestion) {
  EXPECT_THAT(warningsFor({"HYDRA_CLIENTS_ENDPIONT=x"}),
              ElementsAre(HasSubstr("did you mean HYDRA_CLIENTS_ENDPOINT?")));
  EXPECT_THAT(warningsFor({"HYDRA_CLIENTS_SOMETHING_ELSE=x"}),
              ElementsAre(testing::Not(HasSubstr("did you"))));
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
