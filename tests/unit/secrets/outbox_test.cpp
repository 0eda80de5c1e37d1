#include "secrets/outbox.h"

#include <thread>

#include <sys/stat.h>

#include "outbox_fixture.h"
#include "secrets/sealed_message.h"

namespace hydra_clients::secrets {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string pendingFile(const std::string& id, const char* stamp) {
  return ".pending/" + id + "+" + std::string(stamp) + ".asc";
}

TEST_F(OutboxTest, KeepsASecretAsPendingUntilItsClientIsThere) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  EXPECT_THAT(names(), ElementsAre(pendingFile("app", kFirst)));
  EXPECT_THAT(outbox->pendingIds(), ElementsAre("app"));
  EXPECT_EQ(outbox->pending(), 1U);

  const Resolution resolution = resolve(*outbox, "app", kFirst);
  ASSERT_TRUE(resolution.ours.has_value());
  EXPECT_EQ(resolution.ours->file, path_ + "/app.asc");
  EXPECT_FALSE(resolution.ours->again);
  EXPECT_FALSE(resolution.ours->wasThere);
  EXPECT_EQ(resolution.dropped, 0U);
  EXPECT_THAT(names(), ElementsAre("app.asc"));
  EXPECT_EQ(outbox->pending(), 0U);
}

TEST_F(OutboxTest, StatesInTheFileWhichClientImportAndRecipientsItIsOf) {
  const auto outbox = open();
  ASSERT_TRUE(outbox->addPending("café/1", kFirst, kMessage, {"AB12", "CD34"}).has_value());
  const auto resolution = resolve(*outbox, "café/1", kFirst);
  EXPECT_EQ(resolution.ours->file, path_ + "/caf%C3%A9%2F1.asc");
  const auto facts = factsOf(contentOf(resolution.ours->file));
  ASSERT_TRUE(facts.has_value()) << facts.error();
  EXPECT_EQ(facts->id, "café/1");
  EXPECT_EQ(facts->stamp, kFirst);
  EXPECT_THAT(facts->recipients, ElementsAre("AB12", "CD34"));
  EXPECT_LT(std::chrono::system_clock::now() - facts->sealed, std::chrono::minutes(1));
}

TEST_F(OutboxTest, IsForItsOwnerAlone) {
  const mode_t before = umask(0);
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  umask(before);
  resolve(*outbox, "app", kFirst);
  for (const auto& [name, mode] : {std::pair("", 0700U),
                                   {"/.pending", 0700U},
                                   {"/.lock", 0600U},
                                   {"/.format", 0600U},
                                   {"/app.asc", 0600U}}) {
    struct stat info {};
    ASSERT_EQ(stat((path_ + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 07777U, mode) << name;
  }
}

TEST_F(OutboxTest, RemembersWhatIsPendingAcrossProcesses) {
  add(*open(), "app", kFirst);
  add(*open(), "app", kSecond);
  add(*open(), "shop", kThird);
  const auto outbox = open();
  EXPECT_EQ(outbox->pending(), 3U);
  EXPECT_THAT(outbox->pendingIds(), ElementsAre("app", "shop"));
  EXPECT_THAT(outbox->warnings(), IsEmpty());
}

TEST_F(OutboxTest, LetsTheStampPickTheWinnerAndDropsTheOthersOfThatClientOnly) {
  const auto outbox = open();
  for (const char* stamp : {kFirst, kSecond, kThird}) add(*outbox, "app", stamp);
  add(*outbox, "shop", kFirst);
  const std::string winner = contentOf(path_ + "/" + pendingFile("app", kSecond));
  const Resolution resolution = resolve(*outbox, "app", kSecond);
  EXPECT_EQ(contentOf(resolution.ours->file), winner);
  EXPECT_EQ(resolution.dropped, 2U);
  EXPECT_THAT(names(), ElementsAre(pendingFile("shop", kFirst), "app.asc"));
  EXPECT_EQ(outbox->pending(), 1U);
}

TEST_F(OutboxTest, KnowsThatTheSecretOfAnothersClientIsNotHere) {
  for (const char* live : {"", kThird, "anything else"}) {
    const auto outbox = open();
    add(*outbox, "app", kFirst);
    add(*outbox, "app", kSecond);
    const Resolution resolution = resolve(*outbox, "app", live);
    EXPECT_FALSE(resolution.ours.has_value()) << live;
    EXPECT_EQ(resolution.dropped, 2U);
    EXPECT_THAT(names(), IsEmpty());
  }
}

TEST_F(OutboxTest, HasNothingToSayOfAClientWithoutEntries) {
  const auto outbox = open();
  const Resolution resolution = resolve(*outbox, "app", kFirst);
  EXPECT_FALSE(resolution.ours.has_value());
  EXPECT_EQ(resolution.dropped, 0U);
}

TEST_F(OutboxTest, NeverOverwritesAConfirmedSecret) {
  const auto outbox = open();
  std::vector<std::string> files;
  for (const char* stamp : {kFirst, kSecond, kThird}) {
    add(*outbox, "app", stamp);
    const Resolution resolution = resolve(*outbox, "app", stamp);
    files.push_back(fs::path(resolution.ours->file).filename());
    EXPECT_EQ(resolution.ours->again, stamp != kFirst);
  }
  EXPECT_THAT(files, ElementsAre("app.asc", "app+2.asc", "app+3.asc"));
  EXPECT_THAT(contentOf(path_ + "/app.asc"), HasSubstr(kFirst));
  EXPECT_THAT(contentOf(path_ + "/app+2.asc"), HasSubstr(kSecond));
}

TEST_F(OutboxTest, StepsAsideForWhateverHasTheName) {
  const auto outbox = open();
  fs::create_directory(path_ + "/app.asc");
  fs::create_symlink("nowhere", path_ + "/app+2.asc");
  add(*outbox, "app", kFirst);
  EXPECT_EQ(resolve(*outbox, "app", kFirst).ours->file, path_ + "/app+3.asc");
  EXPECT_FALSE(fs::exists(path_ + "/nowhere"));
}

TEST_F(OutboxTest, GivesNoTwoClientsOneName) {
  const auto outbox = open();
  const std::string longer(300, 'x');
  std::vector<std::string> files;
  for (const std::string& id : {std::string("app"), std::string("app+2"), std::string("app.asc"),
                                std::string("../app"), std::string(".pending"), longer, longer + "y"}) {
    add(*outbox, id, kFirst);
    const Resolution resolution = resolve(*outbox, id, kFirst);
    EXPECT_FALSE(resolution.ours->again) << id;
    files.push_back(resolution.ours->file);
    EXPECT_EQ(fs::path(files.back()).parent_path(), path_) << id;
  }
  std::ranges::sort(files);
  EXPECT_EQ(std::ranges::unique(files).size(), 0U);
}

TEST_F(OutboxTest, DropsTheEntryOfARefusedPostAlone) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  add(*outbox, "app", kSecond);
  EXPECT_TRUE(outbox->drop("app", kFirst).has_value());
  EXPECT_TRUE(outbox->drop("app", kThird).has_value()) << "nothing to drop";
  EXPECT_THAT(names(), ElementsAre(pendingFile("app", kSecond)));
  EXPECT_EQ(outbox->pending(), 1U);
}

TEST_F(OutboxTest, KnowsASecretThatAKilledProcessConfirmedBeforeItRemovedTheOthers) {
  std::string other;
  {
    const auto outbox = open();
    add(*outbox, "app", kFirst);
    add(*outbox, "app", kSecond);
    other = contentOf(path_ + "/" + pendingFile("app", kSecond));
    resolve(*outbox, "app", kFirst);
  }
  std::ofstream(path_ + "/" + pendingFile("app", kSecond)) << other;
  const auto outbox = open();
  const Resolution resolution = resolve(*outbox, "app", kFirst);
  ASSERT_TRUE(resolution.ours.has_value()) << "it would be told that another has the secret";
  EXPECT_TRUE(resolution.ours->wasThere);
  EXPECT_EQ(resolution.ours->file, path_ + "/app.asc");
  EXPECT_EQ(resolution.dropped, 1U);
  EXPECT_THAT(names(), ElementsAre("app.asc"));
}

TEST_F(OutboxTest, TakesASecretUnderBothNamesForOne) {
  std::string text;
  {
    const auto outbox = open();
    add(*outbox, "app", kFirst);
    text = contentOf(path_ + "/" + pendingFile("app", kFirst));
    resolve(*outbox, "app", kFirst);
  }
  std::ofstream(path_ + "/" + pendingFile("app", kFirst)) << text;  // between link and unlink
  const Resolution resolution = resolve(*open(), "app", kFirst);
  EXPECT_TRUE(resolution.ours->wasThere);
  EXPECT_FALSE(resolution.ours->again);
  EXPECT_EQ(resolution.dropped, 0U);
  EXPECT_THAT(names(), ElementsAre("app.asc"));
}

TEST_F(OutboxTest, RefusesWhatIsNoSealedSecret) {
  const auto outbox = open();
  const auto why = [&](const std::string& id, const char* stamp, const std::string& text,
                       const std::string& fingerprint) {
    const auto added = outbox->addPending(id, stamp, text, {fingerprint});
    return added ? "it was taken" : added.error();
  };
  EXPECT_THAT(why("app", kFirst, "a-secret-in-the-clear", "AB"),
              HasSubstr("not an ASCII-armored PGP message"));
  EXPECT_THAT(why("app", kFirst, "a-secret-in-the-clear", "AB"), testing::Not(HasSubstr("in-the-clear")));
  EXPECT_THAT(why("app", "no-uuid", kMessage, "AB"), HasSubstr("no UUID"));
  EXPECT_THAT(why("app", "../../0f0e3f6c-1111-4111-8111-00000000", kMessage, "AB"), HasSubstr("no UUID"));
  EXPECT_THAT(why("", kFirst, kMessage, "AB"), HasSubstr("client_id"));
  EXPECT_THAT(why("app", kFirst, kMessage, "AB\nComment: client_id \"other\""), HasSubstr("fingerprint"));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(outbox->pending(), 0U);
}

TEST_F(OutboxTest, RefusesTheSameAttemptTwice) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  EXPECT_FALSE(outbox->addPending("app", kFirst, kMessage, {}).has_value());
  EXPECT_EQ(outbox->pending(), 1U);
}

TEST_F(OutboxTest, ServesManyWorkersAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kClients = 20;
  const auto outbox = open();
  std::vector<std::thread> workers;
  workers.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    workers.emplace_back([&outbox, thread] {
      for (int i = 0; i < kClients; ++i) {
        const std::string id = "client-" + std::to_string(thread) + "-" + std::to_string(i);
        add(*outbox, id, kFirst);
        add(*outbox, id, kSecond);
        (void)outbox->pending();
        EXPECT_TRUE(resolve(*outbox, id, kSecond).ours.has_value());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(names().size(), static_cast<std::size_t>(kThreads * kClients));
  EXPECT_THAT(outbox->pendingIds(), IsEmpty());
}

}  // namespace
}  // namespace hydra_clients::secrets
