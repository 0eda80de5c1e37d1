#include "cli/import_output.h"

#include <array>
#include <csignal>
#include <memory>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

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

ImportResult withSecret(Kind kind) {
  ImportResult result = imported("a");
  result.kind = kind;
  result.generated = std::make_shared<const Secret>(std::string("s3cret"));
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

class ImportOutputTest : public testing::Test {
 protected:
  ImportOutput make(std::vector<std::string> paths, bool json = false) {
    return ImportOutput(std::move(paths), json, out_, err_);
  }

  StreamWriter out_{STDOUT_FILENO, {}};
  StreamWriter err_{STDERR_FILENO, {}};
};

TEST_F(ImportOutputTest, TellsEachImportedClientInALine) {
  ImportOutput output = make({"a.json", "b.json"});
  const Said said = capture([&] {
    output.tell(0, imported("a"));
    output.tell(1, imported("b"));
  });
  EXPECT_EQ(said.out,
            "Imported OAuth 2.0 Client a from: a.json\n"
            "Imported OAuth 2.0 Client b from: b.json\n");
  EXPECT_TRUE(output.good());
}

TEST_F(ImportOutputTest, PrintsAGeneratedSecretBehindTheId) {
  ImportOutput output = make({"a.json"});
  EXPECT_EQ(capture([&] { output.tell(0, withSecret(Kind::kImported)); }).out,
            "Imported OAuth 2.0 Client a:s3cret from: a.json\n");
}

TEST_F(ImportOutputTest, NoIdAndNoPathCanForgeALine) {
  ImportOutput output = make({"a\n.json", "b\n.json"});
  const std::string id = "a\x1b[2J\nImported OAuth 2.0 Client b:secret from: b.json";
  const Said said = capture([&] {
    output.tell(0, imported(id));
    ImportResult failed = imported(id);
    failed.kind = Kind::kRefused;
    output.tell(1, failed);
  });
  EXPECT_EQ(said.out,
            "Imported OAuth 2.0 Client a\\x1b[2J\\x0aImported OAuth 2.0 Client b:secret from: b.json "
            "from: a\\x0a.json\n");
  EXPECT_EQ(said.err,
            "b\\x0a.json: client a\\x1b[2J\\x0aImported OAuth 2.0 Client b:secret from: b.json: failed\n");
}

TEST_F(ImportOutputTest, PrintsASealedSecretAsBase64AndNeverInTheClear) {
  ImportOutput output = make({"a.json"});
  ImportResult result = withSecret(Kind::kImported);
  result.sealed = "-----BEGIN PGP MESSAGE-----";
  EXPECT_EQ(capture([&] { output.tell(0, result); }).out,
            "Imported OAuth 2.0 Client a from: a.json\n"
            "OAuth 2.0 Encrypted Client Secret: " +
                secrets::base64(result.sealed) + "\n\n");
}

TEST_F(ImportOutputTest, NamesTheFileOfEachFailureOnStandardError) {
  ImportOutput output = make({"a.json", "b.json"});
  ImportResult refused;
  refused.kind = Kind::kRefused;
  refused.id = "b";
  refused.message = "Hydra said no";
  const Said said = capture([&] {
    output.tell(0, imported("a"));
    output.tell(1, refused);
  });
  EXPECT_THAT(said.err, HasSubstr("b.json: client b: Hydra said no"));
  EXPECT_THAT(said.out, Not(HasSubstr("b.json")));
  EXPECT_FALSE(output.good());
}

TEST_F(ImportOutputTest, SumsUpWhereNotAllOfManyWereImported) {
  ImportOutput output = make({"a.json", "b.json", "c.json"});
  ImportResult exists;
  exists.kind = Kind::kExists;
  ImportResult refused;
  refused.kind = Kind::kRefused;
  const Said said = capture([&] {
    output.tell(0, imported("a"));
    output.tell(1, exists);
    output.tell(2, refused);
    output.finish(std::nullopt);
  });
  EXPECT_THAT(
      said.err,
      HasSubstr("hydra-clients: 1 of 3 clients were imported, 1 failed, 1 exist already (`run --once`"));
}

TEST_F(ImportOutputTest, ASecretThatMayBeInForceIsPrintedAsUnconfirmed) {
  ImportOutput output = make({"a.json"});
  const Said said = capture([&] { output.tell(0, withSecret(Kind::kUnknown)); });
  EXPECT_EQ(said.out, "Unconfirmed OAuth 2.0 Client a:s3cret from: a.json\n");
  EXPECT_THAT(said.err, HasSubstr("a.json: client a: "));
  EXPECT_FALSE(output.good());
}

TEST_F(ImportOutputTest, WhereStandardOutputIsFullTheLinesGoToStandardErrorAndItSaysToStop) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  for (const bool json : {false, true}) {
    StreamWriter out(full, {});
    ImportOutput output({"a.json", "b.json"}, json, out, err_);
    bool goOn = true;
    const Said said = capture([&] {
      goOn = output.tell(0, withSecret(Kind::kImported));
      output.tell(1, imported("b"));
      output.finish(std::nullopt);
    });
    EXPECT_FALSE(goOn);
    EXPECT_FALSE(output.good());
    EXPECT_THAT(said.err, HasSubstr("No space left on device"));
    EXPECT_THAT(said.err, HasSubstr("Imported OAuth 2.0 Client a:s3cret from: a.json\n"
                                    "Imported OAuth 2.0 Client b from: b.json\n"));
  }
  close(full);
}

TEST_F(ImportOutputTest, AsJsonIsOneDocumentWithAVersion) {
  ImportOutput output = make({"a.json", "b.json"}, /*json=*/true);
  ImportResult refused;
  refused.message = "no";
  const Said said = capture([&] {
    output.tell(0, imported("a"));
    output.tell(1, refused);
    output.finish(std::nullopt);
  });
  const auto document = json::parse(said.out);
  ASSERT_TRUE(document) << said.out;
  EXPECT_EQ(json::at(*document, "/version")->text, "1");
  EXPECT_EQ(json::at(*document, "/clients/0/outcome")->text, "imported");
  EXPECT_EQ(json::at(*document, "/clients/1/error")->text, "no");
  EXPECT_EQ(json::at(*document, "/clients/1/reason")->text, "not_tried");
  EXPECT_EQ(json::at(*document, "/result")->text, "failed");
}

TEST_F(ImportOutputTest, AsJsonEachClientIsWrittenAsSoonAsItIsTold) {
  ImportOutput output = make({"a.json", "b.json"}, /*json=*/true);
  EXPECT_THAT(capture([&] { output.tell(0, withSecret(Kind::kImported)); }).out, HasSubstr("s3cret"));
}

TEST_F(ImportOutputTest, AsJsonOfNothingIsADocumentToo) {
  ImportOutput output = make({}, /*json=*/true);
  const Said said = capture([&] { output.finish("nobody is served"); });
  const auto document = json::parse(said.out);
  ASSERT_TRUE(document) << said.out;
  EXPECT_EQ(json::at(*document, "/error")->text, "nobody is served");
  EXPECT_EQ(json::at(*document, "/result")->text, "failed");
}

TEST_F(ImportOutputTest, ARefusalIsToldInFullInBothForms) {
  ImportOutput output = make({}, /*json=*/true);
  const std::vector<manifest::Fault> faults = {{.rule = "unknown-field",
                                                .severity = manifest::Severity::kError,
                                                .where = {"a.json", 2, 3, "/scopes"},
                                                .message = "no such field",
                                                .hint = ""}};
  const Said said = capture([&] { output.refuse("every file must be right first", faults); });
  const auto document = json::parse(said.out);
  ASSERT_TRUE(document) << said.out;
  EXPECT_EQ(json::at(*document, "/result")->text, "failed");
  EXPECT_EQ(json::at(*document, "/error")->text, "every file must be right first");
  EXPECT_EQ(json::at(*document, "/faults/0/rule")->text, "unknown-field");
  EXPECT_EQ(json::at(*document, "/faults/0/line")->text, "2");
  EXPECT_THAT(said.err, HasSubstr("a.json:2:3: error: no such field"));
  EXPECT_THAT(said.err, HasSubstr("nothing was sent"));
  EXPECT_FALSE(output.good());
}

TEST(StreamWriter, GivesUpOnAReaderThatDoesNotReadOnceItIsToldToStop) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  std::stop_source stop;
  StreamWriter writer(ends[1], stop.get_token());
  stop.request_stop();
  const std::string more(1 << 20, 'x');  // than a pipe holds
  EXPECT_FALSE(writer.write(more));
  EXPECT_THAT(writer.fault(), HasSubstr("nobody reads"));
  close(ends[0]);
  close(ends[1]);
}

TEST(StreamWriter, NamesTheFaultOfAClosedPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  close(ends[0]);
  std::signal(SIGPIPE, SIG_IGN);
  StreamWriter writer(ends[1], {});
  EXPECT_FALSE(writer.write("x"));
  EXPECT_THAT(writer.fault(), HasSubstr("pipe"));
  close(ends[1]);
}

}  // namespace
}  // namespace hydra_clients::cli
