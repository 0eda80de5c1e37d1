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

TEST(Redaction, TakesASecretOutHoweverOneEscapeStandsInsideAnother) {
  const std::string secret = "a\"b\\c/d&e<f>\xc3\xa9\xf0\x9f\x98\x80 g'%+\n";
  for (const char* spelled : {
           "a\\\"b\\\\c\\/d\\u0026e\\u003cf\\u003E\\u00e9\\uD83D\\ude00 g'%+\\n",               // Go, PHP
           "a%22b%5Cc%2Fd%26e%3Cf%3E%C3%A9%F0%9F%98%80%20g%27%25%2B%0A",                        // a URL
           "a%22b%5cc/d%26e%3cf%3e%c3%a9%f0%9f%98%80+g'%25%2b%0a",                              // a form
           "a&quot;b\\c/d&amp;e&lt;f&gt;\xc3\xa9\xf0\x9f\x98\x80 g&#39;%+\n",                   // HTML
           "a&#34;b&#92;c&#x2F;d&#38;e&#60;f&#x3e;&#233;&#X1F600;&#32;g&apos;&#37;&#43;&#10;",  // HTML
           "a\\&quot;b\\\\c\\/d&amp;e&lt;f&gt;\xc3\xa9\xf0\x9f\x98\x80 g\\&#39;%+\\n",  // JSON in HTML
           "a%5C%22b%5C%5Cc%5C%2Fd%26e%3Cf%3E%C3%A9%F0%9F%98%80+g'%25%2B%5Cn",          // JSON in a URL
       }) {
    EXPECT_EQ(redact(secret, "<" + std::string(spelled) + ">"), "<[withheld]>") << spelled;
  }
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

TEST(Redaction, IsNotMisledByHalfAnEscape) {
  const std::string secret =
      "s\xc3\xa9"
      "cret\xf0\x9f\x98\x80";
  for (const char* text : {"s%C3", "s%C3%A", "s%C3%AG", "s%C3%B9cret", "s&#", "s&#;", "s&#x;", "s&#233",
                           "s&#xE9", "s&#xEg;", "s&#23f;", "s&#99999999999;", "s&#234;", "s\\u00e8",
                           "s\xc3\xa9"
                           "cret\\ud83dx",
                           "s\xc3\xa9"
                           "cret\\ud83d\\ude01"}) {
    const std::string whole = std::string("<") + text + "> and more";
    EXPECT_EQ(redact(secret, whole), whole);
  }
}

TEST(Redaction, KnowsASecretThatIsNoUtf8) {
  EXPECT_EQ(redact("\xff\xfe-bytes", "it is \xff\xfe-bytes and %FF%FE-bytes"),
            "it is [withheld] and [withheld]");
}

TEST(Redaction, ReachesEveryPartOfAnAnswer) {
  Redaction redaction;
  redaction.add("hunter2-hunter2");
  const auto applied = [&](const std::string& body) {
    Response response;
    response.headers.location = "/login?token=hunter2-hunter2";
    response.body = body;
    redaction.applyTo(response);
    return response.headers.location + " " + response.body;
  };
  EXPECT_EQ(applied(R"({"code":400,"error":"hunter2-hunter2","more":["hunter2-hunter2"]})"),
            R"(/login?token=[withheld] {"code":400,"error":"[withheld]","more":["[withheld]"]})");
  EXPECT_EQ(applied(R"(["hunter2-hunter2"])"), R"(/login?token=[withheld] ["[withheld]"])");
  EXPECT_EQ(applied("{hunter2-hunter2"), "/login?token=[withheld] {[withheld]");
  Response response;
  response.body = "as it was";
  Redaction().applyTo(response);
  EXPECT_EQ(response.body, "as it was");
}

}  // namespace
}  // namespace hydra_clients::hydra
