#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hydra/admin_api.h"
#include "scripted_transport.h"

namespace hydra_clients::hydra {
namespace {

using testing::HasSubstr;
using testing::Not;
using Kind = AdminError::Kind;
using Script = test::ScriptedTransport;

/// An AdminApi that takes its Hydra for a v2.3, or for a v1.9.
struct Fixture {
  explicit Fixture(bool v1 = false) {
    if (v1) {
      hydra.on("GET /clients?limit=1", Script::json(200, "[]", counted()));
      hydra.on("GET /version", Script::json(200, R"({"version":"v1.9.2"})"));
    } else {
      hydra.on("GET /admin/clients?page_size=1", Script::json(200, "[]", counted()));
    }
    EXPECT_TRUE(api.detect());
  }
  static ResponseHeaders counted() {
    ResponseHeaders headers;
    headers.totalCount = 0;
    return headers;
  }
  tl::expected<ClientId, AdminError> create(const ClientId& id = "", const std::string& secret = "") {
    return api.create({std::make_shared<const Secret>(std::string("{}")), id,
                       std::make_shared<const Secret>(std::string(secret))});
  }

  Script hydra;
  AdminApi api{hydra};
};

TEST(Find, ReturnsTheClientWithoutItsSecrets) {
  Fixture on;
  on.hydra.on(
      "GET /admin/clients/a%20b",
      Script::json(
          200, R"({"client_id":"a b","registration_access_token":"tok","client_secret":"s","owner":"me"})"));
  const auto found = on.api.find("a b");
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ(json::write((*found)->value().value()), R"({"client_id":"a b","owner":"me"})");
}

TEST(Find, KnowsEachVersionsWayToSayMissing) {
  Fixture v2;
  v2.hydra.on("GET /admin/clients/a",
              Script::json(404, R"({"error":"Unable to locate the resource","error_description":""})"));
  ASSERT_TRUE(v2.api.find("a"));
  EXPECT_FALSE(*v2.api.find("a"));

  Fixture v1(true);
  v1.hydra.on(
      "GET /clients/a",
      Script::json(401,
                   R"({"error":"The request could not be authorized","error_description":"The requested )"
                   R"(OAuth 2.0 client does not exist or you did not provide the necessary credentials"})"));
  ASSERT_TRUE(v1.api.find("a"));
  EXPECT_FALSE(*v1.api.find("a"));
}

TEST(LookUp, GoesThroughTheListWhereNoUrlCanHoldTheId) {
  Fixture on;
  ResponseHeaders one;
  one.totalCount = 1;
  on.hydra.on("GET /admin/clients?page_size=1000", Script::json(200, R"([{"client_id":"a/b"}])", one));
  on.hydra.on("GET /admin/clients/c", Script::json(200, R"({"client_id":"c"})"));
  for (const char* id : {"a/b", "c"}) {
    const auto found = on.api.lookUp(id);
    ASSERT_TRUE(found && *found) << id;
    EXPECT_EQ((*found)->id(), id);
  }
  const auto missing = on.api.lookUp("d/e");
  ASSERT_TRUE(missing) << missing.error().message;
  EXPECT_FALSE(*missing);
}

TEST(Find, TakesNoOtherAnswerForMissing) {
  Fixture on;
  const std::vector<std::pair<Response, Kind>> kAnswers{
      {Script::json(404, R"({"error":{"code":404,"message":"Not Found"}})"), Kind::kNotHydra},
      {Script::page(404, "<html>404 page not found</html>"), Kind::kNotHydra},
      {Response{404, {}, "404 page not found\n"}, Kind::kNotHydra},
      {Script::json(401, R"({"error":"request_unauthorized","error_description":"token expired"})"),
       Kind::kUnauthorized},
      {Script::page(401, "<html>Login</html>"), Kind::kUnauthorized},
      {Script::json(200, ""), Kind::kMalformed},
      {Script::json(200, "{}"), Kind::kMalformed},
      {Script::json(200, "null"), Kind::kMalformed},
      {Script::json(200, R"({"client_id":"b"})"), Kind::kMalformed},
      {Script::json(200, R"({"client_id":"a")"), Kind::kMalformed},
      {Script::json(204, ""), Kind::kMalformed},
      {Script::json(301, ""), Kind::kNotHydra},
      {Script::json(500, R"({"error":"error","error_description":"The error is unrecognizable"})"),
       Kind::kServerFault},
  };
  for (const auto& [answer, kind] : kAnswers) {
    on.hydra.on("GET /admin/clients/a", answer);
    const auto found = on.api.find("a");
    ASSERT_FALSE(found) << answer.status << " " << answer.body;
    EXPECT_EQ(found.error().kind, kind) << answer.status << " " << answer.body;
    EXPECT_EQ(found.error().status, answer.status);
  }
}

TEST(Find, ReadsMetadataThatIsNoUtf8AndRepeatsItsNames) {
  Fixture on;
  on.hydra.on("GET /admin/clients/a",
              Script::json(200, "{\"client_id\":\"a\",\"metadata\":{\"x\":\"\xff\",\"y\":1,\"y\":2}}"));
  const auto found = on.api.find("a");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE((*found)->value()->find("metadata")->find("x"));
}

TEST(Create, ReturnsTheIdThatHydraGave) {
  Fixture on;
  on.hydra.on(
      "POST /admin/clients",
      Script::json(201,
                   R"({"client_id":"new","client_secret":"gen.secret","registration_access_token":"t"})"));
  const auto created = on.create();
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(*created, "new");
}

TEST(Create, NeedsNoMoreOfTheAnswerThanTheClientsId) {
  Fixture on;
  on.hydra.on("POST /admin/clients", Script::json(201, "{\"client_id\":\"new\",\"metadata\":nonsense}\n"));
  EXPECT_EQ(on.create(), "new");
}

TEST(Create, TakesNoAnswerThatIsCutWhereverThatIs) {
  const std::string answer = R"({"client_id":"new","metadata":{"a":["]}"]}})";
  for (std::size_t length = 0; length < answer.size(); ++length) {
    Fixture on;
    on.hydra.on("POST /admin/clients", Script::json(201, answer.substr(0, length)));
    const auto created = on.create();
    ASSERT_FALSE(created) << length;
    EXPECT_EQ(created.error().kind, Kind::kMalformed) << length;
  }
}

TEST(Create, DoesNotBelieveAnAnswerThatNamesAnotherClient) {
  Fixture on;
  on.hydra.on("POST /admin/clients", Script::json(201, R"({"client_id":"other"})"));
  const auto created = on.create("mine");
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().concernsEverybody());
  EXPECT_TRUE(created.error().mayHaveArrived);
  EXPECT_THAT(created.error().message, HasSubstr("client \"other\" when client \"mine\" was sent"));
}

TEST(Create, WithholdsTheSecretThatAnAnswerRepeatsAndKeepsTheRest) {
  Fixture on;
  on.hydra.on(
      "POST /admin/clients",
      Script::json(400, R"({"error":"x","error_description":"client client-secret-1 is not to be had"})"));
  const auto created = on.create("a", "client-secret-1");
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message, "client [withheld] is not to be had");
}

TEST(Create, WithholdsASecretThatWouldBeCutInTheMiddle) {
  Fixture on;
  const std::string long_(495, 'x');
  on.hydra.on("POST /admin/clients",
              Script::json(400, R"({"error":"x","error_description":")" + long_ + R"(top-secret-of-mine"})"));
  EXPECT_THAT(on.create("a", "top-secret-of-mine").error().message, Not(HasSubstr("top-")));
}

TEST(Create, SendsEachRequestOnce) {
  Fixture on;
  on.hydra.on("POST /admin/clients", Script::fails(TransportError::Kind::kClosed));
  const auto before = on.hydra.asked().size();
  const auto created = on.create();
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, Kind::kUnreachable);
  EXPECT_TRUE(created.error().mayHaveArrived);
  EXPECT_EQ(on.hydra.asked().size(), before + 1);
}

struct Refusal {
  Response answer;
  Kind kind;
  bool mayHaveArrived;
  const char* text;
};

TEST(Create, MapsEveryAnswerToWhatItMeans) {
  const std::string boilerplate =
      "The value of one of the Client Metadata fields is invalid and the server has rejected this request. "
      "Note that an "
      "Authorization Server MAY choose to substitute a valid value for any requested parameter of a Client's "
      "Metadata.";
  const auto invalid = [&](const std::string& hint) {
    return Script::json(
        400, R"({"error":"invalid_client_metadata","error_description":")" + boilerplate + hint + "\"}");
  };
  const std::vector<Refusal> kRefusals{
      {Script::json(
           409,
           R"({"error":"Unable to insert or update resource because a resource with that value exists already"})"),
       Kind::kExists, false, "exists already"},
      {invalid(" Field client_secret must contain a secret that is at least 6 characters long."),
       Kind::kRefused, false,
       "Field client_secret must contain a secret that is at least 6 characters long."},
      {invalid(""), Kind::kRefused, false, "sector_identifier_uri"},
      {Script::json(
           400,
           R"({"error":"invalid_redirect_uri","error_description":"The value of one or more redirect_uris is invalid. No # please."})"),
       Kind::kRefused, false, "redirect_uris is invalid. No # please."},
      {Script::json(
           400, R"({"error":"Unable to serialize access due to a concurrent update in another session"})"),
       Kind::kBusy, false, "busy"},
      {Script::json(
           400,
           R"({"error":"x","error_description":"It is no longer possible to set an OAuth2 Client ID as a user."})"),
       Kind::kRefused, false, "needs Hydra 2.2 or newer"},
      {Script::page(400, "<html>Bad</html>"), Kind::kNotHydra, false, "page"},
      {Script::json(401, "{}"), Kind::kUnauthorized, false, "--access-token-file"},
      {Script::json(403, "{}"), Kind::kUnauthorized, false, "403"},
      {Script::json(404, "{}"), Kind::kNotHydra, false, "path prefix"},
      {Script::page(405, "<html>"), Kind::kNotHydra, false, "405"},
      {Script::json(408, "{}"), Kind::kBusy, true, "408"},
      {Script::json(413, "{}"), Kind::kRefused, false, "too large"},
      {Script::json(429, "{}"), Kind::kBusy, false, "429"},
      {Script::json(500, R"({"error":"error","error_description":"The error is unrecognizable"})"),
       Kind::kServerFault, true, "Hydra's log"},
      {Script::page(500, "<html><title>Oops</title>"), Kind::kServerFault, true, "with a page: "},
      {Script::page(502, "<html>"), Kind::kBusy, true, "502"},
      {Script::json(503, "{}"), Kind::kBusy, true, "503"},
      {Script::json(504, "{}"), Kind::kBusy, true, "504"},
      {Script::json(201, "{\"client_id\":"), Kind::kMalformed, true, "cut or broken"},
      {Script::json(201, "{}"), Kind::kMalformed, true, "no client"},
      {Script::page(201, "<html>"), Kind::kNotHydra, true, "page"},
      {Script::page(200, "<html><title>Sign in</title>"), Kind::kNotHydra, true, "with a page instead"},
      {Script::json(307, ""), Kind::kNotHydra, false, "never followed"},
  };
  for (const Refusal& refusal : kRefusals) {
    Fixture on;
    on.hydra.on("POST /admin/clients", refusal.answer);
    const auto created = on.create();
    ASSERT_FALSE(created) << refusal.answer.status << " " << refusal.answer.body;
    EXPECT_EQ(created.error().kind, refusal.kind) << created.error().message;
    EXPECT_EQ(created.error().mayHaveArrived, refusal.mayHaveArrived) << created.error().message;
    EXPECT_THAT(created.error().message, HasSubstr(refusal.text));
    EXPECT_THAT(created.error().message, Not(HasSubstr("Authorization Server MAY")));
  }
}

TEST(Create, SaysThatA500OfAnOldHydraMayBeARefusal) {
  Fixture on(true);
  on.hydra.on("POST /clients",
              Script::json(500, R"({"error":"error","error_description":"The error is unrecognizable"})"));
  const auto created = on.create();
  EXPECT_EQ(created.error().kind, Kind::kServerFault);
  EXPECT_THAT(created.error().message, HasSubstr("cannot decode a client"));
}

TEST(Create, ShowsNoWordsButHydrasOwn) {
  Fixture on;
  ResponseHeaders elsewhere;
  elsewhere.location = "/words?x";
  elsewhere.contentType = "text/html";
  for (const int status : {200, 201, 302, 400, 401, 403, 404, 405, 408, 413, 429, 500, 502, 503}) {
    on.hydra.on("POST /admin/clients", Response{status, elsewhere, "<html><title>words</title>words"});
    EXPECT_THAT(on.create().error().message, Not(HasSubstr("words"))) << status;
    on.hydra.on("POST /admin/clients",
                Script::json(status, R"({"request":"words","error":{"message":"words"}})"));
    EXPECT_THAT(on.create().error().message, Not(HasSubstr("words"))) << status;
  }
}

TEST(Create, HandsOnRetryAfter) {
  Fixture on;
  ResponseHeaders headers;
  headers.retryAfter = "7";
  on.hydra.on("POST /admin/clients", Script::json(429, "{}", headers));
  EXPECT_EQ(on.create().error().retryAfter, std::chrono::seconds(7));
  on.hydra.on("POST /admin/clients", Script::json(429, "{}"));
  EXPECT_EQ(on.create().error().retryAfter, std::nullopt);
}

}  // namespace
}  // namespace hydra_clients::hydra
