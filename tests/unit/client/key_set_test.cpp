#include "client/key_set.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

std::string of(std::string_view text) { return canonicalKeySet(json::parse(text).value()); }
std::string ofKey(const std::string& key) { return of(R"({"keys":[)" + key + "]}"); }

TEST(KeySet, DropsWhatHydraDrops) {
  EXPECT_EQ(of(R"({"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"Ag","key_ops":["verify"],"ext":true}]})"),
            of(R"({"KEYS":[{"kty":"EC","crv":"P-256","kid":"","x":"AQ","y":"Ag","x5c":[]}],"more":1})"));
}

TEST(KeySet, ReadsBase64AsGoDoes) {
  EXPECT_EQ(of(R"({"keys":[{"kty":"RSA","n":"AAEC","e":"AQAB"}]})"),
            of(R"({"keys":[{"kty":"RSA","n":"AQI=","e":"A\nQAB"}]})"));
  EXPECT_EQ(of(R"({"keys":[{"kty":"RSA","n":"AQI","e":"AQAB"}]})"),
            of(R"({"keys":[{"kty":"RSA","n":"AQJ","e":"AQAB"}]})"));  // unused trailing bits
}

TEST(KeySet, CutsAnEd25519KeyToItsSize) {
  const std::string full(43, 'A');
  EXPECT_EQ(of(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]})"),
            of(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":")" + full + R"("}]})"));
}

TEST(KeySet, CutsAnEd25519KeyThatIsTooLong) {
  const std::string full = R"({"kty":"OKP","crv":"Ed25519","x":")" + std::string(42, 'A');
  EXPECT_EQ(ofKey(full + R"(E"})"), ofKey(full + R"(Eq"})"));
  EXPECT_NE(ofKey(full + R"(E"})"), ofKey(full + R"(I"})"));
  EXPECT_NE(ofKey(R"({"kty":"EC","crv":"P-256","x":"AQ"})"), ofKey(R"({"kty":"EC","crv":"P-256","x":"AQA"})"))
      << "no other curve's";
  EXPECT_NE(ofKey(R"({"crv":"Ed25519","d":"AQ"})"), ofKey(R"({"crv":"Ed25519","d":"AQA"})"))
      << "no other member";
}

// Zero bytes in front of an integer move every letter behind them to other bits.
TEST(KeySet, ReadsEveryLetterOfBase64) {
  const auto ofModulus = [](const std::string& n) { return ofKey(R"({"kty":"RSA","n":")" + n + "\"}"); };
  const std::string all = ofModulus("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
  EXPECT_EQ(all, ofModulus("AAAQgxBRhyCSizDTj0EUk1FVl2GWm3HXn4IYo5JZp6Kaq7Lbr8Mcs9Ndt-Oeu_Pfvw"));
  EXPECT_EQ(all, ofModulus("AAAAEIMQUYcgkosw049BFJNRVZdhlptx15-CGKOSWaeimquy26_DHLPTXbfjnrvz378"));
  EXPECT_EQ(all, ofModulus("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"));
  EXPECT_EQ(all, ofModulus("=ABCDEFGHIJKLMNOPQRSTUVWXYZ\\r\\nabcdefghijklmnopqrstuvwxyz0123456789-_"));
  EXPECT_EQ(ofModulus("AAAA"), ofModulus("AA"));
}

TEST(KeySet, TakesWhatIsNoBase64AsItStands) {
  std::set<std::string> sets;
  for (char c = ' '; c <= '~'; ++c) {
    if (std::string_view("\"\\+/").find(c) != std::string_view::npos)
      continue;  // JSON's, and those for - and _
    EXPECT_TRUE(sets.insert(ofKey(R"({"n":"AQI)" + std::string(1, c) + "\"}")).second) << c;
  }
}

TEST(KeySet, ComparesNamesAsTheyStand) {
  EXPECT_NE(ofKey(R"({"kid":"AQI"})"), ofKey(R"({"kid":"AQJ"})"));
  EXPECT_NE(ofKey(R"({"kid":"AQI"})"), ofKey(R"({"kid":"AQI="})"));
}

TEST(KeySet, KeepsThe64LowestBitsOfAnExponent) {
  EXPECT_EQ(ofKey(R"({"e":"CQECAwQFBgcI"})"), ofKey(R"({"e":"AQIDBAUGBwg"})"));
  EXPECT_NE(ofKey(R"({"e":"AQIDBAUGBwg"})"), ofKey(R"({"e":"AgMEBQYHCA"})"));
  EXPECT_NE(ofKey(R"({"e":"AQAB"})"), ofKey(R"({"e":"Aw"})"));
  EXPECT_NE(ofKey(R"({"n":"CQECAwQFBgcI"})"), ofKey(R"({"n":"AQIDBAUGBwg"})"));
}

TEST(KeySet, LeadingZerosOfASymmetricKeyBelongToIt) {
  EXPECT_NE(ofKey(R"({"k":"AAEC"})"), ofKey(R"({"k":"AQI"})"));
  EXPECT_EQ(ofKey(R"({"k":"AQI"})"), ofKey(R"({"k":"AQI="})"));
}

TEST(KeySet, TellsKeysApartByEachMemberThatHydraKeeps) {
  std::set<std::string> sets{ofKey("{}")};
  for (const std::string name : {"use", "kty", "kid", "crv", "alg", "k", "x", "y", "n", "e", "d", "p", "q",
                                 "x5c", "x5u", "x5t", "x5t#S256"}) {
    EXPECT_TRUE(sets.insert(ofKey(R"({")" + name + R"(":"AQ"})")).second) << name;
    EXPECT_TRUE(sets.insert(ofKey(R"({")" + name + R"(":["AQ"]})")).second) << name;
  }
}

TEST(KeySet, AMemberWithoutAValueIsNone) {
  for (const std::string empty : {"null", "\"\"", "[]"}) {
    EXPECT_EQ(ofKey(R"({"use":)" + empty + R"(,"n":"AQ"})"), ofKey(R"({"n":"AQ"})")) << empty;
  }
}

TEST(KeySet, IsASetOfKeys) {
  EXPECT_EQ(of(R"({"keys":[{"k":"AQ"},{"k":"Ag"}]})"), of(R"({"keys":[{"k":"Ag"},{"k":"AQ"}]})"));
  EXPECT_NE(of(R"({"keys":[{"k":"AA"},{"k":"Ag"}]})"), of(R"({"keys":[{"k":"AQ"},{"k":"Ag"}]})"));
  EXPECT_NE(of(R"({"keys":[{"alg":"a"},{"k":"AQ"}]})"), of(R"({"keys":[{"alg":"a","k":"AQ"}]})"));
}

TEST(KeySet, OfAWrongKindEqualsNothingButItself) {
  std::set<std::string> sets;
  for (const std::string_view text :
       {"{}", "[]", "1", R"("x")", R"({"keys":[]})", R"({"keys":1})", R"({"keys":{}})", R"({"keys":[1]})",
        R"({"keys":[2]})", R"({"keys":[{}]})"}) {
    EXPECT_TRUE(sets.insert(of(text)).second) << text;
  }
}

TEST(KeySet, TellsKeysApart) {
  EXPECT_NE(of(R"({"keys":[{"kty":"RSA","n":"AQI","e":"AQAB"}]})"),
            of(R"({"keys":[{"kty":"RSA","n":"AQM","e":"AQAB"}]})"));
  EXPECT_NE(of(R"({"keys":[]})"), of("{}"));
  EXPECT_EQ(of(R"({"keys":null})"), of(R"({"keys":[]})"));
}

TEST(KeySet, IsADigestSoThatNoPrivateKeyShows) {
  EXPECT_EQ(of(R"({"keys":[{"kty":"RSA","d":"c2VjcmV0"}]})").size(), 64U);
}

}  // namespace
}  // namespace hydra_clients
