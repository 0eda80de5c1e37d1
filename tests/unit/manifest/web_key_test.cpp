#include "manifest/rules/web_key.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/base64.h"
#include "manifest/rules/web_key_numbers.h"
#include "web_keys.h"

namespace hydra_clients::manifest {
namespace {

using json::Value;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr HydraVersion kOld{2, 1, 2};
constexpr HydraVersion kNew{2, 3, 0};

/// "member: message", fault by fault.
std::vector<std::string> said(const Value& key, const HydraVersion& hydra = kNew) {
  std::vector<std::string> texts;
  for (const WebKeyFault& fault : faultsOf(key, hydra)) texts.push_back(fault.member + ": " + fault.message);
  return texts;
}

/// The key with that member in the place of its own.
Value with(Value key, const std::string& name, Value value) {
  std::erase_if(key.members, [&](const json::Member& member) { return member.name == name; });
  return key.add(name, std::move(value));
}
Value with(Value key, const std::string& name, std::string text) {
  return with(std::move(key), name, Value::string(std::move(text)));
}
Value without(Value key, const std::string& name) { return with(std::move(key), name, Value{}); }
Value with(Value key, const std::string& name, const char* text) {
  return with(std::move(key), name, Value::string(text));
}

Value certified(const Value& key, const std::string& der) {
  return with(key, "x5c", Value::array().append(Value::string(base64(der))));
}

Value symmetric() { return with(with(Value::object(), "kty", "oct"), "k", base64Url("sixteen bytes...")); }

/// One RSA key for all tests: making it takes time.
const Key& rsaKey() {
  static const Key key = makeKey("RSA");
  return key;
}

TEST(WebKey, OfEveryTypeThatHydraKeepsIsTaken) {
  for (const char* form : {"RSA", "P-256", "P-384", "P-521", "ED25519"}) {
    const Key key = makeKey(form);
    EXPECT_THAT(said(webKeyOf(key)), IsEmpty()) << form;
    EXPECT_THAT(said(webKeyOf(key, true)), IsEmpty()) << form;
    EXPECT_THAT(said(webKeyOf(key), kOld), IsEmpty()) << form;
  }
  EXPECT_THAT(said(symmetric(), kOld), IsEmpty());
}

TEST(WebKey, OfAnotherKindIsNamed) {
  EXPECT_THAT(said(Value::string("key")), ElementsAre(": a key is a JSON object"));
  EXPECT_THAT(said(Value::object()), ElementsAre(StartsWith("kty: must be RSA, EC or OKP")));
  EXPECT_THAT(said(with(webKeyOf(rsaKey()), "kty", "rsa")), ElementsAre(StartsWith("kty: must be RSA")));
  EXPECT_THAT(said(with(webKeyOf(rsaKey()), "kty", Value::truth(true))),
              ElementsAre("kty: must be a string"));
  EXPECT_THAT(said(symmetric()),
              ElementsAre(StartsWith("kty: is oct, a symmetric key, which Hydra refuses")));
}

TEST(WebKey, NumbersAreBase64Url) {
  const Value key = webKeyOf(rsaKey());
  EXPECT_THAT(said(with(key, "e", Value::number(65537))), ElementsAre("e: must be a string in base64url"));
  for (const char* bad : {"AQ+B", "AQ/B", "AQ B", "A", "AQABA", "AQ\xc3\xa4"}) {
    EXPECT_THAT(said(with(key, "e", bad)), ElementsAre(StartsWith("e: is no base64url"))) << bad;
  }
  EXPECT_THAT(said(with(key, "e", "AQ\r\nAB")), IsEmpty());  // Go skips line breaks
  EXPECT_THAT(said(with(key, "e", "AQAB==")), IsEmpty());
  EXPECT_THAT(said(with(key, "e", "AQAB=="), kOld), ElementsAre(StartsWith("e: is base64url with padding")));
  EXPECT_THAT(said(with(key, "kid", Value{})), IsEmpty());  // null is absent
  EXPECT_EQ(decodeBase64Url("-_-_"), "\xfb\xff\xbf");
  EXPECT_EQ(decodeHex("0aFf"), std::string("\x0a\xff"));
  EXPECT_EQ(decodeHex("0aF"), std::nullopt);
  EXPECT_EQ(decodeHex("g0"), std::nullopt);
  EXPECT_EQ(decodeHex("0g"), std::nullopt);
}

TEST(WebKey, AnEllipticKeyIsAPointOfItsCurve) {
  const Key made = makeKey("P-256");
  const Value key = webKeyOf(made, true);
  EXPECT_THAT(said(with(key, "crv", "P-224")), ElementsAre(StartsWith("crv: must be P-256, P-384 or P-521")));
  EXPECT_THAT(said(without(key, "x")), ElementsAre("x: is missing: an EC key has x and y"));
  EXPECT_THAT(said(without(without(key, "x"), "y")),
              ElementsAre(StartsWith("x: is missing"), StartsWith("y: is missing")));
  EXPECT_THAT(said(with(key, "d", "AQAB")), ElementsAre("d: must have 32 bytes for P-256"));
  EXPECT_THAT(said(with(key, "x", key.find("y")->text)), ElementsAre("x: with y is no point of P-256"));
}

TEST(WebKey, AnRsaKeyHasAModulusAndAnExponentThatHydraKeeps) {
  const Value key = webKeyOf(rsaKey());
  EXPECT_THAT(said(without(key, "n")), ElementsAre("n: is missing: an RSA key has n and e"));
  EXPECT_THAT(said(with(key, "e", base64Url(std::string(3, '\0')))), ElementsAre("e: is zero"));
  EXPECT_THAT(said(with(key, "e", base64Url(std::string(3, '\0'))), kOld),
              ElementsAre(StartsWith("e: is zero: Hydra would store the key, and answer no list")));
  EXPECT_THAT(said(with(key, "e", base64Url("\x01" + std::string(8, '\x01')))),
              ElementsAre(StartsWith("e: is larger than 64 bits")));
  EXPECT_THAT(said(with(key, "e", base64Url(std::string(8, '\0') + "\x03"))), IsEmpty());
}

TEST(WebKey, AnRsaPrivateKeyIsOneWhole) {
  const Value key = webKeyOf(rsaKey(), true);
  const std::string three = base64Url("\x03");
  EXPECT_THAT(said(without(key, "qi")), IsEmpty());  // without all three they are calculated
  EXPECT_THAT(said(without(key, "dq")), IsEmpty());
  EXPECT_THAT(said(without(key, "p")), ElementsAre("p: is missing: an RSA key with d has p and q"));
  EXPECT_THAT(said(with(key, "n", base64Url("\x04"))), ElementsAre("d: belongs to an n that is even"));
  for (const std::string& exponent :
       {std::string("\x01"), std::string("\x04"), std::string("\x01\x00\x00\x00\x01", 5)}) {
    EXPECT_THAT(said(with(key, "e", base64Url(exponent))),
                ElementsAre(StartsWith("d: belongs to an e that")));
  }
  EXPECT_THAT(said(with(key, "p", three)), ElementsAre(StartsWith("d: does not go with n")));
  EXPECT_THAT(said(with(with(key, "p", base64Url("\x01")), "q", key.find("n")->text)),
              ElementsAre(StartsWith("d: does not go with p and q: one of them is no prime")));
  EXPECT_THAT(said(with(with(key, "q", base64Url("\x01")), "p", key.find("n")->text)),
              ElementsAre(StartsWith("d: does not go with")));
  EXPECT_THAT(said(with(key, "d", three)), ElementsAre(StartsWith("d: does not go with dp or dq")));
  EXPECT_THAT(said(with(without(key, "qi"), "d", three)), ElementsAre("d: does not go with e, p and q"));
  EXPECT_THAT(said(with(key, "dp", three)), ElementsAre("d: does not go with e, p and q"));
  EXPECT_THAT(said(with(key, "dq", key.find("n")->text)), ElementsAre("d: does not go with e, p and q"));
  EXPECT_THAT(said(with(key, "qi", three)), ElementsAre("d: does not go with qi"));
}

TEST(WebKey, AnEd25519KeyHasThirtyTwoBytes) {
  const Value key = webKeyOf(makeKey("ED25519"));
  EXPECT_THAT(said(with(key, "crv", "X25519")), ElementsAre("crv: must be Ed25519 for an OKP key"));
  EXPECT_THAT(said(without(key, "x")), ElementsAre("x: is missing: an OKP key has x"));
  EXPECT_THAT(said(with(key, "d", "AQAB")), ElementsAre(StartsWith("d: must have 32 bytes")));
}

TEST(WebKey, ASymmetricKeyOfAnOldHydraIsNotEmpty) {
  EXPECT_THAT(said(without(symmetric(), "k"), kOld), ElementsAre("k: is missing: a symmetric key has k"));
  EXPECT_THAT(said(with(symmetric(), "k", ""), kOld), ElementsAre(StartsWith("k: is empty")));
  EXPECT_THAT(said(certified(symmetric(), certificateOf(rsaKey())), kOld),
              ElementsAre("x5c: cannot stand in a symmetric key"));
}

TEST(WebKey, ItsCertificateIsOfTheSameKey) {
  for (const char* form : {"RSA", "P-256", "P-384", "P-521", "ED25519"}) {
    const Key key = makeKey(form);
    const Value members = webKeyOf(key);
    const std::string der = certificateOf(key);
    EXPECT_THAT(said(certified(members, der)), IsEmpty()) << form;
    for (const char* other : {"RSA", "P-256", "ED25519"}) {
      EXPECT_THAT(said(certified(members, certificateOf(makeKey(other)))),
                  ElementsAre("x5c: begins with the certificate of another key"))
          << form << " with " << other;
    }
  }
}

TEST(WebKey, WhatIsNoCertificateIsNamed) {
  const Value key = webKeyOf(rsaKey());
  const std::string der = certificateOf(rsaKey());
  EXPECT_THAT(said(with(key, "x5c", base64(der))), ElementsAre(StartsWith("x5c: must be an array")));
  const auto holding = [&](Value item) { return with(key, "x5c", Value::array().append(std::move(item))); };
  for (const std::string& text : {base64Url(der) + "!", base64("no certificate"), base64(der + "more"),
                                  std::string("QQ="), std::string("QQ")}) {
    EXPECT_THAT(said(holding(Value::string(text))), ElementsAre(StartsWith("x5c: holds something that is")));
  }
  EXPECT_THAT(said(holding(Value::number(1))), ElementsAre(StartsWith("x5c: holds something that is")));
}

TEST(WebKey, ThumbprintsAreThoseOfItsCertificate) {
  const std::string der = certificateOf(rsaKey());
  const Value key = certified(webKeyOf(rsaKey()), der);
  const std::string sha1 = sha1Of(der);
  const std::string sha256 = sha256Of(der);
  EXPECT_THAT(said(with(with(key, "x5t", base64Url(sha1)), "x5t#S256", base64Url(sha256))), IsEmpty());
  EXPECT_THAT(
      said(with(key, "x5t", base64Url("0123456789012345678901234567890123456789"))),  // as hexadecimal
      ElementsAre("x5t: is not the thumbprint of the certificate in x5c"));
  EXPECT_THAT(said(with(key, "x5t#S256", base64Url(std::string(32, 'x')))),
              ElementsAre("x5t#S256: is not the thumbprint of the certificate in x5c"));
  for (const std::string& bad : {std::string("!"), base64Url("short"), base64Url(std::string(40, 'g'))}) {
    EXPECT_THAT(said(with(key, "x5t", bad)), ElementsAre(StartsWith("x5t: is no thumbprint"))) << bad;
  }
  EXPECT_THAT(said(with(webKeyOf(rsaKey()), "x5t", base64Url(sha1))),
              IsEmpty());  // nothing to compare it with
}

TEST(WebKey, AUrlOfCertificatesIsTakenByNewHydrasOnly) {
  const Value key = webKeyOf(rsaKey());
  const Value stated = with(key, "x5u", "https://a.example/chain.pem");
  EXPECT_THAT(said(stated), IsEmpty());
  EXPECT_THAT(said(stated, kOld), ElementsAre("x5u: is taken by Hydra from 2.2 on only"));
  EXPECT_THAT(said(with(key, "x5u", Value::object())), ElementsAre("x5u: must be a string"));
  EXPECT_THAT(said(with(key, "x5u", Value::object()), kOld), IsEmpty());  // what Go makes of its own URL
}

TEST(WebKey, APrivatePartIsSeen) {
  EXPECT_TRUE(isPrivate(webKeyOf(rsaKey(), true)));
  EXPECT_TRUE(isPrivate(symmetric()));
  EXPECT_FALSE(isPrivate(webKeyOf(rsaKey())));
  EXPECT_FALSE(isPrivate(with(symmetric(), "k", "")));
  EXPECT_FALSE(isPrivate(with(symmetric(), "k", Value::number(1))));
  EXPECT_FALSE(isPrivate(Value::string("d")));
}

}  // namespace
}  // namespace hydra_clients::manifest
