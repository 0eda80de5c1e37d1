// What is read of a folder and of a repository, with each call on its files failing: an error, or every
// client.

#include <array>
#include <cstdio>
#include <set>

#include <gmock/gmock.h>

#include "git_support.h"

namespace hydra_clients::manifest {
namespace {

using testing::HasSubstr;

struct Ran {
  bool failed = false;
  std::string said;
};

/// Runs source-reading on `path`, read once, with these variables of kill-at.so (tests/faults/kill_at.cpp).
Ran readingOf(const std::string& path, const std::string& variables) {
  const std::string command = "echo again | env LD_PRELOAD=" KILL_AT_LIBRARY " KILL_AT_LOOKS=1 " + variables +
                              " " SOURCE_READING " '" + path + "' 2>&1";
  std::FILE* const pipe = ::popen(command.c_str(), "re");  // NOLINT(cert-env33-c): a test's own command
  Ran ran;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ran.said.append(buffer.data(), got);
  ran.failed = ::pclose(pipe) != 0;
  return ran;
}

std::size_t numberIn(const std::string& text, const std::string& name) {
  const auto at = text.find("\"" + name + "\": ");
  return at == std::string::npos ? 0 : std::stoul(text.substr(at + name.size() + 4));
}

/// Each call on files below `below`, failing alone: "stat:3". Bounded by what one reading does.
std::vector<std::string> stepsOf(const std::string& path, const std::string& below) {
  const TemporaryFolder logs;
  const std::string log = logs / "steps";
  const Ran whole = readingOf(path, "KILL_AT_PATH='" + below + "' KILL_AT_LOG='" + log + "'");
  EXPECT_FALSE(whole.failed) << whole.said;
  EXPECT_EQ(numberIn(whole.said, "clients"), 3U) << whole.said;
  std::ifstream lines(log);
  std::vector<std::string> steps;
  for (std::string name, number, rest; lines >> name >> number && std::getline(lines, rest);) {
    steps.push_back(name + ":" + number);
  }
  return steps;
}

/// How many of the steps end the reading with an error.
std::size_t failuresOf(const std::string& path, const std::string& below, const std::string& error) {
  std::size_t failures = 0;
  for (const std::string& step : stepsOf(path, below)) {
    const Ran ran = readingOf(path, "KILL_AT_PATH='" + below + "' KILL_AT=" + step + ":" + error);
    failures += ran.failed ? 1 : 0;
    if (ran.failed) {
      EXPECT_THAT(ran.said, testing::StartsWith("source-reading: ")) << step;
    } else {
      EXPECT_EQ(numberIn(ran.said, "clients") + numberIn(ran.said, "invalid"), 3U)
          << step << ": " << ran.said;
    }
  }
  return failures;
}

class SourceSteps : public testing::Test {
 protected:
  void SetUp() override {
    checkout_.write("clients/a.json", client("a"));
    checkout_.write("clients/team/b.json", client("b"));
    checkout_.write("clients/team/.keep", "");
    std::filesystem::create_symlink("team/b.json", checkout_ / "clients/link");
    checkout_.write("more/c.json", client("c"));
    std::filesystem::create_directory_symlink("../more", checkout_ / "clients/more");
  }
  Checkout checkout_;
};

TEST_F(SourceSteps, OfAFolderLeaveNoClientOutUnseen) {
  std::filesystem::remove_all(checkout_ / ".git");
  for (const char* name : {"clients/more", "clients/link"}) std::filesystem::remove(checkout_ / name);
  std::filesystem::rename(checkout_ / "more", checkout_ / "clients/more");
  for (const char* error : {"EIO", "EACCES"}) {
    EXPECT_GT(failuresOf(checkout_ / "clients", checkout_ / "clients", error), 5U);
  }
}

TEST_F(SourceSteps, OfARepositoryLeaveNoClientOutUnseen) {
  std::filesystem::remove(checkout_ / "clients/more");
  std::filesystem::rename(checkout_ / "more", checkout_ / "clients/more");
  checkout_.commit();
  EXPECT_GT(failuresOf(checkout_ / "clients", checkout_ / ".git", "EIO"), 5U);
}

}  // namespace
}  // namespace hydra_clients::manifest
