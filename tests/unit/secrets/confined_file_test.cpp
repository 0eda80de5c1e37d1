#include "secrets/confined_file.h"

#include <cerrno>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gnupg.h"

namespace hydra_clients::secrets {
namespace {

namespace fs = std::filesystem;

/// Both ways of confinement must agree, except on absolute links: the kernel refuses those that stay below,
/// too.
class ConfinedFile : public ::testing::TestWithParam<Confinement> {
 protected:
  void SetUp() override { folder_.write("root/deep/er/file", "inside"); }
  [[nodiscard]] std::string root() const { return folder_.path() + "/root"; }
  /// What stands in the file, or the error's number.
  [[nodiscard]] std::string opened(const std::string& path) const {
    const int file = openConfined(root(), path, GetParam());
    if (file < 0) return std::to_string(errno);
    char text[64];
    const ssize_t n = read(file, text, sizeof text);
    close(file);
    return n < 0 ? std::to_string(errno) : std::string(text, static_cast<std::size_t>(n));
  }
  tests::TemporaryFolder folder_;
};

TEST_P(ConfinedFile, IsFoundThroughFoldersAndRelativeLinks) {
  fs::create_directory_symlink("deep", root() + "/link");
  fs::create_symlink("er/../er/file", root() + "/deep/up-and-down");
  for (const auto* path :
       {"deep/er/file", "./deep//er/file", "link/er/file", "deep/../deep/er/file", "deep/up-and-down"}) {
    EXPECT_EQ(opened(path), "inside") << path;
  }
}

TEST_P(ConfinedFile, IsNeverOutside) {
  folder_.write("outside", "secret of somebody else");
  folder_.write("root-twin/file", "secret of a twin");
  fs::create_symlink(folder_.path() + "/outside", root() + "/absolute");
  fs::create_symlink("../outside", root() + "/relative");
  fs::create_directory_symlink("..", root() + "/up");
  fs::create_symlink("up/root/relative", root() + "/chain");
  fs::create_directory_symlink("../root-twin", root() + "/twin");
  for (const auto* path :
       {"absolute", "relative", "up/outside", "chain", "../outside", "deep/../../outside", "twin/file"}) {
    EXPECT_EQ(opened(path), std::to_string(EXDEV)) << path;
  }
}

TEST_P(ConfinedFile, ThatIsAbsentOrACircleSaysSo) {
  fs::create_symlink("circle", root() + "/circle");
  EXPECT_EQ(opened("absent"), std::to_string(ENOENT));
  EXPECT_EQ(opened("deep/er/file/more"), std::to_string(ENOTDIR));
  EXPECT_EQ(opened("circle"), std::to_string(ELOOP));
}

TEST_P(ConfinedFile, DoesNotBlockOnAFifo) {
  ASSERT_EQ(mkfifo((root() + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(opened("fifo"), "") << "nobody writes: its end";
}

INSTANTIATE_TEST_SUITE_P(BothWays, ConfinedFile,
                         ::testing::Values(Confinement::kKernel, Confinement::kResolved),
                         [](const auto& way) {
                           return way.param == Confinement::kKernel ? "by_the_kernel" : "by_resolving";
                         });

TEST_P(ConfinedFile, MayBeAnywhereBelowTheRootOfAll) {
  const std::string path = pathBelow(folder_.path() + "/root/deep/er/file", "/");
  EXPECT_EQ("/" + path, folder_.path() + "/root/deep/er/file");
  const int file = openConfined("/", path, GetParam());
  EXPECT_GE(file, 0);
  close(file);
}

TEST_P(ConfinedFile, BelowARootThatIsGoneIsAbsent) {
  EXPECT_EQ(openConfined(folder_.path() + "/gone", "file", GetParam()), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST(ConfinedPath, IsBelowItsRootByWholeNames) {
  EXPECT_EQ(pathBelow("file", "/root"), "file");
  EXPECT_EQ(pathBelow("/root/file", "/root"), "file");
  EXPECT_EQ(pathBelow("/root//file", "/root//"), "file");
  for (const char* path : {"/root", "/root-twin/file", "/rooted", "/other/file"}) {
    EXPECT_EQ(pathBelow(path, "/root"), "") << path;
  }
}

TEST(ConfinedPath, HasABoundedDepthWhereItIsResolvedByName) {
  const tests::TemporaryFolder folder;
  std::string path;
  for (int i = 0; i < 300; ++i) path += "d/";
  folder.write(path + "file", "deep");
  EXPECT_EQ(openConfined(folder.path(), path + "file", Confinement::kResolved), -1);
  EXPECT_EQ(errno, ENAMETOOLONG);
}

}  // namespace
}  // namespace hydra_clients::secrets
