#include "cli/reference_pages.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "cli/program.h"

namespace hydra_clients::cli {
namespace {

std::string printed(const char* page) {
  const char* const arguments[] = {"hydra-clients", "help", "--page", page};
  const char* const noEnvironment[] = {nullptr};
  testing::internal::CaptureStdout();
  EXPECT_EQ(runProgram(4, arguments, noEnvironment), 0);
  return testing::internal::GetCapturedStdout();
}

/// The first line that differs, of both; "" where none does. A whole page in a failure is not read by
/// anybody.
std::string firstDifference(const std::string& one, const std::string& other) {
  std::istringstream left(one);
  std::istringstream right(other);
  std::string a;
  std::string b;
  while (true) {  // bounded by the longer one
    const bool hasA = static_cast<bool>(std::getline(left, a));
    const bool hasB = static_cast<bool>(std::getline(right, b));
    if (!hasA && !hasB) return "";
    if (hasA != hasB || a != b)
      return "in docs/: " + (hasA ? a : "(end)") + "\nprinted:  " + (hasB ? b : "(end)");
  }
}

class ReferencePage : public testing::TestWithParam<const char*> {};

TEST_P(ReferencePage, InDocsIsWhatTheDeclarationsSay) {
  const std::string page = GetParam();
  const std::string name = page == "man" ? "hydra-clients.1" : page + ".md";
  std::ifstream file(SOURCE_DIR "/docs/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(firstDifference(text.str(), printed(GetParam())), "")
      << "to make it anew: build/release/hydra-clients help --page " << page << " > docs/" << name;
}

INSTANTIATE_TEST_SUITE_P(All, ReferencePage, testing::Values("cli", "fields", "man", "metrics", "rules"));

TEST(ReferencePages, EscapeWhatWouldEndACellOfATable) {
  EXPECT_THAT(printed("cli"), testing::HasSubstr("| `--output text\\|json` |"));
}

TEST(ReferencePages, AreTextToManAndNoRequests) {
  std::istringstream page(printed("man"));
  for (std::string line; std::getline(page, line);) {  // bounded by the page
    if (!line.starts_with('.')) continue;
    EXPECT_THAT(line, testing::ContainsRegex("^\\.(\\\\\" |TH |SH |SS |PP$|TP$|nf$|fi$|br$)"));
  }
}

TEST(ReferencePages, DoNotDependOnTheEnvironment) {
  const std::string page = printed("cli");
  setenv("HYDRA_ADMIN_URL", "http://h", 1);
  setenv("HYDRA_CLIENTS_INTERVAL", "5s", 1);
  const std::string again = printed("cli");
  unsetenv("HYDRA_ADMIN_URL");
  unsetenv("HYDRA_CLIENTS_INTERVAL");
  EXPECT_EQ(again, page);
}

}  // namespace
}  // namespace hydra_clients::cli
