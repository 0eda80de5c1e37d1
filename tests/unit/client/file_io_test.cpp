#include "client/file_io.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "client/file_descriptor.h"

namespace hydra_clients {
namespace {

namespace fs = std::filesystem;

class FileIo : public testing::Test {
 protected:
  FileIo() {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = FileDescriptor(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~FileIo() override { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] bool rename(const std::string& from, const std::string& to, Renaming way) const {
    errno = 0;
    return renameToFree(folder_.get(), from, folder_.get(), to, way);
  }

  std::string path_ = "/tmp/hc-test-XXXXXX";
  FileDescriptor folder_;
};

constexpr std::array kWays = {Renaming::kExclusive, Renaming::kByLink, Renaming::kChecked};

TEST_F(FileIo, RenamesToAFreeNameInEachWay) {
  for (const Renaming way : kWays) {
    write("from", "text");
    EXPECT_TRUE(rename("from", "to" + std::to_string(static_cast<int>(way)), way));
    EXPECT_EQ(read("to" + std::to_string(static_cast<int>(way))), "text");
    EXPECT_FALSE(fs::exists(path_ + "/from"));
  }
}

TEST_F(FileIo, TakesNobodysPlaceInAnyWay) {
  write("file", "another's");
  fs::create_directory(path_ + "/folder");
  fs::create_symlink("nothing", path_ + "/link");
  for (const Renaming way : kWays) {
    write("from", "text");
    for (const char* taken : {"file", "folder", "link"}) {
      EXPECT_FALSE(rename("from", taken, way)) << taken;
      EXPECT_EQ(errno, EEXIST) << taken;
    }
    EXPECT_EQ(read("from"), "text");
  }
  EXPECT_EQ(read("file"), "another's");
}

TEST_F(FileIo, SaysThatTheFileToRenameIsNotThere) {
  for (const Renaming way : kWays) {
    EXPECT_FALSE(rename("nothing", "to", way));
    EXPECT_EQ(errno, ENOENT);
  }
}

TEST_F(FileIo, ReadsUntilTheBufferIsFullOrTheFileEnds) {
  write("file", "0123456789");
  const FileDescriptor file(openat(folder_.get(), "file", O_RDONLY | O_CLOEXEC));
  std::string buffer(4, '\0');
  EXPECT_EQ(readAll(file.get(), buffer), 4);
  EXPECT_EQ(buffer, "0123");
  buffer.assign(10, '\0');
  EXPECT_EQ(readAll(file.get(), buffer), 6);
  EXPECT_EQ(readAll(-1, buffer), -1);
}

TEST_F(FileIo, WritesPartAfterPart) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const FileDescriptor out(ends[0]);
  const FileDescriptor in(ends[1]);
  EXPECT_TRUE(writeAll(in.get(), "text"));
  EXPECT_FALSE(writeAll(in.get(), std::string(1 << 20, 'x'))) << "more than a pipe holds";
  EXPECT_EQ(errno, EAGAIN);
}

}  // namespace
}  // namespace hydra_clients
