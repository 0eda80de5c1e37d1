#include "telemetry/process_metrics.h"

#include <array>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hydra_clients::telemetry {
namespace {

constexpr int kMaxFilesCounted = 1'000'000;

/// Seconds since 1970 at which the machine started, or NaN.
double readBootTime() {
  std::ifstream file("/proc/stat");
  constexpr int kMaxLines = 100'000;  // one for each processor comes before
  std::string line;
  for (int i = 0; i < kMaxLines && std::getline(file, line); ++i) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return ProcessFigures::kUnknown;
}

double countOpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return ProcessFigures::kUnknown;
  int count = -3;  // ".", ".." and the folder's own descriptor
  while (count < kMaxFilesCounted && readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

/// The fields of /proc/self/stat that follow the name, which may itself hold spaces and brackets: the first
/// is field 3 of proc(5).
struct StatFields {
  static constexpr std::size_t kFirst = 3;
  std::array<double, 22> values{};
  bool whole = false;
  [[nodiscard]] double operator[](std::size_t number) const { return values.at(number - kFirst); }
};

StatFields readStat() {
  StatFields fields;
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const auto end = text.rfind(')');
  if (end == std::string::npos) return fields;
  std::istringstream rest(text.substr(end + 1));
  char state = 0;
  rest >> state;
  for (std::size_t i = 1; i < fields.values.size(); ++i) rest >> fields.values.at(i);
  fields.whole = !rest.fail();
  return fields;
}

}  // namespace

ProcessFigures readProcessFigures() {
  ProcessFigures figures;
  if (const StatFields stat = readStat(); stat.whole) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    figures.threads = stat[20];
    figures.startTime = readBootTime() + stat[22] / ticks;
    figures.virtualBytes = stat[23];
    figures.residentBytes = stat[24] * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  timespec cpu{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
    constexpr double kNanosecondsInSecond = 1e9;
    figures.cpuSeconds =
        static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / kNanosecondsInSecond;
  }
  figures.openFiles = countOpenFiles();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    figures.maxFiles = limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                                       : static_cast<double>(limit.rlim_cur);
  }
  return figures;
}

}  // namespace hydra_clients::telemetry
