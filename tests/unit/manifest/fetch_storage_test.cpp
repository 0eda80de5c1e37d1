#include "manifest/sources/fetch/fetch_storage.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "client/state_folder.h"
#include "manifest/sources/git/git_library.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const FetchOrigin kOrigin{"https://git.example.org/x.git", "main"};

class FetchStorageTest : public testing::Test {
 protected:
  FetchStorageTest() { useGit(); }

  [[nodiscard]] FetchStorage open(const FetchOrigin& origin = kOrigin) const {
    auto storage = FetchStorage::open(state(), origin, [] {});
    EXPECT_TRUE(storage) << storage.error();
    return std::move(*storage);
  }
  [[nodiscard]] std::string state() const { return folder_ / "state"; }
  /// As after a fetch.
  [[nodiscard]] std::string fetched() const {
    FetchStorage storage = open();
    const auto successor = storage.makeSuccessor();
    EXPECT_TRUE(successor && storage.putInForce(*successor));
    return *storage.current();
  }
  static void write(const fs::path& file, std::size_t size) { std::ofstream(file) << std::string(size, 'x'); }
  static void makePack(const fs::path& repository, const std::string& name, std::size_t size) {
    write(repository / "objects/pack" / ("pack-" + name + ".pack"), size);
    write(repository / "objects/pack" / ("pack-" + name + ".idx"), 1);
  }

  TemporaryFolder folder_;
};

TEST_F(FetchStorageTest, NothingIsInForceBeforeAFetchHasEnded) {
  FetchStorage storage = open();
  EXPECT_EQ(storage.current(), std::nullopt);
  const auto successor = storage.makeSuccessor();
  ASSERT_TRUE(successor) << successor.error();
  EXPECT_EQ(fetchedRepository(state(), kOrigin), std::nullopt);
  ASSERT_TRUE(storage.putInForce(*successor));
  EXPECT_EQ(fetchedRepository(state(), kOrigin), fs::canonical(*successor).string());
}

TEST_F(FetchStorageTest, WhatCameFromElsewhereOrForAnotherRefDoesNotCount) {
  const std::string first = fetched();
  for (const FetchOrigin& other : {FetchOrigin{"https://git.example.org/y.git", "main"},
                                   FetchOrigin{kOrigin.url, ""}, FetchOrigin{kOrigin.url, "main\n"}}) {
    EXPECT_EQ(fetchedRepository(state(), other), std::nullopt);
    EXPECT_EQ(open(other).current(), std::nullopt);
  }
  EXPECT_EQ(open().current(), fs::canonical(first).string());
}

TEST_F(FetchStorageTest, WhatAnotherProcessHasInForceIsNotReplacedByWhatIsFromElsewhere) {
  const std::string repository = fetched();
  const FetchOrigin other{kOrigin.url, "production"};
  {
    const auto held = lockStateFolder(state());
    ASSERT_TRUE(held);
    const auto refused = FetchStorage::open(state(), other, [] {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(), HasSubstr(" is in use by process " + std::to_string(::getpid()) + " on "));
    EXPECT_THAT(refused.error(),
                HasSubstr(" for https://git.example.org/x.git, main: give another --state-dir"));
    EXPECT_TRUE(FetchStorage::open(state(), kOrigin, [] {})) << "the same may be fetched beside it";
    EXPECT_TRUE(FetchStorage::open(
        state(), other, [] {}, /*holdsState=*/true))
        << "it is its own";
  }
  EXPECT_EQ(open().current(), fs::canonical(repository).string());
  EXPECT_EQ(open(other).current(), std::nullopt) << "nobody holds it";
}

TEST_F(FetchStorageTest, ASuccessorReplacesTheOneBefore) {
  const std::string first = fetched();
  const std::string second = fetched();
  EXPECT_NE(first, second);
  EXPECT_FALSE(fs::exists(first));
  EXPECT_EQ(open().current(), fs::canonical(second).string());
}

TEST_F(FetchStorageTest, WhatAKilledFetchLeftIsRemovedAndTheRestIsNot) {
  const fs::path repository = fetched();
  makePack(repository, "whole", 10);
  for (const char* const left : {"HEAD.lock", "refs/heads/fetched.lock", "objects/pack/pack_git2_a1b2c3",
                                 "objects/pack/pack-half.idx", "objects/pack/pack-other.pack"})
    write(repository / left, 1);
  write(fs::path(state()) / "repositories/9", 1);
  (void)open();
  EXPECT_TRUE(fs::exists(repository / "HEAD"));
  EXPECT_FALSE(fs::exists(repository / "HEAD.lock"));
  EXPECT_FALSE(fs::exists(repository / "refs/heads/fetched.lock"));
  EXPECT_FALSE(fs::exists(fs::path(state()) / "repositories/9"));
  std::vector<std::string> packs;
  for (const auto& entry : fs::directory_iterator(repository / "objects/pack"))
    packs.push_back(entry.path().filename());
  EXPECT_THAT(packs, testing::UnorderedElementsAre("pack-whole.pack", "pack-whole.idx"));
}

TEST_F(FetchStorageTest, IsOvergrownWithManyPacksOrMuchBesideTheLargest) {
  const fs::path repository = fetched();
  makePack(repository, "large", 1000);
  EXPECT_FALSE(open().isOvergrown());
  const fs::path more = repository / "objects/pack/pack-more.pack";
  makePack(repository, "more", 1);
  fs::resize_file(more, FetchStorage::kAllowedGrowth);
  EXPECT_FALSE(open().isOvergrown()) << "it is the largest";
  for (const char* const name : {"large", "much"}) {
    makePack(repository, name, 1);
    fs::resize_file(repository / ("objects/pack/pack-" + std::string(name) + ".pack"),
                    FetchStorage::kAllowedGrowth + 1);
  }
  EXPECT_FALSE(open().isOvergrown()) << "the others are just as large as they may be";
  fs::resize_file(more, FetchStorage::kAllowedGrowth + 1);
  EXPECT_TRUE(open().isOvergrown());
  fs::remove(more);
  for (std::size_t i = 0; i < FetchStorage::kMostPacks; ++i) makePack(repository, std::to_string(i), 1);
  EXPECT_TRUE(open().isOvergrown());
}

TEST_F(FetchStorageTest, AFetchAnewThatCameToNothingIsNotTriedAgainAtOnce) {
  const fs::path repository = fetched();
  for (std::size_t i = 0; i <= FetchStorage::kMostPacks; ++i) makePack(repository, std::to_string(i), 1);
  {
    FetchStorage storage = open();
    ASSERT_TRUE(storage.isOvergrown());
    FetchStorage::abandon(*storage.makeSuccessor(), /*hadBegun=*/true);
  }
  EXPECT_FALSE(open().isOvergrown());
  EXPECT_TRUE(open().isOvergrown());
  write(fs::path(*open().makeSuccessor()) / "objects/pack/pack_git2_a1b2c3", 1);  // and is killed
  EXPECT_FALSE(open().isOvergrown());
  FetchStorage::abandon(*open().makeSuccessor(), /*hadBegun=*/false);
  EXPECT_TRUE(open().isOvergrown()) << "nothing was received";
  (void)open().makeSuccessor();  // and is killed before it received anything
  EXPECT_TRUE(open().isOvergrown());
}

TEST_F(FetchStorageTest, OneProcessWaitsForTheOther) {
  auto first = std::make_unique<FetchStorage>(open());
  std::atomic<bool> waits{false}, opened{false};
  const std::jthread other(
      [&] { opened = FetchStorage::open(state(), kOrigin, [&] { waits = true; }).has_value(); });
  while (!waits) std::this_thread::yield();
  EXPECT_FALSE(opened);
  first.reset();
  while (!opened) std::this_thread::yield();
}

TEST_F(FetchStorageTest, ALinkThatLeadsElsewhereIsNotFollowed) {
  const fs::path repository = fetched();
  fs::remove(fs::path(state()) / "repository.git");
  fs::create_symlink("repositories/../repositories/1", fs::path(state()) / "repository.git");
  EXPECT_EQ(fetchedRepository(state(), kOrigin), std::nullopt);
}

TEST_F(FetchStorageTest, TheHomeHoldsNothingButTheKnownHosts) {
  const FetchStorage storage = open();
  const auto home = storage.makeHome("a line\n");
  ASSERT_TRUE(home) << home.error();
  std::ifstream file(*home + "/.ssh/known_hosts");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "a line\n");
}

}  // namespace
}  // namespace hydra_clients::manifest
