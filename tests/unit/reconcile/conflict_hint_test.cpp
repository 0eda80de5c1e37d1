#include "reconcile/conflict_hint.h"

#include <gmock/gmock.h>

#include "connection_to.h"

namespace hydra_clients::reconcile {
namespace {

using testing::HasSubstr;
using testing::Not;

const hydra::Dialect kV1{hydra::Family::kV1, {1, 11, 10}, true};
const hydra::Dialect kV2{hydra::Family::kV2_2, {2, 3, 0}, true};

hydra::Curl curlTo(const std::string& endpoint) { return hydra::Curl(test::connectionTo(endpoint)); }

manifest::Manifest manifestOf(const ClientId& id, const manifest::Location& place, SecretSource secret = {}) {
  manifest::Manifest manifest;
  manifest.id = id;
  manifest.from = place;
  manifest.secret = std::move(secret);
  return manifest;
}

std::string update(const ClientId& id, const manifest::Location& place, const hydra::Dialect& dialect = kV2) {
  return updateCommand(manifestOf(id, place), {}, dialect, curlTo("http://h:4445/prefix"));
}

std::string setSecret(SecretSource secret, const manifest::Location& place = {"a.json", 1, 1, ""}) {
  return secretCommand(manifestOf("app", place, std::move(secret)), {}, kV2, curlTo("http://h"),
                       "/etc/secrets");
}

TEST(UpdateCommand, LaysTheManifestOverTheLiveClientWithoutWhatOnlyThisProgramReads) {
  EXPECT_EQ(
      update("app", {"a.json", 1, 1, ""}),
      "(body=$(curl --silent --show-error --fail http://h:4445/prefix/admin/clients/app | "
      R"(jq --slurpfile file a.json '(. | del(.jwks | select(. == {}))) + ($file[0] | del(."$schema", ."$comment", .client_secret_from))') && [ "$body" ] && printf %s "$body" | )"
      "curl --silent --show-error --request PUT --data-binary @- "
      "http://h:4445/prefix/admin/clients/app | jq --raw-output '.client_id // halt_error')");
}

TEST(UpdateCommand, PicksTheClientOutOfAnArray) {
  EXPECT_THAT(update("app", {"a.json", 9, 3, "/7"}),
              HasSubstr("'(. | del(.jwks | select(. == {}))) + ($file[0][7] | del("));
}

TEST(UpdateCommand, IsInTheDialectOfTheServer) {
  EXPECT_THAT(update("a b", {"a.json", 1, 1, ""}, kV1), HasSubstr("http://h:4445/prefix/clients/a%20b"));
}

TEST(UpdateCommand, QuotesWhateverAShellWouldRead) {
  EXPECT_THAT(update("app", {"my clients/$(x).json", 1, 1, ""}), HasSubstr("file 'my clients/$(x).json' "));
  EXPECT_THAT(update("app", {"-rf.json", 1, 1, ""}), HasSubstr("file ./-rf.json "));
  EXPECT_THAT(update("a'; rm -rf ~ #", {"a.json", 1, 1, ""}), Not(HasSubstr("rm -rf")));
}

TEST(UpdateCommand, ReadsTheFileOfACommitFromGit) {
  EXPECT_THAT(updateCommand(manifestOf("app", {"clients/a.json", 1, 1, "/7"}), {"/git/current", "0123abc"},
                            kV2, curlTo("http://h")),
              HasSubstr("{ curl --silent --show-error --fail http://h/admin/clients/app; "
                        "git -C /git/current show 0123abc:clients/a.json; } | jq --slurp '(.[0] | del(.jwks "
                        "| select(. == {}))) + "
                        R"(((.[1] // error("no manifest"))[7] | del()"));
}

TEST(SecretCommand, NeverHoldsTheSecret) {
  const std::string command =
      setSecret(StatedSecret{std::make_shared<const Secret>("the-stated-secret")}, {"a.json", 1, 1, "/2"});
  EXPECT_THAT(
      command,
      HasSubstr(
          "--slurpfile file a.json '(. | del(.jwks | select(. == {}))) + ($file[0][2] | {client_secret})'"));
  EXPECT_THAT(command, Not(HasSubstr("the-stated-secret")));
}

TEST(SecretCommand, ReadsTheSecretWhereTheManifestSaysThatItIs) {
  using Kind = SecretReference::Kind;
  EXPECT_THAT(setSecret(SecretReference{Kind::kFile, "team/app"}),
              HasSubstr("--rawfile secret /etc/secrets/team/app "));
  EXPECT_THAT(setSecret(SecretReference{Kind::kFile, "/run/app"}), HasSubstr("--rawfile secret /run/app "));
  EXPECT_THAT(
      setSecret(SecretReference{Kind::kEnvironment, "HYDRA_CLIENTS_SECRET_APP"}),
      HasSubstr(
          R"('(. | del(.jwks | select(. == {}))) + {client_secret: (env["HYDRA_CLIENTS_SECRET_APP"] // error("HYDRA_CLIENTS_SECRET_APP is not set"))}')"));
}

TEST(SecretCommand, IsEmptyWhereNobodyCanReadTheSecret) {
  EXPECT_EQ(setSecret(SecretReference{SecretReference::Kind::kPgp, "x"}), "");
  EXPECT_EQ(setSecret(SecretSource{}), "");
}

TEST(ConflictHint, ShowsHowToSeeWhatHydraHoldsAsAManifest) {
  EXPECT_THAT(
      conflictHint(manifestOf("a b", {"a.json", 3, 1, ""}), kV2, "http://h:4445/prefix"),
      HasSubstr("hydra-clients export --endpoint http://h:4445/prefix --client-id='a b' --to in-hydra "));
}

TEST(ConflictHint, ShowsOnlyTheManifestWhereTheIdHasNoUrl) {
  const manifest::Manifest manifest = manifestOf("team/a", {"a.json", 3, 1, ""});
  const std::string hint = conflictHint(manifest, kV2, "http://h");
  EXPECT_THAT(hint, HasSubstr("a.json:3:1"));
  EXPECT_THAT(hint, HasSubstr("cannot change a client of such an id"));
  EXPECT_EQ(updateCommand(manifest, {}, kV2, curlTo("http://h")), "");
}

}  // namespace
}  // namespace hydra_clients::reconcile
