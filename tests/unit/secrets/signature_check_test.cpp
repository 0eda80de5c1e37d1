// What a signature is worth, by what GnuPG says of it and of its key.

#include "secrets/signature_check.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::secrets {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr unsigned long kDay = 1'767'225'600;  // 2026-01-01

/// A key as GPGME shows it, with one subkey that signs.
struct ShownKey {
  ShownKey() {
    primary.fpr = fingerprints[0].data();
    primary.next = &signing;
    signing.fpr = fingerprints[1].data();
    key.subkeys = &primary;
  }
  ShownKey(const ShownKey&) = delete;
  ShownKey& operator=(const ShownKey&) = delete;

  /// "good: KEY", with "until SECONDS" where it ends, or the words; "undecided: " before them.
  [[nodiscard]] std::string verdict(gpgme_err_code_t code, const std::string& by = "BBBB",
                                    unsigned long ends = 0) const {
    return text(judge({gpgme_error(code), by, ends}, &key, "people.asc"));
  }
  static std::string text(const tl::expected<GoodSignature, SignatureFault>& judged) {
    if (!judged) return (judged.error().undecided ? "undecided: " : "") + judged.error().words;
    if (!judged->ends) return "good: " + judged->key;
    return "good: " + judged->key + " until " +
           std::to_string(std::chrono::system_clock::to_time_t(*judged->ends));
  }

  std::array<std::string, 2> fingerprints{"AAAA", "BBBB"};
  _gpgme_subkey primary{};
  _gpgme_subkey signing{};
  _gpgme_key key{};
};

TEST(SignatureCheck, NamesTheKeyAndThePartThatSigned) {
  const ShownKey shown;
  EXPECT_EQ(shown.verdict(GPG_ERR_NO_ERROR, "AAAA"), "good: the key AAAA");
  EXPECT_EQ(shown.verdict(GPG_ERR_NO_ERROR, "BBBB"), "good: the subkey BBBB of the key AAAA");
  EXPECT_EQ(shown.verdict(GPG_ERR_NO_ERROR, "CCCC"), "good: the key AAAA") << "by which cannot be told";
  ShownKey nameless;
  nameless.primary.fpr = nullptr;
  nameless.signing.fpr = nullptr;
  EXPECT_EQ(nameless.verdict(GPG_ERR_NO_ERROR), "good: the key");
  nameless.key.subkeys = nullptr;
  EXPECT_EQ(nameless.verdict(GPG_ERR_NO_ERROR), "good: the key");
}

TEST(SignatureCheck, HoldsUntilTheFirstOfItsEnds) {
  struct Case {
    unsigned long own;
    long primary, signing;
    std::string until;
  };
  const std::string day = " until " + std::to_string(kDay);
  for (const auto& [own, primary, signing, until] :
       std::initializer_list<Case>{{0, 0, 0, ""},
                                   {kDay, 0, 0, day},
                                   {0, kDay, 0, day},
                                   {0, 0, kDay, day},
                                   {kDay, kDay + 1, kDay + 2, day},
                                   {kDay + 2, kDay, kDay + 1, day},
                                   {kDay + 1, kDay + 2, kDay, day}}) {
    ShownKey shown;
    shown.primary.expires = primary;
    shown.signing.expires = signing;
    EXPECT_EQ(shown.verdict(GPG_ERR_NO_ERROR, "BBBB", own), "good: the subkey BBBB of the key AAAA" + until);
  }
}

TEST(SignatureCheck, SaysWhatIsWrongWithItAndWhatToDo) {
  ShownKey shown;
  shown.primary.expires = kDay;
  shown.signing.expires = kDay + 86'400;
  EXPECT_THAT(shown.verdict(GPG_ERR_NO_PUBKEY), HasSubstr("by the key BBBB, which is not in people.asc"));
  EXPECT_THAT(shown.verdict(GPG_ERR_BAD_SIGNATURE), HasSubstr("is over something else"));
  EXPECT_THAT(shown.verdict(GPG_ERR_KEY_EXPIRED), HasSubstr("which expired on 2026-01-02"));
  shown.key.expired = 1;
  EXPECT_THAT(shown.verdict(GPG_ERR_KEY_EXPIRED), HasSubstr("which expired on 2026-01-01"));
  EXPECT_THAT(shown.verdict(GPG_ERR_SIG_EXPIRED, "BBBB", kDay), HasSubstr("expired on 2026-01-01"));
  EXPECT_THAT(shown.verdict(GPG_ERR_CERT_REVOKED), HasSubstr("has been revoked"));
  EXPECT_THAT(shown.verdict(GPG_ERR_GENERAL),
              AllOf(StartsWith("undecided: "), HasSubstr("cannot be checked: General error")));
}

TEST(SignatureCheck, WithoutItsKeyDecidesNothingForGood) {
  const auto verdict = [](gpgme_err_code_t code) {
    return ShownKey::text(judge({gpgme_error(code), "BBBB", 0}, nullptr, "people.asc"));
  };
  EXPECT_THAT(verdict(GPG_ERR_NO_ERROR), StartsWith("undecided: the key BBBB cannot be found again"));
  EXPECT_THAT(verdict(GPG_ERR_KEY_EXPIRED), HasSubstr("the key BBBB, which has expired"));
}

TEST(SignatureCheck, WantsExactlyOne) {
  _gpgme_signature first{};
  _gpgme_signature second{};
  _gpgme_op_verify_result result{};
  EXPECT_THAT(onlySignature(result).error().words, HasSubstr("damaged"));
  result.signatures = &first;
  EXPECT_EQ(onlySignature(result)->key, "");
  first.next = &second;
  EXPECT_THAT(onlySignature(result).error().words, HasSubstr("several signatures in one"));
}

}  // namespace
}  // namespace hydra_clients::secrets
