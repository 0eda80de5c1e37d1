#include "secrets/outbox_list.h"

#include "outbox_fixture.h"

namespace hydra_clients::secrets {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// "app pending", "app out/app.asc", … in the listing's order.
std::vector<std::string> linesOf(const OutboxListing& listing) {
  std::vector<std::string> lines;
  for (const OutboxEntry& entry : listing.entries) {
    lines.push_back(entry.id + (entry.pending ? " pending " : " ") +
                    fs::path(entry.file).filename().string());
  }
  return lines;
}

class OutboxList : public OutboxTest {
 protected:
  [[nodiscard]] OutboxListing list() const {
    auto listing = listOutbox(path_);
    EXPECT_TRUE(listing.has_value()) << listing.error();
    return listing.value_or(OutboxListing{});
  }
};

TEST_F(OutboxList, ShowsWhatIsConfirmedAndWhatIsPendingWhileItsProcessRuns) {
  const auto outbox = open();
  add(*outbox, "shop", kFirst);
  for (const char* stamp : {kFirst, kSecond}) {
    add(*outbox, "app", stamp);
    resolve(*outbox, "app", stamp);
  }
  add(*outbox, "app", kThird);
  const OutboxListing listing = list();
  EXPECT_THAT(linesOf(listing),
              ElementsAre("app app.asc", "app app+2.asc", "app pending app+" + std::string(kThird) + ".asc",
                          "shop pending shop+" + std::string(kFirst) + ".asc"));
  EXPECT_THAT(listing.warnings, IsEmpty());
  const OutboxEntry& entry = listing.entries[1];
  EXPECT_EQ(entry.stamp, kSecond);
  EXPECT_THAT(entry.recipients, ElementsAre("AB12"));
  EXPECT_EQ(messageOf(entry).value(), contentOf(path_ + "/app+2.asc"));
}

TEST_F(OutboxList, ShowsOneSecretOnceHoweverManyNamesItHas) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  const std::string file = ".pending/app+" + std::string(kFirst) + ".asc";
  const std::string text = contentOf(path_ + "/" + file);
  resolve(*outbox, "app", kFirst);
  base_.write("out/" + file, text);     // confirmed while the list was being read
  base_.write("out/a-copy.asc", text);  // a person's
  EXPECT_THAT(linesOf(list()), ElementsAre("app app.asc"));
}

TEST_F(OutboxList, PutsTheNewestLastAlsoWhereAnOlderNameIsFreeAgain) {
  const auto outbox = open();
  const std::string head = "-----BEGIN PGP MESSAGE-----\nComment: client_id \"app\"\nComment: import " +
                           std::string(kFirst) +
                           "\nComment: sealed 2020-01-01T00:00:00Z\n\nAAAA\n-----END PGP MESSAGE-----\n";
  base_.write("out/app+2.asc", head);
  add(*outbox, "app", kSecond);
  EXPECT_TRUE(resolve(*outbox, "app", kSecond).ours->again);
  EXPECT_THAT(linesOf(list()), ElementsAre("app app+2.asc", "app app.asc"));
}

TEST_F(OutboxList, NamesWhatIsNoSealedSecret) {
  open().reset();
  base_.write("out/notes.txt", "text");
  base_.write("out/.hidden", "text");
  fs::create_directory(path_ + "/lost+found");
  fs::create_directory(path_ + "/folder");
  const OutboxListing listing = list();
  EXPECT_THAT(listing.entries, IsEmpty());
  EXPECT_THAT(listing.warnings, ElementsAre(HasSubstr("/folder is not a regular file"),
                                            HasSubstr("/notes.txt is not a PGP message")));
}

TEST_F(OutboxList, SaysWhyAFolderCannotBeListed) {
  EXPECT_THAT(listOutbox(path_).error(), HasSubstr("is not there"));
  fs::create_directory(path_);
  EXPECT_THAT(listOutbox(path_).error(), HasSubstr("it is not an outbox"));
  base_.write("out/.format", "hydra-clients outbox 3");
  EXPECT_THAT(listOutbox(path_).error(), HasSubstr("format 3"));
}

TEST_F(OutboxList, NamesTheFileOfAMessageThatIsGone) {
  const auto outbox = open();
  add(*outbox, "app", kFirst);
  const OutboxEntry entry = list().entries.front();
  resolve(*outbox, "app", "");
  EXPECT_THAT(messageOf(entry).error(), HasSubstr(entry.file + " cannot be opened"));
}

}  // namespace
}  // namespace hydra_clients::secrets
