#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>

#include "manifest/schema.h"
#include "manifest/sources/folder_source.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> linesOf(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The sample files of a folder of tests/data.
std::vector<fs::path> samples(std::string_view folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "tests/data" / folder)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

/// To look at what a change of words does to all samples: set HYDRA_CLIENTS_WRITE_EXPECTED, run, and read the
/// diff.
void writeExpected(const fs::path& path, const ManifestSet& set) {
  if (std::getenv("HYDRA_CLIENTS_WRITE_EXPECTED") == nullptr) return;
  std::ofstream file(path);
  for (const std::string& line : formatted(set.allFaults())) file << line << '\n';
}

TEST(BadSamples, HaveTheFaultsThatStandBesideThem) {
  ASSERT_GT(samples("bad").size(), 10u);
  for (const fs::path& path : samples("bad")) {
    const std::string text = readWholeFile(path.string(), 1 << 20).value();
    const ManifestSet set = readText(path.filename().string(), text, {});
    const fs::path expected = fs::path(path).replace_extension(".expected");
    writeExpected(expected, set);
    EXPECT_EQ(formatted(set.allFaults()), linesOf(expected)) << path;
    EXPECT_FALSE(set.faultless()) << path;
  }
}

TEST(GoodSamples, HaveNoFault) {
  ASSERT_GT(samples("good").size(), 3u);
  for (const fs::path& path : samples("good")) {
    const ManifestSet set =
        readText(path.filename().string(), readWholeFile(path.string(), 1 << 20).value(), {});
    EXPECT_THAT(formatted(set.allFaults()), IsEmpty()) << path;
    EXPECT_THAT(set.manifests, ::testing::Not(IsEmpty())) << path;
  }
}

TEST(Samples, AreJudgedTheSameWhereOnlyTheVerdictIsWanted) {
  ReadingOptions verdictOnly;
  verdictOnly.verdictOnly = true;
  for (const std::string_view folder : {"bad", "good"}) {
    for (const fs::path& path : samples(folder)) {
      const std::string text = readWholeFile(path.string(), 1 << 20).value();
      const ManifestSet set = readText("a.json", text, verdictOnly);
      const ManifestSet whole = readText("a.json", text, {});
      EXPECT_EQ(formatted(set.allFaults()), formatted(whole.allFaults())) << path;
      ASSERT_EQ(set.manifests.size(), whole.manifests.size()) << path;
      for (std::size_t i = 0; i < set.manifests.size(); ++i) {
        EXPECT_EQ(set.manifests[i]->id, whole.manifests[i]->id);
        EXPECT_TRUE(set.manifests[i]->fields.empty());
      }
    }
  }
}

TEST(BadText, IsNothingAtAll) {
  EXPECT_THAT(rulesOf(readOne("")), ElementsAre("file-empty"));
  EXPECT_THAT(rulesOf(readOne(" \r\n\t")), ElementsAre("file-empty"));
}

TEST(BadText, IsNotText) {
  EXPECT_THAT(rulesOf(readOne(std::string_view("\x7f"
                                               "ELF\x02\0\0\0",
                                               8))),
              ElementsAre("json-nul"));
  EXPECT_THAT(rulesOf(readOne("\x1f\x8b\x08\xff")), ElementsAre("json-encoding"));
  EXPECT_THAT(rulesOf(readOne(std::string_view("{\0\"\0", 4))), ElementsAre("json-nul"));
  EXPECT_THAT(rulesOf(readOne(std::string_view("\xff\xfe{\0}\0", 6))), ElementsAre("json-encoding"));
  EXPECT_THAT(rulesOf(readOne("\xef\xbb\xbf{}")), ElementsAre("json-encoding"));
  EXPECT_THAT(rulesOf(readOne("{\"client_id\": \"\xe4\"}")), ElementsAre("json-encoding"));
}

TEST(BadText, IsNestedTenThousandDeep) {
  const auto nested = [](std::size_t depth) {
    return clientWith(", \"metadata\": " + std::string(depth, '[') + std::string(depth, ']') +
                      ", \"client_secret\": \"sixsix\"");
  };
  EXPECT_THAT(rulesOf(readOne(nested(10'000))), ElementsAre("json-nesting"));
  EXPECT_THAT(rulesOf(readOne(nested(31))), IsEmpty());
  EXPECT_THAT(rulesOf(readOne(nested(32))), ElementsAre("json-nesting"));
  EXPECT_THAT(rulesOf(readOne(std::string(10'000, '[') + std::string(10'000, ']'))),
              ::testing::Contains("json-nesting"));
  EXPECT_THAT(rulesOf(readOne(std::string(1'000'000, '['))), ::testing::Contains("json-syntax"));
}

TEST(BadText, IsTooLarge) {
  ReadingOptions options;
  options.limits.elementBytes = 1000;
  options.limits.stringBytes = 100;
  const std::string large = clientWith(", \"metadata\": [" + std::string(1000, ' ') + "]");
  EXPECT_THAT(rulesOf(readOne(large, options)), ElementsAre("client-size"));
  const std::string longString = clientWith(", \"owner\": \"" + std::string(101, 'x') + "\"");
  EXPECT_THAT(rulesOf(readOne(longString, options)), ElementsAre("json-string-length"));
  options.fileBytes = 10;
  EXPECT_THAT(rulesOf(readOne(longString, options)), ElementsAre("file-size"));
}

TEST(BadText, HoldsMoreClientsThanAllowed) {
  ReadingOptions options;
  options.manifests = 2;
  const ManifestSet set = readOne("[" + client("a") + "," + client("b") + "," + client("c") + "]", options);
  EXPECT_THAT(rulesOf(set), ElementsAre("too-many-manifests"));
  EXPECT_THAT(set.manifests, IsEmpty());
}

TEST(BadText, SpoilsTheElementsThatStandBeforeItsSyntaxFault) {
  const ManifestSet set = readOne("[" + client("a") + ",\n" + client("b") + ",\n{\"client_id\": \"c\",}]");
  EXPECT_THAT(set.manifests, IsEmpty());
  ASSERT_THAT(set.invalid, SizeIs(2));  // so that they count as invalid, not as gone
  EXPECT_EQ(set.invalid[0].id, "a");
  EXPECT_THAT(rulesOf(set), ElementsAre("json-syntax"));  // and is said once
  EXPECT_EQ(set.allFaults()[0].where.line, 3u);
}

TEST(BadText, LeavesTheSiblingsOfABadElementAlone) {
  const ManifestSet set = readOne(
      "[" + client("a") + R"(, {"scope": "x", "client_id": "b", "client_id": "c"}, )" + client("d") + "]");
  ASSERT_THAT(set.manifests, SizeIs(2));
  EXPECT_EQ(set.manifests[1]->id, "d");
  EXPECT_THAT(rulesOf(set), ElementsAre("json-duplicate-key"));
}

TEST(BadText, HoldsANameTwiceInAnotherCase) {
  EXPECT_THAT(rulesBrokenBy(R"(, "SCOPE": "x")"),
              ::testing::UnorderedElementsAre("json-duplicate-key", "unknown-field"));
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": {"a": 1, "A": 2})"), IsEmpty());
  EXPECT_THAT(rulesBrokenBy(R"(, "metadata": {"a": 1, "a": 2})"), ElementsAre("json-duplicate-key"));
}

TEST(BrokenFile, SpoilsEveryElementOfItWithOrWithoutAnId) {
  ReadingOptions options;
  options.forImport = true;
  const ManifestSet set =
      readOne(R"([{"scope": "openid"}, {"client_id": 7}, {"client_id": "a", "scope": "x"}, )", options);
  EXPECT_TRUE(set.manifests.empty());
  ASSERT_EQ(set.invalid.size(), 3U);
  EXPECT_EQ(set.invalid[0].id, std::nullopt);
  EXPECT_EQ(set.invalid[2].id, "a");
}

TEST(UserSchemaOfAFile, SaysThatItIsTheOneThatAsks) {
  ReadingOptions options;
  options.extraSchema = std::make_shared<const Schema>(
      Schema::compile(R"({"properties": {"client_name": {"type": "boolean"}, "owner": {"type": "string"}}})")
          .value());
  const auto faults = formatted(readOne(clientWith(R"(, "client_name": "Shop")"), options).allFaults());
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_THAT(faults[0],
              testing::HasSubstr("write true or false without quotes; asked by the schema of --schema"));
}

}  // namespace
}  // namespace hydra_clients::manifest
