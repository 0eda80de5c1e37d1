#include "telemetry/log_line.h"

#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::telemetry {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// 2026-01-02T03:04:05.678Z
const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1767323045678)};

std::string line(LogFormat format, std::vector<LogField> fields,
                 std::string_view message = "client imported") {
  return formatLine(format, LogLevel::kInfo, kTime, message, fields);
}
/// The logfmt text of one value.
std::string logfmt(const std::string& value) {
  const std::string prefix = "ts=2026-01-02T03:04:05.678Z level=info msg=\"m\" k=";
  const std::string text = line(LogFormat::kLogfmt, {{"k", value}}, "m");
  EXPECT_TRUE(text.starts_with(prefix)) << text;
  return text.substr(prefix.size());
}
/// The JSON text of one value.
std::string json(const std::string& value) {
  const std::string prefix = R"({"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"m","k":)";
  const std::string text = line(LogFormat::kJson, {{"k", value}}, "m");
  EXPECT_TRUE(text.starts_with(prefix) && text.ends_with("}")) << text;
  return text.substr(prefix.size(), text.size() - prefix.size() - 1);
}

TEST(LogLine, IsLogfmtWithTimeLevelMessageAndFields) {
  EXPECT_EQ(line(LogFormat::kLogfmt, {{"client_id", "app"},
                                      {"path", "a b.json"},
                                      {"count", std::int64_t{-3}},
                                      {"took", 0.25},
                                      {"ok", true}}),
            "ts=2026-01-02T03:04:05.678Z level=info msg=\"client imported\" client_id=app path=\"a b.json\" "
            "count=-3 "
            "took=0.25 ok=true");
}

TEST(LogLine, IsJsonWithTypedFields) {
  EXPECT_EQ(line(LogFormat::kJson,
                 {{"client_id", "app"}, {"count", std::int64_t{-3}}, {"took", 0.25}, {"ok", false}}),
            R"({"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"client imported",)"
            R"("client_id":"app","count":-3,"took":0.25,"ok":false})");
}

TEST(LogLine, NamesEveryLevel) {
  const auto of = [](LogLevel level) { return formatLine(LogFormat::kLogfmt, level, kTime, "m", {}); };
  EXPECT_THAT(of(LogLevel::kDebug), HasSubstr("level=debug"));
  EXPECT_THAT(of(LogLevel::kWarning), HasSubstr("level=warning"));
  EXPECT_THAT(of(LogLevel::kError), HasSubstr("level=error"));
}

TEST(LogLine, QuotesWhatWouldBreakLogfmtApart) {
  EXPECT_EQ(logfmt("plain-1_2/3:4"), "plain-1_2/3:4");
  EXPECT_EQ(logfmt("two words"), "\"two words\"");
  EXPECT_EQ(logfmt("a=b"), "\"a=b\"");
  EXPECT_EQ(logfmt("say \"hi\""), R"("say \"hi\"")");
  EXPECT_EQ(logfmt("back\\slash"), R"("back\\slash")");
  EXPECT_EQ(logfmt("caf\xc3\xa9"), "caf\xc3\xa9");
}

TEST(LogLine, StaysOneLineThatATerminalDoesNotObey) {
  EXPECT_EQ(logfmt("a\nts=2026 level=error"), R"("a\nts=2026 level=error")");
  EXPECT_EQ(json("a\r\n\tb"), R"("a\r\n\tb")");
  EXPECT_EQ(json("\x1b[31mred"), R"("\u001b[31mred")");
  EXPECT_EQ(json(std::string("nul\0!", 5)), R"("nul\u0000!")");
  EXPECT_EQ(json("del\x7f"), R"("del\u007f")");
  EXPECT_EQ(json("c1\xc2\x9b"), R"("c1\u009b")");
  EXPECT_EQ(json("\xe2\x80\xae"
                 "desrever\xe2\x80\xa8"),
            R"("\u202edesrever\u2028")");
}

TEST(LogLine, ReplacesWhatIsNotUtf8) {
  const std::string replaced = "\"x\xEF\xBF\xBDy\"";
  EXPECT_EQ(json("x\xffy"), replaced);
  EXPECT_EQ(json("x\xc0\xaf"), "\"x\xEF\xBF\xBD\xEF\xBF\xBD\"") << "an overlong form";
  EXPECT_EQ(json("x\xed\xa0\x80").find('\xed'), std::string::npos) << "a surrogate";
  EXPECT_EQ(json("x\xe2\x82"), "\"x\xEF\xBF\xBD\xEF\xBF\xBD\"") << "cut off";
  EXPECT_EQ(json("x\xf4\x90\x80\x80").find('\xf4'), std::string::npos) << "above U+10FFFF";
  EXPECT_EQ(json("\xf0\x9f\x90\x99"), "\"\xf0\x9f\x90\x99\"");
}

TEST(LogLine, CutsALongValueAtAWholeCharacter) {
  const std::string text = json(std::string(kMaxLoggedBytes - 1, 'x') + "\xc3\xa9 and more");
  EXPECT_EQ(text, "\"" + std::string(kMaxLoggedBytes - 1, 'x') + "\xE2\x80\xA6\"");
  EXPECT_EQ(json(std::string(kMaxLoggedBytes, 'x')), "\"" + std::string(kMaxLoggedBytes, 'x') + "\"");
  EXPECT_LT(line(LogFormat::kJson, {}, std::string(1 << 20, 'm')).size(), kMaxLoggedBytes + 200);
}

TEST(LogLine, HasNoNanInJson) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(line(LogFormat::kJson, {{"n", nan}}), EndsWith("\"n\":null}"));
  EXPECT_THAT(line(LogFormat::kLogfmt, {{"n", nan}}), EndsWith(" n=nan"));
}

TEST(LogLine, LeavesOutAFieldWithoutText) {
  EXPECT_THAT(line(LogFormat::kLogfmt, {{"revision", ""}}), EndsWith("msg=\"client imported\""));
  EXPECT_THAT(line(LogFormat::kJson, {{"revision", ""}}), EndsWith("\"client imported\"}"));
}

}  // namespace
}  // namespace hydra_clients::telemetry
