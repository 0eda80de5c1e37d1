#include "hydra/redaction.h"

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

std::string redact(const std::string& secret, const std::string& text) {
  Redaction redaction;
  redaction.add(secret);
  return redaction.of(text);
}

TEST(Redaction, TakesASecretOutInEveryForm) {
  const std::string secret = "p\"<s&s>w/d";
  EXPECT_EQ(redact(secret, "it is p\"<s&s>w/d, and"), "it is [withheld], and");
  EXPECT_EQ(redact(secret, R"(it is "p\"<s&s>w/d")"), R"(it is "[withheld]")");
  EXPECT_EQ(redact(secret, R"(it is "p\"\u003cs\u0026s\u003ew/d")"), R"(it is "[withheld]")");
  EXPECT_EQ(redact(secret, "p%22%3Cs%26s%3Ew%2Fd"), "[withheld]");
  EXPECT_EQ(redact(secret, "p%22%3cs%26s%3ew%2fd"), "[withheld]");
  EXPECT_EQ(redact(secret, "p&quot;&lt;s&amp;s&gt;w/d"), "[withheld]");
  EXPECT_EQ(redact(secret, "p&#34;&lt;s&amp;s&gt;w/d"), "[withheld]");
}

TEST(Redaction, FindsASecretInsideOfBase64WhateverStandsBeforeIt) {
  const std::string secret = "the-secret-of-the-app";
  EXPECT_EQ(redact(secret, "dGhlLXNlY3JldC1vZi10aGUtYXBw"), "[withheld]");                            // alone
  EXPECT_EQ(redact(secret, "YTp0aGUtc2VjcmV0LW9mLXRoZS1hcHA=").find("c2VjcmV0"), std::string::npos);  // a:…
  EXPECT_EQ(redact(secret, "YWI6dGhlLXNlY3JldC1vZi10aGUtYXBw").find("c2VjcmV0"), std::string::npos);
  EXPECT_EQ(redact(secret, "OnRoZS1zZWNyZXQtb2YtdGhlLWFwcA==").find("ZWNyZXQt"), std::string::npos);  // :…
}

TEST(Redaction, FindsTheBeginningOfOneThatWasCutOff) {
  EXPECT_EQ(redact("the-secret-of-the-app", "it is the-secret-of"), "it is [withheld]");
}

TEST(Redaction, LeavesOtherWordsAlone) {
  EXPECT_EQ(redact("client-secret-1", "the client's client_secret is too short"),
            "the client's client_secret is too short");
}

TEST(Redaction, MakesNoHolesForWhatIsTooShortToBeASecret) { EXPECT_EQ(redact("a", "banana"), "banana"); }

TEST(Redaction, FindsEachPlace) {
  EXPECT_EQ(redact("secret", "secret secretsecret"), "[withheld] [withheld][withheld]");
}

}  // namespace
}  // namespace hydra_clients::hydra
