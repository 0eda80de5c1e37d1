#include "client/key_set.h"

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

std::string of(std::string_view text) { return canonicalKeySet(json::parse(text).value()); }

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
