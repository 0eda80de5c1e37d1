#include "cli/import_output.h"

#include <gmock/gmock.h>

#include "client/json.h"
#include "secrets/pgp.h"

namespace hydra_clients::cli {
namespace {

using reconcile::ImportResult;
using Kind = ImportResult::Kind;
using testing::HasSubstr;
using testing::Not;

ImportResult imported(const std::string& id) {
  ImportResult result;
  result.kind = Kind::kImported;
  result.id = id;
  return result;
}

struct Said {
  std::string out;
  std::string err;
};

template <typename Action>
Said capture(Action action) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  action();
  return {testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(ImportOutput, KeepsTheOrderOfTheFilesHoweverTheRequestsRan) {
  ImportOutput output({"a.json", "b.json", "c.json"}, /*json=*/false);
  const Said said = capture([&] {
    output.add(2, imported("c"));
    output.add(1, imported("b"));
    output.add(0, imported("a"));
  });
  EXPECT_EQ(said.out,
            "Imported OAuth 2.0 Client a from: a.json\n"
            "Imported OAuth 2.0 Client b from: b.json\n"
            "Imported OAuth 2.0 Client c from: c.json\n");
  EXPECT_TRUE(output.good());
}

TEST(ImportOutput, PrintsAGeneratedSecretBehindTheId) {
  ImportOutput output({"a.json"}, /*json=*/false);
  ImportResult result = imported("a");
  result.generated = std::make_shared<const Secret>(std::string("s3cret"));
  EXPECT_EQ(capture([&] { output.add(0, result); }).out, "Imported OAuth 2.0 Client a:s3cret from: a.json\n");
}

TEST(ImportOutput, PrintsASealedSecretAsBase64AndNeverInTheClear) {
  ImportOutput output({"a.json"}, /*json=*/false);
  ImportResult result = imported("a");
  result.generated = std::make_shared<const Secret>(std::string("s3cret"));
  result.sealed = "-----BEGIN PGP MESSAGE-----";
  EXPECT_EQ(capture([&] { output.add(0, result); }).out,
            "Imported OAuth 2.0 Client a from: a.json\n"
            "OAuth 2.0 Encrypted Client Secret: " +
                secrets::base64(result.sealed) + "\n\n");
}

TEST(ImportOutput, NamesTheFileOfEachFailureOnStandardError) {
  ImportOutput output({"a.json", "b.json"}, /*json=*/false);
  ImportResult refused;
  refused.kind = Kind::kRefused;
  refused.id = "b";
  refused.message = "Hydra said no";
  const Said said = capture([&] {
    output.add(1, refused);
    output.add(0, imported("a"));
  });
  EXPECT_THAT(said.err, HasSubstr("b.json: client b: Hydra said no"));
  EXPECT_THAT(said.out, Not(HasSubstr("b.json")));
  EXPECT_FALSE(output.good());
}

TEST(ImportOutput, AsJsonIsOneDocumentWithAVersion) {
  ImportOutput output({"a.json"}, /*json=*/true);
  const Said said = capture([&] {
    output.add(0, imported("a"));
    output.finish({imported("a")}, std::nullopt);
  });
  const auto document = json::parse(said.out);
  ASSERT_TRUE(document);
  EXPECT_EQ(json::at(*document, "/version")->text, "1");
  EXPECT_EQ(json::at(*document, "/clients/0/outcome")->text, "imported");
}

}  // namespace
}  // namespace hydra_clients::cli
