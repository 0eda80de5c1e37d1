// simulate: runs worlds, one a seed, each in a process of its own. See README.md; tests/simulate/run calls
// it.

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "import_world.h"
#include "world.h"

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 1;
  bool tells = false;    // the whole history
  bool digests = false;  // a line a seed
  bool logs = false;     // what the replicas log
};

constexpr rlim_t kSecondsASeed = 60;       // of the processor: then it is stuck
constexpr std::uint64_t kImportEvery = 8;  // of the seeds are `import`s

int usage() {
  std::fputs("Usage: simulate [--first N] [--seeds N] [--history] [--log] [--digests]\n", stderr);
  return 64;
}

/// Its exit code: 0, or 1 where a rule was broken.
template <typename World>
int runWorld(World& world, std::uint64_t seed, const Arguments& arguments) {
  std::string stuck;
  try {
    world.run();
  } catch (const std::exception& error) {
    stuck = error.what();
  }
  const simulate::History& history = world.history();
  const bool failed = !stuck.empty() || !history.faults().empty();
  if (failed || arguments.tells) {
    for (const std::string& line : history.lines()) std::puts(line.c_str());
  }
  if (arguments.digests)
    std::printf("seed %llu: %zu lines, %016llx\n", static_cast<unsigned long long>(seed),
                history.lines().size(), static_cast<unsigned long long>(history.digest()));
  if (failed) {
    std::printf("FAILED seed %llu: %s\n", static_cast<unsigned long long>(seed),
                stuck.empty() ? history.faults().front().c_str() : stuck.c_str());
    std::printf("again: tests/simulate/run --seed %llu\n", static_cast<unsigned long long>(seed));
  }
  std::fflush(stdout);
  // Threads of a world that got stuck are not unwound.
  if (!stuck.empty()) _exit(1);
  return failed ? 1 : 0;
}

/// One seed, in this process.
int runOne(std::uint64_t seed, const std::string& folder, const Arguments& arguments) {
  const rlimit limit{kSecondsASeed, kSecondsASeed};
  (void)setrlimit(RLIMIT_CPU, &limit);
  if (!arguments.logs && std::freopen("/dev/null", "w", stderr) == nullptr) return 1;
  fs::create_directory(folder);
  if (seed % kImportEvery == 0) {
    simulate::ImportWorld world(seed);
    return runWorld(world, seed, arguments);
  }
  simulate::World world(seed, folder);
  return runWorld(world, seed, arguments);
}

/// In a child: what one seed leaves behind in the process does not change another's history.
bool runApart(std::uint64_t seed, const std::string& base, const Arguments& arguments) {
  const std::string folder = base + "/" + std::to_string(seed);
  std::fflush(stdout);  // or the child would say it again
  const pid_t child = fork();
  if (child == 0) _exit(runOne(seed, folder, arguments));
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) <= 1) return WEXITSTATUS(status) == 0;
  std::printf("FAILED seed %llu: its process ended with status %d\nagain: tests/simulate/run --seed %llu\n",
              static_cast<unsigned long long>(seed), status, static_cast<unsigned long long>(seed));
  return false;
}

bool parse(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--history") {
      arguments.tells = true;
    } else if (word == "--log") {
      arguments.logs = true;
    } else if (word == "--digests") {
      arguments.digests = true;
    } else if ((word == "--first" || word == "--seeds") && i + 1 < count) {
      (word == "--first" ? arguments.first : arguments.seeds) = std::strtoull(words[++i], nullptr, 10);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  if (!parse(count, words, arguments)) return usage();
  std::string base = (fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string()) +
                     "/hydra-clients-simulate-XXXXXX";
  if (mkdtemp(base.data()) == nullptr) {
    std::perror("simulate: no temporary folder");
    return 1;
  }
  std::uint64_t failed = 0;
  for (std::uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds; ++seed) {
    if (!runApart(seed, base, arguments)) ++failed;
  }
  fs::remove_all(base);
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(arguments.seeds - failed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
