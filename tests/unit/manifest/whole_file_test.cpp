#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "manifest/sources/folder_source.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::HasSubstr;

SourceError errorOf(const std::string& path, std::uint64_t limit = 1 << 20) {
  const auto content = readWholeFile(path, limit);
  return content ? SourceError{SourceError::Kind::kUnreadable, "no error", "none"} : content.error();
}

TEST(WholeFile, IsReadToItsEnd) {
  const TemporaryFolder folder;
  folder.write("a.json", std::string(100'000, 'x') + std::string("\0y", 2));
  EXPECT_EQ(readWholeFile(folder / "a.json", 1 << 20).value().size(), 100'002u);
  folder.write("empty.json", "");
  EXPECT_EQ(readWholeFile(folder / "empty.json", 0).value(), "");
}

TEST(WholeFile, IsRefusedBySizeBeforeItIsRead) {
  const TemporaryFolder folder;
  folder.write("a.json", "12345");
  EXPECT_EQ(readWholeFile(folder / "a.json", 5).value(), "12345");
  EXPECT_EQ(errorOf(folder / "a.json", 4).kind, SourceError::Kind::kLimit);
  EXPECT_EQ(errorOf(folder / "a.json", 4).rule, "file-size");
  ASSERT_EQ(::truncate((folder / "a.json").c_str(), 1L << 40), 0);  // a terabyte of nothing
  EXPECT_THAT(errorOf(folder / "a.json").message, HasSubstr("1099511627776 bytes"));
}

TEST(WholeFile, IsNamedInEveryError) {
  const TemporaryFolder folder;
  EXPECT_EQ(errorOf(folder / "none.json").kind, SourceError::Kind::kAbsent);
  EXPECT_THAT(errorOf(folder / "none.json").message, HasSubstr("none.json"));
  std::filesystem::create_directory(folder / "folder.json");
  EXPECT_THAT(errorOf(folder / "folder.json").message, HasSubstr("folder.json: is a folder"));
  std::filesystem::create_symlink("nowhere", folder / "link.json");
  EXPECT_EQ(errorOf(folder / "link.json").rule, "link-broken");
}

TEST(WholeFile, IsNeverAPipeASocketOrADevice) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.json").c_str(), 0600), 0);
  EXPECT_THAT(errorOf(folder / "pipe.json").message, HasSubstr("is a pipe"));
  EXPECT_THAT(errorOf("/dev/zero").message, HasSubstr("is a device"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "s.json").copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(errorOf(folder / "s.json").kind, SourceError::Kind::kUnreadable);
  ::close(fd);
}

TEST(WholeFile, SaysThatItMayNotBeRead) {
  const TemporaryFolder folder;
  folder.write("a.json", "{}");
  ::chmod((folder / "a.json").c_str(), 0);
  const NotRoot user;
  EXPECT_THAT(errorOf(folder / "a.json").message, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace hydra_clients::manifest
