#include "cli/program.h"

#include <cstdlib>
#include <sstream>
#include <vector>

#include <gmock/gmock.h>

namespace hydra_clients::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

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

/// A command of one word or more ("secrets list"), between what stands before and behind it.
Ran runCommand(std::vector<std::string> words, const std::string& command, const std::string& flag = "") {
  std::istringstream names(command);
  for (std::string name; names >> name;) words.push_back(name);
  if (!flag.empty()) words.push_back(flag);
  std::vector<const char*> arguments;
  arguments.reserve(words.size());
  for (const std::string& word : words) arguments.push_back(word.c_str());
  return run(arguments);
}

class EveryCommand : public testing::TestWithParam<const char*> {};

TEST_P(EveryCommand, HasAHelpText) {
  const Ran ran = runCommand({}, GetParam(), "--help");
  EXPECT_EQ(ran.exitCode, 0);
  EXPECT_THAT(ran.out, HasSubstr("Usage: hydra-clients " + std::string(GetParam())));
}

TEST_P(EveryCommand, RefusesAnUnknownFlagAsAUsageErrorThatPointsToItsHelp) {
  const Ran ran = runCommand({}, GetParam(), "--no-such-flag");
  EXPECT_EQ(ran.exitCode, 64);
  EXPECT_THAT(ran.err, HasSubstr("hydra-clients " + std::string(GetParam()) + " --help"));
}

INSTANTIATE_TEST_SUITE_P(All, EveryCommand,
                         testing::Values("import", "run", "plan", "seal", "validate", "export", "secrets",
                                         "secrets list", "secrets show", "version", "completion", "help"));

TEST_P(EveryCommand, IsExplainedByHelpAsByItsFlag) {
  EXPECT_EQ(runCommand({"help"}, GetParam()).out, runCommand({}, GetParam(), "--help").out);
}

TEST(Program, WithoutACommandShowsTheHelpOnStandardErrorAsAUsageError) {
  const Ran ran = run({});
  EXPECT_EQ(ran.exitCode, 64);
  EXPECT_EQ(ran.err, run({"help"}).out);
  EXPECT_EQ(ran.out, "");
}

TEST(Program, ShowsTheSameVersionForTheFlagAndTheCommand) {
  EXPECT_EQ(run({"--version"}).out, run({"version"}).out);
}

struct Mistake {
  std::vector<const char*> arguments;
  const char* says;
};

TEST(Program, SaysWhatToTypeInsteadOfAMistake) {
  const Mistake mistakes[] = {
      {{"imprt"}, "there is no command \"imprt\"; did you mean import?"},
      {{"frobnicate"}, "the commands are import, run, plan"},
      {{"help", "vlidate"}, "did you mean validate?"},
      {{"plan", "--manifest", "x"}, "plan has no flag --manifest; did you mean --manifests?"},
      {{"plan", "-manifests", "x"}, "did you mean --manifests?"},
      {{"plan", "--interval", "5s"}, "plan has no flag --interval; it is a flag of run"},
      {{"validate", "--skip-tls-verify", "x"}, "it is a flag of import, run, plan"},
      {{"validate", "--hydra", "v1.2", "x"}, "--hydra: \"v1.2\" is older than v1.9"},
      {{"validate", "--hydra", "3", "x"}, "\"3\" is no Hydra: after v2 came v25"},
      {{"validate", "--hydra", "new", "x"}, "write it like v1.11, v2.3.0 or 26"},
      {{"run", "--manifests", "x", "--log-level", "warn"}, "did you mean warning?"},
      {{"--manifests", "x", "plan"},
       "--manifests stands before the command: write hydra-clients plan --manifests"},
      {{"--versoin"}, "there is no flag --versoin; did you mean --version?"},
      {{"secrets"}, "secrets needs one of its commands: list, show"},
      {{"secrets", "lst"}, "there is no command \"secrets lst\"; did you mean secrets list?"},
      {{"secrets", "frobnicate"}, "the commands are secrets list, secrets show"},
      {{"help", "secrets", "shw"}, "did you mean secrets show?"},
      {{"help", "plan", "now"}, "\"now\" is too much: plan has no commands of its own"},
      {{"secrets", "--outbox", "x", "list"},
       "--outbox stands before the command: write hydra-clients secrets list"},
      {{"secrets", "list"}, "--outbox FOLDER (or the variable HYDRA_CLIENTS_OUTBOX) is missing"},
      {{"secrets", "list", "--outbx", "x"}, "secrets list has no flag --outbx; did you mean --outbox?"},
      {{"plan", "--pending"}, "plan has no flag --pending; it is a flag of secrets show"},
      {{"secrets", "show", "--outbox", "x"}, "CLIENT_ID is missing"},
      {{"secrets", "list", "x"}, "secrets list takes no argument: did you mean --outbox x?"},
      {{"secrets", "show", "app", "x"}, "secrets show takes no further argument: did you mean --outbox x?"},
      {{"plan", "--manifests", "x", "y"}, "\"y\" is too much"},
      {{"seal", "--client-id", "x", "the-secret"},
       "seal takes no argument: it reads the secret from standard"},
      {{"plan", "clients"}, "plan takes no argument: did you mean --manifests clients?"},
      {{"run", "clients/"}, "run takes no argument: did you mean --manifests clients/?"},
      {{"export", "out"}, "export takes no argument: did you mean --to out?"},
      {{"plan"}, "--manifests FOLDER (or the variable HYDRA_CLIENTS_MANIFESTS) is missing"},
      {{"validate"}, "PATH is missing"},
      {{"run", "--interval"}, "--interval needs a value: --interval DURATION"},
      {{"plan", "--manifests", "a", "--manifests", "b"}, "--manifests is given more than once"},
      {{"run", "--once=maybe"}, "--once: \"maybe\" is neither true nor false"},
      {{"run", "--manifests", "x", "--max-nesting", "0"}, "\"0\" is no whole number from 1 to"},
      {{"run", "--manifests", "x", "--max-manifests", "0"}, "\"0\" is no whole number from 1 to"},
      {{"run", "--manifests", "x", "--max-client-size", "0"}, "\"0\" is no size from 1KiB"},
      {{"run", "--manifests", "x", "--interval", "25h"}, "no duration from 10ms to 24h"},
  };
  for (const Mistake& mistake : mistakes) {
    const Ran ran = run(mistake.arguments);
    EXPECT_EQ(ran.exitCode, 64);
    EXPECT_THAT(ran.err, HasSubstr(mistake.says));
  }
}

TEST(Program, DoesNotRepeatTheValueOfAMisspeltFlag) {
  EXPECT_THAT(run({"plan", "--acces-token=hunter2"}).err, Not(HasSubstr("hunter2")));
}

/// A variable of this process for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(Program, NamesTheVariableThatAWrongValueCameFrom) {
  const Variable interval("HYDRA_CLIENTS_INTERVAL", "soon");
  EXPECT_THAT(run({"run", "--manifests", "x"}).err, HasSubstr(": HYDRA_CLIENTS_INTERVAL: \"soon\""));
  EXPECT_THAT(run({"run", "--manifests", "x", "--interval", "now"}).err, HasSubstr(": --interval: \"now\""));
}

TEST(Program, NamesTheVariableOfAValueThatOnlyTheCommandCouldJudge) {
  const Variable endpoint("HYDRA_ADMIN_URL", "nowhere");
  EXPECT_THAT(run({"plan", "--manifests", "x"}).err, HasSubstr(": HYDRA_ADMIN_URL: "));
  EXPECT_THAT(run({"plan", "--manifests", "x", "--endpoint=there"}).err, HasSubstr(": --endpoint: "));
}

TEST(Program, TakesAnEmptyVariableAsUnset) {
  const Variable interval("HYDRA_CLIENTS_INTERVAL", "");
  const Variable endpoint("HYDRA_ADMIN_URL", "");
  EXPECT_THAT(run({"run", "--manifests", "x"}).err, HasSubstr("no endpoint: give --endpoint URL"));
}

TEST(Program, WithoutAnEndpointSaysHowToGiveOne) {
  const Ran ran = run({"plan", "--manifests", "."});
  EXPECT_EQ(ran.exitCode, 64);
  EXPECT_THAT(ran.err, HasSubstr("HYDRA_ADMIN_URL"));
}

TEST(Program, FailsWhereAFileOfTheConnectionCannotBeReadAndCallsItNoMistake) {
  for (const char* flag : {"--ca-file", "--access-token-file"}) {
    const Ran ran =
        run({"plan", "--manifests", ".", "--endpoint", "https://127.0.0.1:1", flag, "/no/such/file"});
    EXPECT_EQ(ran.exitCode, 1) << flag;
    EXPECT_THAT(ran.err, HasSubstr("/no/such/file"));
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("--help")));
  }
}

TEST(Program, CallsAHeaderThatCannotBeSentAMistake) {
  EXPECT_EQ(
      run({"plan", "--manifests", ".", "--endpoint", "http://127.0.0.1:1", "--header", "Content-Length: 1"})
          .exitCode,
      64);
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
