#include "cli/export_folder.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <unistd.h>

namespace hydra_clients::cli {
namespace {

namespace fs = std::filesystem;
using Outcome = ExportFolder::Outcome;
using testing::HasSubstr;

class ExportFolderTest : public testing::Test {
 protected:
  ExportFolderTest() : parent_(fs::temp_directory_path() / ("export-" + std::to_string(getpid()))) {
    fs::create_directories(parent_);
  }
  ~ExportFolderTest() override { fs::remove_all(parent_); }

  [[nodiscard]] std::string path() const { return (parent_ / "clients").string(); }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream file(path() + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path()), fs::directory_iterator());
  }

  fs::path parent_;
};

TEST_F(ExportFolderTest, IsMadeAndKeepsWhatIsWritten) {
  ExportFolder folder = ExportFolder::open(path()).value();
  EXPECT_EQ(folder.write("a.json", "one", false), Outcome::kWritten);
  EXPECT_EQ(folder.write("a.json", "one", false), Outcome::kUnchanged);
  EXPECT_TRUE(folder.sync());
  EXPECT_EQ(content("a.json"), "one");
  EXPECT_EQ(files(), 1);
}

TEST_F(ExportFolderTest, LeavesAFileThatDiffersAloneUnlessItIsToldTo) {
  ExportFolder folder = ExportFolder::open(path()).value();
  EXPECT_EQ(folder.write("a.json", "by hand", false), Outcome::kWritten);
  EXPECT_EQ(folder.write("a.json", "other", false), Outcome::kLeftAlone);
  EXPECT_EQ(content("a.json"), "by hand");
  EXPECT_EQ(folder.write("a.json", "other", true), Outcome::kWritten);
  EXPECT_EQ(content("a.json"), "other");
}

TEST_F(ExportFolderTest, DoesNotWriteThroughALinkOrIntoAFolder) {
  ExportFolder folder = ExportFolder::open(path()).value();
  fs::create_symlink(parent_ / "elsewhere", path() + "/link.json");
  fs::create_directory(path() + "/folder.json");
  EXPECT_EQ(folder.write("link.json", "x", false), Outcome::kLeftAlone);
  EXPECT_EQ(folder.write("link.json", "x", true), Outcome::kWritten);
  EXPECT_FALSE(fs::exists(parent_ / "elsewhere"));
  EXPECT_EQ(folder.write("folder.json", "x", false), Outcome::kLeftAlone);
  EXPECT_THAT(folder.write("folder.json", "x", true).error(), HasSubstr("folder.json cannot be written"));
  EXPECT_EQ(files(), 2);
}

TEST_F(ExportFolderTest, SaysWhyItCannotBeMade) {
  EXPECT_THAT(ExportFolder::open(path() + "/none/deeper").error(), HasSubstr("No such file"));
  EXPECT_THAT(ExportFolder::open("/dev/null").error(), HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace hydra_clients::cli
