#include <gmock/gmock.h>

#include "manifest/rules/rule.h"
#include "manifest/schema.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Manifest& onlyManifest(const ManifestSet& set) {
  EXPECT_THAT(formatted(set.allFaults()), IsEmpty());
  return *set.manifests.at(0);
}

ReadingOptions forImport() {
  ReadingOptions options;
  options.forImport = true;
  return options;
}

TEST(ClientText, BecomesAManifestWithItsPlace) {
  const ManifestSet set = readOne("\n  {\"scope\": \"openid\",\n   \"client_id\": \"shop\"}");
  const Manifest& manifest = onlyManifest(set);
  EXPECT_EQ(manifest.id, "shop");
  EXPECT_EQ(manifest.from, (Location{"a.json", 2, 3, ""}));
  EXPECT_EQ(manifest.idLine, 3u);
  EXPECT_EQ(manifest.idColumn, 17u);
  EXPECT_EQ(set.files, 1u);
}

TEST(ClientText, KeepsHydrasFieldsOnlyForTheRequest) {
  const ManifestSet set =
      readOne(R"({"$schema": "s", "$comment": ["c"], "client_id": "shop", "client_secret": "secret",
      "scope": "openid", "metadata": {"n": 1.50, "b": 18446744073709551617}})");
  EXPECT_EQ(onlyManifest(set).fields, R"({"scope":"openid","metadata":{"n":1.50,"b":18446744073709551617}})");
}

TEST(ClientText, NamesWhatDiffersInALiveClient) {
  ReadingOptions options;
  options.hydra = {2, 3, 0};
  const ManifestSet set = readOne(clientWith(R"(, "owner": "a", "contacts": ["b|c"])"), options);
  const auto difference = [&](std::string_view live, const HydraVersion& version) {
    return onlyManifest(set).differingFrom(json::parse(live).value(), version);
  };
  EXPECT_THAT(difference(R"({"scope":"openid","owner":"a","contacts":["b|c"]})", {2, 3, 0}), IsEmpty());
  EXPECT_THAT(difference(R"({"scope":"x","owner":"b","contacts":["b|c"]})", {2, 3, 0}),
              ElementsAre("owner", "scope"));
  EXPECT_THAT(difference(R"({"scope":"openid","owner":"a","contacts":["b","c"]})", {1, 9, 2}), IsEmpty())
      << "as far as that Hydra keeps it";
}

TEST(ClientText, StandsInAnArrayBesideOthers) {
  const ManifestSet set = readOne("[" + client("b") + ",\n " + client("a") + ", 5]");
  ASSERT_THAT(set.manifests, SizeIs(2));
  EXPECT_EQ(set.manifests[0]->id, "a");
  EXPECT_EQ(set.manifests[0]->from, (Location{"a.json", 2, 2, "/1"}));
  ASSERT_THAT(set.invalid, SizeIs(1));
  EXPECT_THAT(formatted(set.allFaults()),
              ElementsAre("a.json:2:41: error: a client is a JSON object, not a number (/2) [not-a-client]"));
}

TEST(ClientText, KeepsItsOrderForImport) {
  const ManifestSet set = readOne("[" + client("b") + "," + client("a") + "]", forImport());
  ASSERT_THAT(set.manifests, SizeIs(2));
  EXPECT_EQ(set.manifests[0]->id, "b");
}

TEST(ClientText, MayBeAnEmptyArray) {
  const ManifestSet set = readOne("[]");
  EXPECT_TRUE(set.faultless());
  EXPECT_THAT(set.manifests, IsEmpty());
}

TEST(ClientText, HasEachFaultAtItsPlace) {
  const ManifestSet set = readOne(
      "[\n  {\"client_id\": \"a\", \"scope\": \"x\",\n   \"redirect_uris\": [\"https://a.example\", 5],\n"
      "   \"täg\": 1, \"subject_type\": \"private\"}\n]");
  EXPECT_THAT(
      formatted(set.allFaults()),
      ElementsAre("a.json:3:43: error: must be a string, not a number; put it into double quotes "
                  "(/0/redirect_uris/1) [wrong-type]",
                  "a.json:4:4: error: Hydra knows no field \"täg\" (/0/täg) [unknown-field]",
                  "a.json:4:30: error: must be \"public\" or \"pairwise\" (/0/subject_type) [not-allowed]"));
  ASSERT_THAT(set.invalid, SizeIs(1));
  EXPECT_EQ(set.invalid[0].id, "a");
  EXPECT_EQ(set.invalid[0].from, (Location{"a.json", 2, 3, "/0"}));
}

TEST(ClientText, NeedsAnIdExceptForImport) {
  for (const std::string_view text :
       {R"({"scope": "a"})", R"({"scope": "a", "client_id": ""})", R"({"scope": "a", "client_id": null})"}) {
    EXPECT_THAT(rulesOf(readOne(text)), ElementsAre("client-id-missing")) << text;
    EXPECT_EQ(onlyManifest(readOne(text, forImport())).id, "") << text;
  }
}

TEST(ClientText, IsNoWrapperAroundClients) {
  for (const std::string_view text :
       {R"({"clients": [{"client_id": "a"}]})", R"({"$comment": "x", "apps": []})",
        R"({"client_config": {"client_id": "a"}})"}) {
    EXPECT_THAT(rulesOf(readOne(text)), ElementsAre("wrapper-object")) << text;
    EXPECT_THAT(rulesOf(readOne(text, forImport())), ElementsAre("wrapper-object")) << text;
  }
  EXPECT_THAT(rulesOf(readOne(R"({"redirect_uris": [{}]})")), ::testing::Not(Contains("wrapper-object")));
  EXPECT_THAT(rulesOf(readOne(R"({"metadata": {}})")), ::testing::Not(Contains("wrapper-object")));
}

TEST(ClientText, MayNotHoldWhatOnlyHydraSets) {
  const std::string more =
      R"(, "created_at": "2024-01-01T00:00:00Z", "registration_access_token": "t0p-5ecret")";
  EXPECT_THAT(rulesBrokenBy(more), ElementsAre("read-only-field", "read-only-field"));
  const ManifestSet imported = readOne(clientWith(more), forImport());
  ASSERT_THAT(imported.manifests, SizeIs(1));
  EXPECT_EQ(imported.manifests[0]->fields, R"({"scope":"openid"})");
  ASSERT_THAT(imported.warnings, SizeIs(2));
  EXPECT_EQ(imported.warnings[0].severity, Severity::kWarning);
  EXPECT_THAT(imported.warnings[0].message, HasSubstr("created_at"));
  EXPECT_EQ(format(imported.warnings[1]).find("t0p-5ecret"), std::string::npos);
}

TEST(ClientText, IsCheckedAgainstASchemaOfTheUsersOwnToo) {
  ReadingOptions options;
  options.extraSchema = std::make_shared<const Schema>(Schema::compile(R"({"required": ["owner"]})").value());
  const ManifestSet set = readOne(client("a"), options);
  EXPECT_THAT(formatted(set.allFaults()), ElementsAre("a.json:1:1: error: the member \"owner\" is missing; "
                                                      "asked by the schema of --schema [required-field]"));
}

template <typename Source>
const Source& secretOf(const ManifestSet& set) {
  return std::get<Source>(onlyManifest(set).secret);
}

TEST(ClientSecretSource, IsTheStatedOne) {
  const ManifestSet set = readOne(clientWith(R"(, "client_secret": "s3cr3t!")"));
  EXPECT_EQ(secretOf<StatedSecret>(set).secret->reveal(Purpose::kPostBody), "s3cr3t!");
}

TEST(ClientSecretSource, IsGeneratedForAConfidentialClientWithoutOne) {
  for (const std::string_view more : {"", R"(, "client_secret": "")", R"(, "client_secret": null)",
                                      R"(, "token_endpoint_auth_method": "client_secret_post")",
                                      R"(, "token_endpoint_auth_method": null, "metadata": {})"}) {
    (void)secretOf<GeneratedSecret>(readOne(clientWith(more)));
  }
}

TEST(ClientSecretSource, IsNoneForClientsThatNeverUseOne) {
  (void)secretOf<NoSecret>(readOne(clientWith(R"(, "token_endpoint_auth_method": "none")")));
  (void)secretOf<NoSecret>(readOne(
      clientWith(R"(, "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/k")")));
}

TEST(ClientSecretSource, IsAReferenceToAFileAVariableOrAMessage) {
  const auto reference = [](std::string_view member) {
    return secretOf<SecretReference>(
        readOne(clientWith(", \"client_secret_from\": {" + std::string(member) + "}")));
  };
  EXPECT_EQ(reference(R"("file": "a/b")").kind, SecretReference::Kind::kFile);
  EXPECT_EQ(reference(R"("file": "a/b")").value, "a/b");
  EXPECT_EQ(reference(R"("env": "HYDRA_CLIENTS_SECRET_A")").kind, SecretReference::Kind::kEnvironment);
  EXPECT_EQ(reference(R"("pgp": "-----BEGIN")").kind, SecretReference::Kind::kPgp);
}

TEST(ClientSecretSource, CannotBeGeneratedWhereTheStampHasNoPlace) {
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": "text")"), ElementsAre("metadata-cannot-be-stamped"));
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": [])"), ElementsAre("metadata-cannot-be-stamped"));
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": {"hydra_clients": "mine"})"),
              ElementsAre("metadata-cannot-be-stamped"));
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": "text", "client_secret": "stated-one")"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": "text", "client_secret_from": {"file": "a"})"), IsEmpty());
  EXPECT_FALSE(onlyManifest(readOne(clientWith(R"(, "metadata": "text", "client_secret": "stated-one")")))
                   .canBeStamped);
}

TEST(ClientText, NeverShowsASecretInAFault) {
  const std::string secret = "5ecret";
  for (const std::string_view form :
       {R"("client_secret": "$", "client_secret_from": {"file": "x"})", R"("client_secret": ["$"])",
        R"("client_secret": "$", "client_secret": "$")", R"("Client_Secret": "$")", R"("secret": "$")",
        R"("client_secret": {"$": "$"})", R"("client_secret_from": "$")",
        R"("client_secret_from": {"file": ["$"]})", R"("client_secret": "$", "unknown": 1)",
        R"("client_secret": "$" "broken")", R"("client_secret": $)", R"("client_secret": "$)",
        R"("client_secret": "$\q")", R"("registration_access_token": "$")"}) {
    std::string more = ", " + std::string(form);
    for (std::size_t at = more.find('$'); at != std::string::npos; at = more.find('$'))
      more.replace(at, 1, secret);
    const std::vector<std::string> lines = formatted(readOne(clientWith(more)).allFaults());
    EXPECT_THAT(lines, ::testing::Not(IsEmpty())) << form;
    if (form.find("{\"$\"") != std::string_view::npos) continue;  // a member's name is no secret
    for (const std::string& line : lines) EXPECT_EQ(line.find(secret), std::string::npos) << line;
  }
}

TEST(ClientText, EndsItsListOfFaultsSomewhere) {
  std::string more;
  for (int i = 0; i < 3000; ++i) more += ", \"unknown" + std::to_string(i) + "\": 1";
  const std::vector<Fault> faults = readOne(clientWith(more)).allFaults();
  EXPECT_EQ(faults.size(), 1001u);
  EXPECT_THAT(faults[0].rule, "too-many-faults");  // it stands at the client's beginning
}

TEST(ClientText, UsesNoRuleThatTheCatalogueDoesNotKnow) {
  for (const std::string_view text :
       {"", "[1]", "{", R"({"clients":[]})", R"({"id":1,"scope":5,"created_at":1})"}) {
    for (const std::string& rule : rulesOf(readOne(text))) EXPECT_NE(findRule(rule), nullptr) << rule;
  }
}

}  // namespace
}  // namespace hydra_clients::manifest
