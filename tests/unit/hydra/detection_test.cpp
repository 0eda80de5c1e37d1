// Each family as it answers, and everything that is not Hydra's admin API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hydra/admin_api.h"
#include "scripted_transport.h"

namespace hydra_clients::hydra {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Kind = AdminError::Kind;
using Script = test::ScriptedTransport;

constexpr const char* kV2Probe = "GET /admin/clients?page_size=1";
constexpr const char* kV1Probe = "GET /clients?limit=1";

ResponseHeaders counted(std::uint64_t total, std::string link = "") {
  ResponseHeaders headers;
  headers.totalCount = total;
  headers.link = std::move(link);
  return headers;
}

void says(Script& hydra, const std::string& version) {
  hydra.on("GET /version", Script::json(200, "{\"version\":\"" + version + "\"}"));
}

Dialect detected(Script& hydra) {
  AdminApi api(hydra);
  const auto dialect = api.detect();
  EXPECT_TRUE(dialect) << dialect.error().message;
  return api.dialect();
}

AdminError refused(Script& hydra) {
  AdminApi api(hydra);
  const auto dialect = api.detect();
  EXPECT_FALSE(dialect);
  return dialect ? AdminError{} : dialect.error();
}

TEST(Detection, BelievesTheVersionThatHydraTells) {
  const std::vector<std::pair<const char*, Family>> kTold{
      {"v2.0.3", Family::kV2_0}, {"v2.1.2", Family::kV2_0}, {"v2.2.0", Family::kV2_2},
      {"v2.3.0", Family::kV2_2}, {"v25.4.0", Family::kV25}, {"v26.2.0", Family::kV25}};
  for (const auto& [version, family] : kTold) {
    Script hydra;
    hydra.on(kV2Probe, Script::json(200, "[]", counted(0)));
    says(hydra, version);
    const Dialect dialect = detected(hydra);
    EXPECT_EQ(dialect.family, family) << version;
    EXPECT_TRUE(dialect.versionIsKnown);
    EXPECT_EQ(dialect.text(), std::string("Hydra ") + version);
  }
}

TEST(Detection, FindsV1BehindItsTwoKindsOf404) {
  for (const bool asPage : {false, true}) {
    Script hydra;
    if (asPage) hydra.on(kV2Probe, Script::page(404, "<!DOCTYPE html><title>404</title>"));
    hydra.on(kV1Probe, Script::json(200, "[]", counted(0, R"(</clients?limit=1&offset=1>; rel="next")")));
    says(hydra, "v1.9.2");
    const Dialect dialect = detected(hydra);
    EXPECT_EQ(dialect.family, Family::kV1);
    EXPECT_EQ(dialect.version, (HydraVersion{1, 9, 2}));
    EXPECT_EQ(dialect.clientsPath(), "/clients");
  }
}

TEST(Detection, TellsFamiliesApartByBehaviourWhereTheVersionSaysNothing) {
  for (const char* version : {"master", "", "nonsense"}) {
    Script v25;
    v25.on(kV2Probe, Script::json(200, "[]"));
    says(v25, version);
    EXPECT_EQ(detected(v25).family, Family::kV25);
    EXPECT_FALSE(detected(v25).versionIsKnown);

    Script v23;
    v23.on(kV2Probe,
           Script::json(200, R"([{"client_id":"a","skip_consent":false,"skip_logout_consent":null}])",
                        counted(1)));
    EXPECT_EQ(detected(v23).family, Family::kV2_2);
    EXPECT_EQ(detected(v23).version, (HydraVersion{2, 3, 0}));

    Script v21;
    v21.on(kV2Probe, Script::json(200, R"([{"client_id":"a","skip_consent":false}])", counted(1)));
    EXPECT_EQ(detected(v21).family, Family::kV2_0);
    EXPECT_EQ(detected(v21).version.minor, 1);

    Script v20;
    v20.on(kV2Probe, Script::json(200, R"([{"client_id":"a"}])", counted(1)));
    EXPECT_EQ(detected(v20).version.minor, 0);
  }
}

TEST(Detection, LearnsFromARefusedIdThatAnEmptyHydraIsV2_1) {
  Script hydra;
  hydra.on(kV2Probe, Script::json(200, "[]", counted(0)));
  hydra.on(
      "POST /admin/clients",
      Script::json(
          400, R"({"error":"The request was malformed or contained invalid parameters","error_description":)"
               R"("It is no longer possible to set an OAuth2 Client ID as a user."})"));
  AdminApi api(hydra);
  ASSERT_TRUE(api.detect());
  EXPECT_TRUE(api.dialect().takesChosenIds());
  const auto created = api.create({std::make_shared<const Secret>(std::string("{}")), "", nullptr});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, Kind::kRefused);
  EXPECT_THAT(created.error().message, HasSubstr("needs Hydra 2.2 or newer"));
  ASSERT_TRUE(api.detect());
  EXPECT_FALSE(api.dialect().takesChosenIds());
}

TEST(Detection, FindsV1WhoseListIsPoisoned) {
  Script hydra;
  hydra.on(kV1Probe,
           Script::json(500, R"({"error":"error","error_description":"The error is unrecognizable"})"));
  says(hydra, "v1.11.10");
  EXPECT_EQ(detected(hydra).family, Family::kV1);
}

TEST(Detection, AsksAgainForTheVersionAloneAsLongAsThatStaysTheSame) {
  Script hydra;
  hydra.on(kV2Probe, Script::json(200, "[]", counted(7)));
  says(hydra, "v2.3.0");
  AdminApi api(hydra);
  ASSERT_TRUE(api.detect());
  EXPECT_EQ(api.takeTotal(), 7U);
  const std::size_t asked = hydra.asked().size();
  ASSERT_TRUE(api.detect());
  EXPECT_EQ(hydra.asked().size(), asked + 1);
  EXPECT_EQ(hydra.asked().back(), "GET /version");
  EXPECT_EQ(api.takeTotal(), std::nullopt) << "nobody has asked again";
  says(hydra, "v26.2.0");
  EXPECT_EQ(api.detect()->family, Family::kV25) << "it was upgraded";
}

TEST(Detection, StartsFromScratchAfterAFailureAndWhereTheVersionIsNotTold) {
  Script hydra;
  hydra.on(kV2Probe, Script::json(200, "[]", counted(0)));
  says(hydra, "v2.3.0");
  AdminApi api(hydra);
  ASSERT_TRUE(api.detect());
  hydra.on("GET /version", Script::fails(TransportError::Kind::kConnect));
  const std::size_t before = hydra.asked().size();
  EXPECT_FALSE(api.detect());
  EXPECT_EQ(hydra.asked().size(), before + 1) << "a Hydra that is away is asked once";
  hydra.on(kV2Probe, Script::json(200, "[]", counted(0)));
  says(hydra, "master");
  for (int i = 0; i < 2; ++i) {
    const std::size_t asked = hydra.asked().size();
    ASSERT_TRUE(api.detect());
    EXPECT_THAT(std::vector(hydra.asked().begin() + static_cast<std::ptrdiff_t>(asked), hydra.asked().end()),
                Contains(kV2Probe));
  }
}

TEST(Detection, OnlyReads) {
  Script hydra;
  hydra.on(kV1Probe, Script::json(200, "[]", counted(0)));
  (void)detected(hydra);
  EXPECT_THAT(hydra.asked(), Each(StartsWith("GET ")));
}

TEST(Detection, SaysToLeaveOutAnAdminThatStandsInTheEndpoint) {
  const std::vector<Response> kAnswers{
      Script::json(200, R"([{"client_id":"a"},{"client_id":"b"}])", counted(2)),
      Script::json(200, "[]", counted(0, R"(</admin/clients?page_size=250&page_token=eyJ>; rel="next")")),
      Script::json(200, "[]"),
      Script::json(200, R"([{"client_id":"a","skip_consent":false}])", counted(1)),
  };
  for (const Response& answer : kAnswers) {
    Script hydra;
    hydra.on(kV1Probe, answer);
    const AdminError error = refused(hydra);
    EXPECT_EQ(error.kind, Kind::kNotHydra);
    EXPECT_THAT(error.message, HasSubstr("leave /admin out"));
  }
}

TEST(Detection, SaysWhatToCheckWhereNeitherPathIsServed) {
  Script hydra;
  const AdminError error = refused(hydra);
  EXPECT_EQ(error.kind, Kind::kNotHydra);
  EXPECT_TRUE(error.concernsEverybody());
  EXPECT_THAT(error.message, HasSubstr("http://hydra:4445"));
  EXPECT_THAT(error.message, HasSubstr("4444"));
  EXPECT_THAT(hydra.asked(), Contains(kV1Probe));
}

TEST(Detection, FollowsNoRedirectAndShowsWhereItLeads) {
  Script hydra;
  ResponseHeaders headers;
  headers.location = "https://hydra.example/admin/clients\x01";
  hydra.on(kV2Probe, Response{308, headers, ""});
  const AdminError error = refused(hydra);
  EXPECT_EQ(error.kind, Kind::kNotHydra);
  EXPECT_THAT(error.message, HasSubstr("https://hydra.example/admin/clients"));
  EXPECT_THAT(error.message, Not(HasSubstr("\x01")));
  EXPECT_EQ(hydra.asked().size(), 1u);
}

TEST(Detection, MapsWhatStandsInFrontOfHydra) {
  const auto errorFor = [](Response answer) {
    Script hydra;
    hydra.on(kV2Probe, std::move(answer));
    return refused(hydra);
  };
  const AdminError tls = errorFor({400, {}, "Client sent an HTTP request to an HTTPS server.\n"});
  EXPECT_EQ(tls.kind, Kind::kNotHydra);
  EXPECT_THAT(tls.message, HasSubstr("use https://"));

  const AdminError login = errorFor(Script::page(200, "<html><head><title>Sign in\n</title>"));
  EXPECT_EQ(login.kind, Kind::kNotHydra);
  EXPECT_THAT(login.message, HasSubstr("\"Sign in\""));

  const AdminError gateway = errorFor(Script::page(502, "<html>Bad Gateway</html>"));
  EXPECT_EQ(gateway.kind, Kind::kBusy);
  EXPECT_TRUE(gateway.transient());

  const AdminError termination =
      errorFor(Script::json(502, R"({"error":"error","error_description":"The error is unrecognizable"})"));
  EXPECT_EQ(termination.kind, Kind::kNotHydra);
  EXPECT_THAT(termination.message, HasSubstr("--fake-tls-termination"));

  for (const int status : {401, 403}) {
    const AdminError denied = errorFor(Script::json(status, R"({"error":"Access credentials are invalid"})"));
    EXPECT_EQ(denied.kind, Kind::kUnauthorized);
    EXPECT_TRUE(denied.concernsEverybody());
    EXPECT_THAT(denied.message, HasSubstr("--access-token-file"));
  }

  EXPECT_EQ(errorFor(Script::json(200, "{}")).kind, Kind::kMalformed);
  EXPECT_EQ(errorFor(Script::json(200, "[{\"client_id\":\"a\"")).kind, Kind::kMalformed);
  EXPECT_EQ(errorFor(Script::json(200, "[1]")).kind, Kind::kMalformed);
  EXPECT_EQ(errorFor(Script::json(503, "{}")).kind, Kind::kBusy);
}

TEST(Detection, PassesOnWhatTheTransportSays) {
  Script hydra;
  hydra.on(kV2Probe, Script::fails(TransportError::Kind::kConnect, false));
  EXPECT_EQ(refused(hydra).kind, Kind::kUnreachable);
  EXPECT_TRUE(refused(hydra).transient());
  EXPECT_FALSE(refused(hydra).mayHaveArrived);
  hydra.on(kV2Probe, Script::fails(TransportError::Kind::kTls, false));
  EXPECT_EQ(refused(hydra).kind, Kind::kNotHydra);
  EXPECT_FALSE(refused(hydra).transient());
}

TEST(Readiness, IsA200OfHealthReady) {
  Script hydra;
  AdminApi api(hydra);
  hydra.on("GET /health/ready", Script::json(200, R"({"status":"ok"})"));
  EXPECT_TRUE(api.ready());
  hydra.on("GET /health/ready", Script::json(503, "{}"));
  EXPECT_FALSE(api.ready());
  hydra.on("GET /health/ready", Script::fails(TransportError::Kind::kConnect));
  EXPECT_FALSE(api.ready());
}

TEST(Detection, TellsOldV1FromNewByTheFieldsOfAClient) {
  Script hydra;
  hydra.on(kV1Probe, Script::json(200, R"([{"client_id":"a"}])", counted(1)));
  EXPECT_EQ(detected(hydra).version, (HydraVersion{1, 11, 8}));
  hydra.on(kV1Probe,
           Script::json(200, R"([{"client_id":"a","authorization_code_grant_access_token_lifespan":null}])",
                        counted(1)));
  EXPECT_EQ(detected(hydra).version, (HydraVersion{1, 11, 10}));
  says(hydra, "v2.3.0");  // of something else in front
  EXPECT_FALSE(detected(hydra).versionIsKnown);
}

TEST(Detection, IsNotMisledByAVersionInAnotherForm) {
  for (const char* body : {"[]", "{}", R"({"version":26})", "{\"version\":", "v2.3.0"}) {
    Script hydra;
    hydra.on(kV2Probe, Script::json(200, "[]", counted(0)));
    hydra.on("GET /version", Script::json(200, body));
    EXPECT_FALSE(detected(hydra).versionIsKnown) << body;
  }
}

TEST(Detection, EndsWhereTheSecondQuestionIsNotAnswered) {
  Script hydra;
  hydra.on(kV1Probe, Script::fails(TransportError::Kind::kTimeout));
  EXPECT_EQ(refused(hydra).kind, Kind::kUnreachable);
  hydra.on(kV1Probe, Script::json(503, "{}"));
  EXPECT_EQ(refused(hydra).kind, Kind::kBusy);
  hydra.on(kV1Probe, Script::json(500, R"({"error":"error","error_description":"of its own"})"));
  EXPECT_EQ(refused(hydra).kind, Kind::kServerFault);
  hydra.on(kV1Probe, Script::page(500, "<title>Oops</title>"));
  EXPECT_EQ(refused(hydra).kind, Kind::kServerFault);
}

}  // namespace
}  // namespace hydra_clients::hydra
