#include "manifest/sources/file_listing.h"

#include <gtest/gtest.h>

namespace hydra_clients::manifest {
namespace {

FoundFile found(std::string path, std::uint64_t identity, std::string rule = "") {
  FoundFile file;
  file.relativePath = std::move(path);
  file.identity.parts[0] = identity;
  if (!rule.empty()) {
    file.fault = std::make_unique<SourceError>(
        SourceError{SourceError::Kind::kUnreadable, "it cannot be read", std::move(rule)});
  }
  return file;
}

std::vector<FoundFile> three(std::string rule = "file-unreadable") {
  std::vector<FoundFile> files;
  files.push_back(found("b.json", 2, std::move(rule)));
  files.push_back(found("a.json", 1));
  files.push_back(found("c.json", 3));
  return files;
}

TEST(FileListing, KeepsAFaultWithItsFileWhateverTheirOrder) {
  const FileListing listing("root/", three(), 1, nullptr);
  ASSERT_EQ(listing.files().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(listing.files()[i].path.text(), std::string("root/") + "abc"[i] + ".json");
    EXPECT_EQ(listing.fault(i) != nullptr, i == 1);
  }
  EXPECT_STREQ(listing.relativePath(1), "b.json");
  EXPECT_FALSE(listing.allSettled());
}

TEST(FileListing, AgreesWithAPassThatFoundTheSame) {
  std::vector<FoundFile> files;
  files.push_back(found("a.json", 1));
  files.push_back(found("b.json", 2, "file-unreadable"));
  const FileListing listing("", std::move(files), 1, nullptr);
  const auto agrees = [&](FoundFile a, FoundFile b) {
    std::vector<FoundFile> again;
    again.push_back(std::move(a));
    again.push_back(std::move(b));
    return listing.agreesWith(again);
  };
  EXPECT_TRUE(agrees(found("a.json", 1), found("b.json", 2, "file-unreadable")));
  EXPECT_FALSE(agrees(found("a.json", 1), found("b.json", 2, "symlink")));
  EXPECT_FALSE(agrees(found("a.json", 1), found("b.json", 2)));
  EXPECT_FALSE(agrees(found("a.json", 1, "symlink"), found("b.json", 2, "file-unreadable")));
  EXPECT_FALSE(agrees(found("a.json", 9), found("b.json", 2, "file-unreadable")));
  EXPECT_FALSE(agrees(found("x.json", 1), found("b.json", 2, "file-unreadable")));
  EXPECT_FALSE(listing.agreesWith(three()));
}

TEST(FileListing, SharesThePathsOfAnEarlierOne) {
  const FileListing before("root/", three(), 1, nullptr);
  std::vector<FoundFile> files;
  for (const char* name : {"a.json", "aa.json", "c.json", "d.json"}) files.push_back(found(name, 1));
  const FileListing after("root/", std::move(files), 1, &before);
  ASSERT_EQ(after.files().size(), 4U);
  EXPECT_EQ(&after.files()[0].path.text(), &before.files()[0].path.text());
  EXPECT_EQ(after.files()[1].path.text(), "root/aa.json");
  EXPECT_EQ(&after.files()[2].path.text(), &before.files()[2].path.text());
  EXPECT_EQ(after.files()[3].path.text(), "root/d.json");
}

}  // namespace
}  // namespace hydra_clients::manifest
