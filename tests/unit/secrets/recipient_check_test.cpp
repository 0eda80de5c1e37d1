// Whom nothing can be sealed for, by what GnuPG says of a key.

#include "secrets/recipient_check.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::secrets {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr long kDay = 1'767'225'600;  // 2026-01-01

/// A key as GPGME shows it: one part that signs and one that is encrypted to.
struct ShownKey {
  ShownKey() {
    signing.fpr = fingerprints[0].data();
    signing.next = &sealing;
    sealing.fpr = fingerprints[1].data();
    sealing.can_encrypt = 1;
    user.uid = name.data();
    key.subkeys = &signing;
    key.uids = &user;
  }
  ShownKey(const ShownKey&) = delete;
  ShownKey& operator=(const ShownKey&) = delete;

  [[nodiscard]] std::string refusal() const {
    const auto checked = checkRecipient(key);
    return checked ? "it was taken" : checked.error();
  }

  std::array<std::string, 2> fingerprints{"AAAA", "BBBB"};
  std::string name = "Ops";
  _gpgme_subkey signing{};
  _gpgme_subkey sealing{};
  _gpgme_user_id user{};
  _gpgme_key key{};
};

TEST(RecipientCheck, TakesAKeyThatCanBeEncryptedTo) {
  ShownKey shown;
  const auto recipient = checkRecipient(shown.key);
  ASSERT_TRUE(recipient) << recipient.error();
  EXPECT_EQ(recipient->fingerprint, "AAAA");
  EXPECT_EQ(recipient->userId, "Ops");
  EXPECT_EQ(recipient->expires, std::nullopt);
  shown.key.uids = nullptr;
  EXPECT_EQ(checkRecipient(shown.key)->userId, "");
  EXPECT_EQ(nameOf(shown.key), "the key AAAA");
}

TEST(RecipientCheck, TakesTheFirstEndOfAKeyAndItsParts) {
  struct Case {
    long primary, sealing, end;
  };
  for (const auto& [primary, sealing, end] : std::initializer_list<Case>{
           {kDay, 0, kDay}, {0, kDay, kDay}, {kDay, kDay + 1, kDay}, {kDay + 1, kDay, kDay}}) {
    ShownKey shown;
    shown.signing.expires = primary;
    shown.sealing.expires = sealing;
    EXPECT_EQ(checkRecipient(shown.key)->expires, std::chrono::system_clock::from_time_t(end));
  }
}

TEST(RecipientCheck, SaysWhatIsWrongWithTheWholeKey) {
  const auto refusalOf = [](auto change) {
    ShownKey shown;
    change(shown);
    return shown.refusal();
  };
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.key.revoked = 1; }),
              StartsWith("the key AAAA (Ops) has been revoked"));
  EXPECT_THAT(refusalOf([](ShownKey& shown) {
                shown.key.expired = 1;
                shown.signing.expires = kDay;
              }),
              AllOf(HasSubstr("expired on 2026-01-01"), HasSubstr("gpg --quick-set-expire AAAA 1y")));
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.key.disabled = 1; }), HasSubstr("is disabled"));
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.key.invalid = 1; }), HasSubstr("is not valid"));
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.sealing.can_encrypt = 0; }), HasSubstr("can only sign"));
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.key.subkeys = nullptr; }), HasSubstr("no fingerprint"));
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.signing.fpr = nullptr; }), HasSubstr("no fingerprint"));
}

TEST(RecipientCheck, SaysWhatIsWrongWithItsEncryptionKey) {
  const auto refusalOf = [](auto change) {
    ShownKey shown;
    change(shown);
    return shown.refusal();
  };
  EXPECT_THAT(refusalOf([](ShownKey& shown) {
                shown.sealing.expired = 1;
                shown.sealing.expires = kDay;
              }),
              AllOf(HasSubstr("expired on 2026-01-01"), HasSubstr("gpg --quick-set-expire AAAA 1y BBBB")));
  EXPECT_THAT(refusalOf([](ShownKey& shown) {
                shown.sealing.expired = 1;
                shown.sealing.fpr = nullptr;
              }),
              HasSubstr("gpg --quick-set-expire AAAA 1y "));
  EXPECT_THAT(refusalOf([](ShownKey& shown) { shown.sealing.revoked = 1; }),
              HasSubstr("its encryption key has been revoked; add a new one"));
  for (const bool disabled : {true, false}) {
    EXPECT_THAT(refusalOf([&](ShownKey& shown) {
                  shown.sealing.disabled = disabled;
                  shown.sealing.invalid = !disabled;
                }),
                HasSubstr("cannot be used by this GnuPG"));
  }
}

TEST(RecipientCheck, NamesAKeyByWhatThereIs) {
  ShownKey shown;
  shown.user.uid = nullptr;
  EXPECT_EQ(nameOf(shown.key), "the key AAAA");
  EXPECT_EQ(checkRecipient(shown.key)->userId, "");
  shown.key.subkeys = nullptr;
  EXPECT_EQ(nameOf(shown.key), "the key");
  shown.key.subkeys = &shown.signing;
  shown.signing.fpr = nullptr;
  EXPECT_EQ(nameOf(shown.key), "the key");
}

/// What GnuPG says of an import, key by key; a null fingerprint is what it says of one that it cannot read.
class Imported {
 public:
  explicit Imported(std::vector<std::pair<const char*, gpgme_error_t>> keys) : status_(keys.size()) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      status_[i].fpr = const_cast<char*>(keys[i].first);  // NOLINT: GPGME's own form
      status_[i].result = keys[i].second;
      if (i > 0) status_[i - 1].next = &status_[i];
    }
    if (!status_.empty()) result.imports = status_.data();
  }
  [[nodiscard]] std::string said() const {
    const auto checked = checkImport(result, "2.2.40");
    return checked ? *checked : checked.error();
  }
  _gpgme_op_import_result result{};

 private:
  std::vector<_gpgme_import_status> status_;
};

TEST(RecipientCheck, WantsExactlyOneKey) {
  EXPECT_EQ(Imported({{"AAAA", 0}}).said(), "AAAA");
  EXPECT_EQ(Imported({{"AAAA", 0}, {"AAAA", 0}}).said(), "AAAA") << "the same again";
  EXPECT_EQ(Imported({{nullptr, 0}, {"", 0}, {"BBBB", GPG_ERR_GENERAL}, {"AAAA", 0}}).said(), "AAAA");
  EXPECT_THAT(Imported({{"AAAA", 0}, {"BBBB", 0}}).said(),
              AllOf(HasSubstr("it holds 2 keys (AAAA, BBBB)"), Not(HasSubstr("…"))));
  EXPECT_THAT(Imported({{"AAAA", 0}, {"BBBB", 0}, {"CCCC", 0}, {"DDDD", 0}}).said(),
              HasSubstr("it holds 4 keys (AAAA, BBBB, CCCC, …)"));
  EXPECT_THAT(Imported({}).said(), HasSubstr("it holds no PGP key that GnuPG 2.2.40 can read"));
  Imported nameless({});
  nameless.result.no_user_id = 1;
  EXPECT_THAT(nameless.said(), HasSubstr("without a user ID"));
  Imported secret({{"AAAA", 0}});
  secret.result.secret_read = 1;
  EXPECT_EQ(secret.said(), kHoldsPrivateKey);
}

TEST(RecipientCheck, RefusesAPrivateKeyInEveryFormBeforeGnuPgSeesIt) {
  for (const std::string& bytes : {std::string("\x94\x01"), std::string("\xc5\x01"),
                                   std::string("text\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n")}) {
    EXPECT_EQ(checkPublic(bytes).error(), kHoldsPrivateKey);
  }
  for (const std::string& bytes :
       {std::string("\x98\x01"), std::string("\xc6\x01"), std::string("\x05 text")}) {
    EXPECT_TRUE(checkPublic(bytes));
  }
  EXPECT_THAT(checkPublic(" \n").error(), HasSubstr("is empty"));
  EXPECT_THAT(checkPublic("\n<html>").error(), HasSubstr("HTML"));
}

}  // namespace
}  // namespace hydra_clients::secrets
