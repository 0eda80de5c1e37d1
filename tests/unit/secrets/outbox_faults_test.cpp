// What may go wrong with an outbox's folder while it is in use, and what is left of a secret then: each
// failure is told in words, nothing is lost, and nothing half-written stays.

#include <csignal>
#include <random>

#include <sys/resource.h>
#include <sys/stat.h>

#include "not_root.h"
#include "outbox_fixture.h"
#include "secrets/outbox.h"

namespace hydra_clients::secrets {
namespace {

using namespace test;
using hydra_clients::test::NotRoot;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kSmall = 256 << 10;

std::string failure(Outbox& outbox, const ClientId& id, const char* stamp,
                    const std::string& text = kMessage) {
  const auto added = outbox.addPending(id, stamp, text, {"AB12"});
  return added ? "it was kept" : added.error();
}

std::string failureToResolve(Outbox& outbox, const ClientId& id, const char* stamp) {
  const auto resolved = outbox.resolve(id, stamp);
  return resolved ? "it was resolved" : resolved.error();
}

/// A message of about so many bytes.
std::string messageOf(std::size_t bytes) {
  std::string text = "-----BEGIN PGP MESSAGE-----\n\n";
  while (text.size() < bytes) text += std::string(64, 'A') + "\n";
  return text + "=abcd\n-----END PGP MESSAGE-----\n";
}

std::string namesAsText(const std::string& folder) {
  std::string text;
  for (const std::string& name : namesBelow(folder)) text += name + "\n";
  return text;
}

/// Fills the file system but for `left` bytes.
void fillUp(const std::string& file, std::size_t left) {
  std::ofstream filler(file, std::ios::binary);
  const std::string page(4096, 'x');
  for (std::size_t i = 0; i < (kSmall >> 12U) + 1 && filler; ++i) filler << page << std::flush;
  filler.close();
  fs::resize_file(file, (fs::file_size(file) >> 12U << 12U) - left);
}

class OutboxFaults : public OutboxTest {
 protected:
  /// What `work` says of an outbox at the root of a small file system; skips the test where there can be
  /// none.
  std::string onSmallDisk(const std::function<std::string()>& work) {
    fs::create_directory(path_);
    std::string said = inOwnMounts([&] { return mountSmall(path_, kSmall); }, work);
    skipped_ = said == kNoMounts;
    return said;
  }
  bool skipped_ = false;
};

#define SKIP_WITHOUT_MOUNTS() \
  if (skipped_) GTEST_SKIP() << kNoMounts

TEST_F(OutboxFaults, AFullDiskKeepsNothingAndLeavesNothing) {
  const std::string said = onSmallDisk([&] {
    const auto outbox = open();
    add(*outbox, "kept", kFirst);
    fillUp(path_ + "/filler", 4096);  // the file can be begun, not ended
    std::string text = failure(*outbox, "app", kSecond, messageOf(16384)) + "\n";
    text += namesAsText(path_) + std::to_string(outbox->pending()) + "\n";
    fs::remove(path_ + "/filler");
    return text + failure(*outbox, "app", kSecond, messageOf(16384)) + "\n";
  });
  SKIP_WITHOUT_MOUNTS();
  EXPECT_EQ(said, "the secret of client app cannot be kept in the outbox " + path_ +
                      ": the disk is full (No space left on device): make room on it\n"
                      ".pending/kept+" +
                      std::string(kFirst) + ".asc\nfiller\n1\nit was kept\n");
}

TEST_F(OutboxFaults, AFullDiskStillLetsASecretBeConfirmed) {
  const std::string said = onSmallDisk([&] {
    auto outbox = open();
    add(*outbox, "app", kFirst);
    outbox.reset();
    fillUp(path_ + "/filler", 0);
    outbox = open();
    return resolve(*outbox, "app", kFirst).ours->file;
  });
  SKIP_WITHOUT_MOUNTS();
  EXPECT_EQ(said, path_ + "/app.asc");
}

TEST_F(OutboxFaults, ADiskThatIsFullFromTheBeginningIsSaid) {
  const std::string said = onSmallDisk([&] {
    fillUp(path_ + "/lost+found", 0);
    return refusal() + "\n" + namesAsText(path_);
  });
  SKIP_WITHOUT_MOUNTS();
  EXPECT_THAT(said, AllOf(HasSubstr("/.format cannot be written: the disk is full"),
                          testing::Not(HasSubstr(".tmp-"))));
}

TEST_F(OutboxFaults, AReadOnlyFileSystemIsSaid) {
  add(*open(), "app", kFirst);
  const std::string said = inOwnMounts([&] { return mountReadOnly(path_); }, [&] { return refusal(); });
  if (said == kNoMounts) GTEST_SKIP() << kNoMounts;
  EXPECT_EQ(
      said,
      path_ + "/.lock cannot be opened: its file system is read-only: mount it so that it can be written");
}

TEST_F(OutboxFaults, APendingFolderOnAnotherFileSystemIsRefused) {
  open().reset();
  const std::string said =
      inOwnMounts([&] { return mountSmall(path_ + "/.pending", kSmall); }, [&] { return refusal(); });
  if (said == kNoMounts) GTEST_SKIP() << kNoMounts;
  EXPECT_THAT(said, HasSubstr("its .pending is on another file system"));
}

TEST_F(OutboxFaults, APendingFolderOfSomebodyElseIsRefused) {
  open().reset();
  if (chown((path_ + "/.pending").c_str(), 65534, 65534) != 0)
    GTEST_SKIP() << "only root may give a folder away";
  EXPECT_THAT(refusal(), HasSubstr("its .pending belongs to user 65534: chown it to user 0"));
}

TEST_F(OutboxFaults, AMountOverTheFolderIsSeen) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  const std::string said = inOwnMounts([&] { return mountSmall(path_, kSmall); },
                                       [&] { return failure(*outbox, "shop", kFirst); });
  if (said == kNoMounts) GTEST_SKIP() << kNoMounts;
  EXPECT_THAT(said, HasSubstr("another stands in its place"));
}

TEST_F(OutboxFaults, ALimitOnTheSizeOfFilesIsSaid) {
  const std::string said = inChild([&] {
    const auto outbox = open();
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit{1024, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string what = failure(*outbox, "app", kFirst, messageOf(4096));
    setrlimit(RLIMIT_FSIZE, &before);
    return what + "\n" + namesAsText(path_);
  });
  EXPECT_EQ(said, "the secret of client app cannot be kept in the outbox " + path_ +
                      ": a limit on the size of files (ulimit -f) is in the way\n");
}

TEST_F(OutboxFaults, AFolderThatMayNotBeWrittenIsSaidAndLosesNothing) {
  if (geteuid() == 0) {
    ASSERT_EQ(chown(base_.path().c_str(), 65534, 65534), 0);
  }
  const NotRoot notRoot;
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  ASSERT_EQ(chmod((path_ + "/.pending").c_str(), 0500), 0);
  EXPECT_THAT(failure(*outbox, "shop", kFirst), HasSubstr("this process may not (Permission denied)"));
  EXPECT_THAT(failureToResolve(*outbox, "app", kFirst), HasSubstr("this process may not"));
  EXPECT_EQ(outbox->pending(), 1U);
  ASSERT_EQ(chmod((path_ + "/.pending").c_str(), 0700), 0);
  EXPECT_EQ(resolve(*outbox, "app", kFirst).ours->file, path_ + "/app.asc");
  EXPECT_THAT(names(), ElementsAre("app.asc"));
}

TEST_F(OutboxFaults, AFolderThatWasRemovedIsSaid) {
  const auto outbox = open();
  fs::remove_all(path_);
  EXPECT_THAT(failure(*outbox, "app", kFirst),
              HasSubstr("the folder was removed or moved, or another stands in its place"));
  fs::create_directory(path_);
  EXPECT_THAT(failure(*outbox, "app", kFirst), HasSubstr("another stands in its place"));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(outbox->pending(), 0U);
}

TEST_F(OutboxFaults, NoneIsBegunInThePlaceOfOneThatWasThere) {
  const auto error = [&] {
    const auto outbox = Outbox::open(path_, Beginning::kForbidden);
    return outbox ? "" : outbox.error();
  };
  EXPECT_THAT(error(), HasSubstr("it is gone, and was there before: put it back, or mount its volume again"));
  EXPECT_FALSE(fs::exists(path_));
  fs::create_directory(path_);  // as a mount point is, whose volume was unmounted
  EXPECT_THAT(error(), HasSubstr("a folder that is no outbox stands in its place: put it back"));
  EXPECT_TRUE(fs::is_empty(path_));
  fs::remove(path_);
  add(*open(), "app", kFirst);
  EXPECT_EQ(Outbox::open(path_, Beginning::kForbidden).value()->pending(), 1U);
}

TEST_F(OutboxFaults, AFolderThatWasMovedAwayGetsNothingMore) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  const std::string away = base_.path() + "/away";
  fs::rename(path_, away);
  EXPECT_THAT(failure(*outbox, "shop", kFirst), HasSubstr("another stands in its place"));
  EXPECT_THAT(failureToResolve(*outbox, "app", kFirst), HasSubstr("another stands in its place"));
  EXPECT_EQ(namesBelow(away).size(), 1U);
  fs::rename(away, path_);
  EXPECT_EQ(resolve(*outbox, "app", kFirst).ours->file, path_ + "/app.asc");
}

TEST_F(OutboxFaults, ARemovedLockFileEndsTheWriting) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  fs::remove(path_ + "/.lock");
  EXPECT_THAT(failure(*outbox, "shop", kFirst), HasSubstr("its .lock was removed or replaced"));
  EXPECT_EQ(open()->pending(), 1U);
  EXPECT_THAT(failure(*outbox, "shop", kFirst), HasSubstr("its .lock was removed or replaced"));
}

TEST_F(OutboxFaults, AnotherFolderInThePlaceOfPendingIsSeen) {
  const auto outbox = open();
  fs::rename(path_ + "/.pending", base_.path() + "/moved");
  fs::create_directory_symlink(base_.path() + "/moved", path_ + "/.pending");
  EXPECT_THAT(failure(*outbox, "app", kFirst), HasSubstr("its .pending was removed or replaced"));
  EXPECT_THAT(namesBelow(base_.path() + "/moved"), IsEmpty());
}

TEST_F(OutboxFaults, WhatAKilledProcessLeftHalfWrittenIsRemoved) {
  add(*open(), "app", kFirst);
  base_.write("out/.pending/.tmp-" + std::string(kSecond), "-----BEGIN PGP MES");
  const auto outbox = open();
  EXPECT_THAT(names(), ElementsAre(".pending/app+" + std::string(kFirst) + ".asc"));
  EXPECT_THAT(outbox->warnings(), IsEmpty());
}

TEST_F(OutboxFaults, ADamagedEntryIsNamedAndLeftAlone) {
  std::string whole;
  {
    const auto outbox = open();
    add(*outbox, "app", kFirst);
    whole = contentOf(path_ + "/.pending/app+" + std::string(kFirst) + ".asc");
  }
  const std::string pending = "out/.pending/";
  base_.write(pending + "app+" + kSecond + ".asc", whole.substr(0, whole.size() / 2));
  base_.write(pending + "a-copy.asc", whole);
  base_.write(pending + "empty.asc", "");
  base_.write(pending + "large.asc", std::string((1U << 20U) + 1, 'x'));
  base_.write(pending + "text\x1b[2J", "text");
  fs::create_symlink("nowhere", path_ + "/.pending/link.asc");
  fs::create_directory(path_ + "/.pending/folder.asc");
  ASSERT_EQ(mkfifo((path_ + "/.pending/pipe.asc").c_str(), 0600), 0);
  const auto before = names();
  const auto outbox = open();
  EXPECT_THAT(
      outbox->warnings(),
      testing::UnorderedElementsAre(
          HasSubstr(std::string(kSecond) + ".asc is cut short; it is left alone"),
          HasSubstr("a-copy.asc should have the name that its head stands for, app+"),
          HasSubstr("empty.asc is empty"), HasSubstr("large.asc is larger than 1048576 bytes"),
          HasSubstr("text\\x1b[2J is not a PGP message"), HasSubstr("link.asc is a symbolic link"),
          HasSubstr("folder.asc is not a regular file"), HasSubstr("pipe.asc is not a regular file")));
  EXPECT_EQ(names(), before);
  EXPECT_EQ(outbox->pending(), 1U);
}

TEST_F(OutboxFaults, WarningsHaveABound) {
  open().reset();
  for (int i = 0; i < 100; ++i) base_.write("out/.pending/" + std::to_string(i), "x");
  const auto outbox = open();
  EXPECT_EQ(outbox->warnings().size(), 21U);
  EXPECT_THAT(outbox->warnings().back(), HasSubstr("80 more files"));
}

TEST_F(OutboxFaults, AnEntryThatWasDamagedMeanwhileIsNotConfirmed) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  const std::string file = path_ + "/.pending/app+" + kFirst + ".asc";
  const std::string whole = contentOf(file);
  std::ofstream(file) << whole.substr(0, 40);
  EXPECT_THAT(failureToResolve(*outbox, "app", kFirst), HasSubstr("it is cut short"));
  fs::remove(file);
  EXPECT_THAT(failureToResolve(*outbox, "app", kFirst), HasSubstr("not there"));
  std::ofstream(file) << whole;
  EXPECT_EQ(resolve(*outbox, "app", kFirst).ours->file, path_ + "/app.asc");
}

TEST_F(OutboxFaults, NoProcessKilledAtAnyMomentLosesWhatItSaidToBeKept) {
  constexpr int kRounds = 20;
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same moments in each run
  for (int round = 0; round < kRounds; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto outbox = Outbox::open(path_);
      for (int i = 0; i < 10'000; ++i) {
        const std::string stamp = randomUuid();
        if (!(*outbox)->addPending("app", stamp, kMessage, {})) _exit(1);
        (void)!::write(ends[1], stamp.data(), stamp.size());
      }
      _exit(0);
    }
    close(ends[1]);
    std::string said(36, '\0');
    ASSERT_EQ(::read(ends[0], said.data(), said.size()), 36) << "it kept nothing";
    usleep(std::uniform_int_distribution<useconds_t>(0, 5000)(random));
    kill(child, SIGKILL);
    std::array<char, 4096> chunk{};
    ssize_t got = 0;
    while ((got = ::read(ends[0], chunk.data(), chunk.size())) > 0)
      said.append(chunk.data(), static_cast<std::size_t>(got));
    close(ends[0]);
    waitpid(child, nullptr, 0);
    const auto outbox = open();
    EXPECT_THAT(outbox->warnings(), IsEmpty());
    for (std::size_t at = 0; at + 36 <= said.size(); at += 36) {
      EXPECT_TRUE(fs::exists(path_ + "/.pending/app+" + said.substr(at, 36) + ".asc"));
    }
    for (const std::string& name : names()) EXPECT_THAT(name, testing::EndsWith(".asc"));
    (void)outbox->resolve("app", "");
  }
}

}  // namespace
}  // namespace hydra_clients::secrets
