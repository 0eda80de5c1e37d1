#include "telemetry/metrics.h"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hydra_clients::telemetry {
namespace {

/// A strict reader of the text format 0.0.4: every line must be a HELP, a TYPE or a sample of the family that
/// was declared last. Fails the test at the first line that is none.
class Exposition {
 public:
  explicit Exposition(const std::string& text) {
    EXPECT_TRUE(text.ends_with('\n'));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
  }
  /// The value of "name{a=\"b\"}"; NaN and a failure where there is no such series.
  [[nodiscard]] double operator[](const std::string& series) const {
    const auto found = samples.find(series);
    if (found == samples.end()) {
      ADD_FAILURE() << "no series " << series;
      return std::numeric_limits<double>::quiet_NaN();
    }
    return found->second;
  }
  std::map<std::string, double> samples;
  std::map<std::string, std::string> types;
  std::set<std::string> helps;

 private:
  void read(const std::string& line) {
    if (line.starts_with("# HELP ")) {
      family_ = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(helps.insert(family_).second) << line;
      EXPECT_GT(line.size(), family_.size() + 8) << "a help without words: " << line;
      return;
    }
    if (line.starts_with("# TYPE ")) {
      EXPECT_EQ(line.substr(7, line.find(' ', 7) - 7), family_) << line;
      EXPECT_TRUE(types.emplace(family_, line.substr(line.rfind(' ') + 1)).second) << line;
      return;
    }
    const auto space = line.rfind(' ');
    ASSERT_NE(space, std::string::npos) << line;
    const std::string series = line.substr(0, space);
    const std::string name = series.substr(0, series.find('{'));
    EXPECT_TRUE(name == family_ || (types[family_] == "histogram" && name.starts_with(family_ + "_")))
        << line;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << line;
    if (series.size() > name.size()) expectLabels(series.substr(name.size()), line);
    char* end = nullptr;
    const std::string value = line.substr(space + 1);
    const double number = std::strtod(value.c_str(), &end);
    EXPECT_EQ(*end, '\0') << line;
    EXPECT_TRUE(samples.emplace(series, number).second) << "twice: " << line;
  }

  /// `{name="value",…}` with the escapes that the format knows.
  static void expectLabels(const std::string& labels, const std::string& line) {
    ASSERT_TRUE(labels.front() == '{' && labels.back() == '}') << line;
    std::size_t i = 1;
    while (i < labels.size() - 1) {
      const auto equals = labels.find("=\"", i);
      ASSERT_NE(equals, std::string::npos) << line;
      i = equals + 2;
      while (i < labels.size() && labels[i] != '"') i += labels[i] == '\\' ? 2U : 1U;
      ASSERT_LT(i, labels.size()) << line;
      ++i;
      if (labels[i] == ',') ++i;
    }
  }
  std::string family_;
};

Exposition expositionOf(const Metrics& metrics) { return Exposition(metrics.exposition()); }

TEST(Metrics, ExposeExactlyWhatIsDeclared) {
  const Metrics metrics("1.2.3", "abc");
  const Exposition exposition = expositionOf(metrics);
  std::set<std::string> declared;
  for (const MetricDeclaration& metric : declaredMetrics()) {
    EXPECT_TRUE(declared.insert(std::string(metric.name)).second);
    EXPECT_EQ(exposition.types.at(std::string(metric.name)), metric.type);
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == "counter") << metric.name;
  }
  EXPECT_EQ(exposition.helps, declared);
}

TEST(Metrics, HaveEverySeriesFromTheStartAtZero) {
  const Metrics metrics("1.2.3", "abc");
  const Exposition exposition = expositionOf(metrics);
  std::size_t series = 0;
  for (const MetricDeclaration& metric : declaredMetrics()) {
    std::size_t combinations = 1;
    for (const MetricLabel& label : metric.labels)
      combinations *= std::max<std::size_t>(1, label.values.size());
    series += metric.type == "histogram" ? metric.buckets.size() + 3 : combinations;
  }
  EXPECT_EQ(exposition.samples.size(), series);
  for (const auto& [name, value] : exposition.samples) {
    if (name.starts_with("process_") || name.starts_with("hydra_clients_build_info")) continue;
    EXPECT_EQ(value, 0) << name;
  }
  EXPECT_EQ(exposition["hydra_clients_reconcile_total{result=\"degraded\"}"], 0);
  EXPECT_EQ(exposition["hydra_clients_clients{state=\"unmanaged\"}"], 0);
  EXPECT_EQ(exposition["hydra_clients_admin_requests_total{code=\"429\",method=\"POST\"}"], 0);
  EXPECT_EQ(exposition["hydra_clients_build_info{version=\"1.2.3\",commit=\"abc\"}"], 1);
}

TEST(Metrics, TellWhatTheLoopTold) {
  Metrics metrics("1.2.3", "abc");
  metrics.cycleFinished("success", 0.02);
  metrics.cycleFinished("failed", 700);
  metrics.setInSync(true);
  metrics.setClients("in_sync", 41);
  metrics.setClients("unmanaged", std::numeric_limits<double>::quiet_NaN());
  metrics.importFinished("imported");
  metrics.importFinished("imported");
  metrics.reimported();
  metrics.sourceReadFailed();
  metrics.setCommitRefused(true);
  metrics.setOutboxPending(3);
  metrics.setPgpKeyExpiry(1893456000);
  const Exposition exposition = expositionOf(metrics);
  EXPECT_EQ(exposition["hydra_clients_reconcile_total{result=\"success\"}"], 1);
  EXPECT_EQ(exposition["hydra_clients_reconcile_total{result=\"failed\"}"], 1);
  EXPECT_EQ(exposition["hydra_clients_reconcile_duration_seconds_bucket{le=\"0.025\"}"], 1);
  EXPECT_EQ(exposition["hydra_clients_reconcile_duration_seconds_bucket{le=\"600\"}"], 1);
  EXPECT_EQ(exposition["hydra_clients_reconcile_duration_seconds_bucket{le=\"+Inf\"}"], 2);
  EXPECT_EQ(exposition["hydra_clients_in_sync"], 1);
  EXPECT_EQ(exposition["hydra_clients_clients{state=\"in_sync\"}"], 41);
  EXPECT_TRUE(std::isnan(exposition["hydra_clients_clients{state=\"unmanaged\"}"]));
  EXPECT_EQ(exposition["hydra_clients_imports_total{result=\"imported\"}"], 2);
  EXPECT_EQ(exposition["hydra_clients_reimports_total"], 1);
  EXPECT_EQ(exposition["hydra_clients_source_read_errors_total"], 1);
  EXPECT_EQ(exposition["hydra_clients_source_commit_refused"], 1);
  EXPECT_EQ(exposition["hydra_clients_outbox_pending"], 3);
  EXPECT_EQ(exposition["hydra_clients_pgp_key_expiry_timestamp_seconds"], 1893456000);
}

TEST(Metrics, GiveTimesInSecondsAndTheLastSuccessItsOwn) {
  Metrics metrics("1.2.3", "abc");
  // Not std::time(): it reads a coarser clock, which can still be in the second before.
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  };
  constexpr double kRounding = 0.001;  // of the text, which has microseconds
  const double before = now() - kRounding;
  metrics.cycleFinished("failed", 1);
  Exposition exposition = expositionOf(metrics);
  EXPECT_EQ(exposition["hydra_clients_last_success_timestamp_seconds"], 0);
  EXPECT_GE(exposition["hydra_clients_last_reconcile_timestamp_seconds"], before);
  EXPECT_LE(exposition["hydra_clients_last_reconcile_timestamp_seconds"], now() + kRounding);
  metrics.cycleFinished("success", 1);
  exposition = expositionOf(metrics);
  EXPECT_GE(exposition["hydra_clients_last_success_timestamp_seconds"], before);
}

TEST(Metrics, CountEveryCodeOfHydraSomewhereAndNeverAddASeries) {
  Metrics metrics("1.2.3", "abc");
  const std::size_t before = expositionOf(metrics).samples.size();
  for (int code = 0; code < 1000; ++code) metrics.adminRequest(code % 2 == 0 ? "GET" : "POST", code, 0.01);
  const Exposition exposition = expositionOf(metrics);
  EXPECT_EQ(exposition.samples.size(), before);
  const auto count = [&](const char* method, const char* code) {
    return exposition["hydra_clients_admin_requests_total{code=\"" + std::string(code) + "\",method=\"" +
                      method + "\"}"];
  };
  EXPECT_EQ(count("POST", "409"), 1);
  EXPECT_EQ(count("GET", "404"), 1);
  EXPECT_EQ(count("GET", "1xx"), 50);
  EXPECT_EQ(count("GET", "error"), 250);
  double sum = 0;
  for (const auto& [name, value] : exposition.samples) {
    if (name.starts_with("hydra_clients_admin_requests_total")) sum += value;
  }
  EXPECT_EQ(sum, 1000);
  EXPECT_EQ(exposition["hydra_clients_admin_request_duration_seconds_count"], 1000);
}

TEST(Metrics, ShowOneRevisionAtATimeWhateverItsCharacters) {
  Metrics metrics("1.2.3", "abc");
  const auto revisions = [&] {
    std::vector<std::string> names;
    for (const auto& [name, value] : expositionOf(metrics).samples) {
      if (name.starts_with("hydra_clients_source_revision_info") && value == 1) names.push_back(name);
    }
    return names;
  };
  EXPECT_TRUE(revisions().empty());
  metrics.setRevision("1111");
  metrics.setRevision("2222");
  EXPECT_EQ(revisions(), std::vector<std::string>{"hydra_clients_source_revision_info{revision=\"2222\"}"});
  metrics.setRevision("a\"b\\c\nd");
  EXPECT_EQ(revisions(),
            std::vector<std::string>{"hydra_clients_source_revision_info{revision=\"a\\\"b\\\\c\\nd\"}"});
  metrics.setRevision("");
  EXPECT_TRUE(revisions().empty());
}

TEST(Metrics, KnowTheProcess) {
  const Metrics metrics("1.2.3", "abc");
  const Exposition exposition = expositionOf(metrics);
  const double now = static_cast<double>(std::time(nullptr));
  EXPECT_GT(exposition["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(exposition["process_virtual_memory_bytes"], exposition["process_resident_memory_bytes"]);
  EXPECT_GT(exposition["process_cpu_seconds_total"], 0);
  EXPECT_LT(exposition["process_cpu_seconds_total"], 1000);
  EXPECT_GT(exposition["process_start_time_seconds"], now - 3600);
  EXPECT_LE(exposition["process_start_time_seconds"], now + 2);
  EXPECT_GE(exposition["process_threads"], 1);
  EXPECT_GT(exposition["process_max_fds"], exposition["process_open_fds"]);
  const double open = exposition["process_open_fds"];
  const int another = dup(0);
  EXPECT_EQ(expositionOf(metrics)["process_open_fds"], open + 1);
  close(another);
}

TEST(Metrics, AreWholeWhileSeveralThreadsTellAndAsk) {
  Metrics metrics("1.2.3", "abc");
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        metrics.adminRequest("GET", 200, 0.001);
        metrics.setRevision(std::to_string(i));
        metrics.setClients("in_sync", i);
      }
    });
  }
  for (int i = 0; i < 20; ++i) Exposition{metrics.exposition()};
  threads.clear();
  EXPECT_EQ(expositionOf(metrics)["hydra_clients_admin_requests_total{code=\"200\",method=\"GET\"}"], 1500);
}

TEST(Metrics, PassPromtool) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "there is no promtool on the PATH: tests/prometheus/get prints where one is";
  }
  Metrics metrics("1.2.3", "abc");
  metrics.setRevision("1111");
  std::string file = "/tmp/hc-exposition-XXXXXX";
  const int descriptor = mkstemp(file.data());
  std::ofstream(file) << metrics.exposition();
  close(descriptor);
  EXPECT_EQ(std::system(("promtool check metrics < " + file + " >&2").c_str()), 0);
  unlink(file.c_str());
}

}  // namespace
}  // namespace hydra_clients::telemetry
