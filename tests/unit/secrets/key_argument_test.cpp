#include <string>

#include <gtest/gtest.h>

#include "secrets/pgp.h"

namespace hydra_clients::secrets {
namespace {

using namespace std::string_literals;

// The vectors of RFC 4648, section 10.
TEST(Base64, MatchesTheVectorsOfTheRfcBothWays) {
  const std::pair<std::string, std::string> vectors[] = {{"f", "Zg=="},         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},       {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  EXPECT_EQ(base64(""), "");
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(decodeKeyArgument(text), bytes);
  }
}

TEST(Base64, CarriesEveryByteAtEveryLength) {
  std::string bytes;
  for (int length = 1; length < 600; ++length) {
    bytes.push_back(static_cast<char>(length * 7));
    EXPECT_EQ(decodeKeyArgument(base64(bytes)), bytes);
  }
}

TEST(KeyArgument, MayBeBrokenIntoLinesAndMayLackItsPadding) {
  EXPECT_EQ(decodeKeyArgument("Zm9v\nYmFy\r\n"), "foobar");
  EXPECT_EQ(decodeKeyArgument("  Zm9vYg"), "foob");
}

TEST(KeyArgument, ThatIsNoBase64IsRefusedInWords) {
  for (const auto* wrong :
       {"", "  \n", "Zm9v!", "Zm9v-_", "Zg==Zg==", "Z", "Zm9vY", "Zg=", "Zm9v====", "===="}) {
    const auto decoded = decodeKeyArgument(wrong);
    ASSERT_FALSE(decoded.has_value()) << wrong;
    EXPECT_NE(decoded.error().find("not base64"), std::string::npos) << decoded.error();
  }
}

TEST(KeyArgument, ThatIsTheArmoredKeyItselfIsExplained) {
  const auto decoded = decodeKeyArgument("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENB");
  ASSERT_FALSE(decoded.has_value());
  EXPECT_NE(decoded.error().find("base64-encoded once more"), std::string::npos) << decoded.error();
}

TEST(KeyArgument, LargerThanAnyKeyIsRefused) {
  EXPECT_FALSE(decodeKeyArgument(std::string(2 * kMaxKeyBytes + 1, 'A')).has_value());
}

TEST(KeybaseUrl, PutsTheEscapedNameBelowTheBase) {
  EXPECT_EQ(keybaseUrl("https://keybase.io", "max"), "https://keybase.io/max/pgp_keys.asc");
  EXPECT_EQ(keybaseUrl("https://mirror.example/kb/", "a b/../c?d#e"),
            "https://mirror.example/kb/a%20b%2F%2E%2E%2Fc%3Fd%23e/pgp_keys.asc");
  EXPECT_EQ(keybaseUrl("https://keybase.io", ".."), "https://keybase.io/%2E%2E/pgp_keys.asc");
}

}  // namespace
}  // namespace hydra_clients::secrets
