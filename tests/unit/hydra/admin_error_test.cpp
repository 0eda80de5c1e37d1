#include "hydra/admin_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_transport.h"

namespace hydra_clients::hydra {
namespace {

TEST(ServerText, IsOneLineWithoutControlCharacters) {
  EXPECT_EQ(printable("a\r\n\tb\x1b[31mc\x7f"), "a b [31mc");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            " 31m")
      << "a C1 control is one too";
}

TEST(ServerText, IsValidUtf8) {
  EXPECT_EQ(printable("b\xc3\xbc"
                      "cher"),
            "b\xc3\xbc"
            "cher");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xc0\xaf"), "??");
}

TEST(ServerText, IsBoundedAndCutBetweenCharacters) {
  const std::string text = printable(std::string(1000, 'x'), 10);
  EXPECT_EQ(text, "xxxxxxxxxx…");
  EXPECT_EQ(printable("\xc3\xa9\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9…");
}

TEST(AdminError, TellsWhatMayPassFromWhatMustBeActedUpon) {
  using Kind = AdminError::Kind;
  const auto of = [](Kind kind) {
    AdminError error;
    error.kind = kind;
    return error;
  };
  for (const Kind kind : {Kind::kUnreachable, Kind::kBusy, Kind::kServerFault})
    EXPECT_TRUE(of(kind).transient());
  for (const Kind kind : {Kind::kNotHydra, Kind::kUnauthorized}) {
    EXPECT_TRUE(of(kind).concernsEverybody());
    EXPECT_FALSE(of(kind).transient());
  }
  for (const Kind kind :
       {Kind::kRefused, Kind::kExists, Kind::kMalformed, Kind::kTruncated, Kind::kStopped}) {
    EXPECT_FALSE(of(kind).transient());
    EXPECT_FALSE(of(kind).concernsEverybody());
  }
}

using testing::HasSubstr;
using testing::Not;
using Kind = AdminError::Kind;
using Script = test::ScriptedTransport;

constexpr const char* kSaid = R"({"error":"invalid_request","error_description":"The field is wrong."})";
constexpr const char* kKnowsNoBetter =
    R"({"error":"error","error_description":"The error is unrecognizable"})";

AdminError answered(Call call, const Response& response, Family family = Family::kV2_2) {
  return fromResponse(call, response, Dialect{family, {2, 3, 0}, true}, "http://hydra:4445");
}

TEST(AdminError, TellsAPortThatSpeaksTls) {
  for (const char* body : {"Client sent an HTTP request to an HTTPS server.",
                           "<h1>400 The plain HTTP request was sent to HTTPS port</h1>"}) {
    const AdminError error = answered(Call::kList, Script::page(400, body));
    EXPECT_EQ(error.kind, Kind::kNotHydra);
    EXPECT_THAT(error.message, HasSubstr("use https:// instead"));
  }
}

TEST(AdminError, ShowsTheTitleOfAPageWhereItHasOne) {
  const auto shown = [](const char* page) { return answered(Call::kList, Script::page(404, page)).message; };
  EXPECT_THAT(shown("<html><title>Sign in</title>"), HasSubstr("a page (\"Sign in\")"));
  for (const char* page :
       {"<html>", "<html><title>cut", "<html></title>", "<html></title><title>", "<html></title> <title>"}) {
    EXPECT_THAT(shown(page), Not(HasSubstr("(\""))) << page;
  }
  EXPECT_THAT(answered(Call::kList, Script::page(500, "<title>Oops</title>")).message,
              HasSubstr("the fault may be of a proxy in front"));
}

TEST(AdminError, RepeatsHydrasOwnSentence) {
  EXPECT_EQ(answered(Call::kCreate, Script::json(400, kSaid)).kind, Kind::kRefused);
  for (const Call call : {Call::kList, Call::kCreate}) {
    for (const int status : {402, 500, 599}) {
      const AdminError error = answered(call, Script::json(status, kSaid));
      EXPECT_EQ(error.kind, Kind::kServerFault) << status;
      EXPECT_THAT(error.message, HasSubstr("The field is wrong")) << status;
    }
  }
  EXPECT_EQ(answered(Call::kList, Script::json(400, kSaid)).kind, Kind::kServerFault);
  EXPECT_EQ(answered(Call::kList, Script::json(402, "{}")).kind, Kind::kNotHydra);
}

TEST(AdminError, TellsAConflictOnlyOfWhatWasToBeMade) {
  EXPECT_EQ(answered(Call::kCreate, Script::json(409, kSaid)).kind, Kind::kExists);
  EXPECT_EQ(answered(Call::kList, Script::json(409, kSaid)).kind, Kind::kServerFault);
}

TEST(AdminError, TellsWhatAnOldHydraMeansByAFaultWithoutReason) {
  for (const Family family : {Family::kV1, Family::kV2_0}) {
    EXPECT_THAT(answered(Call::kCreate, Script::json(500, kKnowsNoBetter), family).message,
                HasSubstr("where it cannot decode a client"));
    EXPECT_THAT(answered(Call::kList, Script::json(500, kKnowsNoBetter), family).message,
                HasSubstr("see Hydra's log"));
  }
  EXPECT_THAT(answered(Call::kCreate, Script::json(500, kKnowsNoBetter)).message,
              HasSubstr("see Hydra's log"));
  EXPECT_THAT(answered(Call::kCreate, Script::json(500, kSaid), Family::kV1).message,
              HasSubstr("The field is wrong"));
}

TEST(AdminError, TellsHydrasTlsTerminationFromAGatewayThatFails) {
  EXPECT_EQ(answered(Call::kList, Script::json(502, kKnowsNoBetter)).kind, Kind::kNotHydra);
  EXPECT_NE(answered(Call::kList, Script::json(502, kSaid)).kind, Kind::kNotHydra);
  EXPECT_NE(answered(Call::kList, Script::page(502, "<title>Bad gateway</title>")).kind, Kind::kNotHydra);
}

TEST(AdminError, IsHydrasOnlyWhereItsTwoFieldsAreTexts) {
  for (const char* body :
       {"", "[]", "{}", R"({"error":1})", R"({"error":{"code":404}})", "{\"error\":\"cut"}) {
    EXPECT_FALSE(parseFault(Script::json(400, body))) << body;
  }
  const auto fault = parseFault(Script::json(400, R"({"error":"invalid_request","error_description":7})"));
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->description, "");
}

}  // namespace
}  // namespace hydra_clients::hydra
