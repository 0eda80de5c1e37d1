#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/git_flags.h"
#include "client/file_io.h"
#include "client/one_line.h"
#include "hydra/redaction.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAbout =
    "Fetch a Git repository's branch or tag into a folder, as run and plan do with --git-url\n\n"
    "For an init container, and to try out a URL and its credentials. What comes is made HEAD of "
    "repository.git in --state-dir, as a whole or not at all, and signatures are left to run and plan; "
    "standard output gets the commit's id. With https a login comes "
    "from a file, with ssh the key and the known hosts do; nothing of the user's own configuration of git "
    "and "
    "ssh is read. A proxy is taken from HTTPS_PROXY and NO_PROXY.";

constexpr const char* kExamples =
    "Examples:\n"
    "  hydra-clients fetch --git-url https://git.example.org/clients.git --state-dir state/ "
    "--git-credentials-file token\n"
    "  hydra-clients fetch --git-url git@git.example.org:clients.git --git-ref production --state-dir state/ "
    "\\\n"
    "    --git-ssh-key-file id_ed25519 --git-known-hosts known_hosts\n"
    "  git -C state/repository.git show --stat     # what was fetched\n"
    "\n"
    "Exit codes: 0 fetched, 1 it could not be, 64 a mistake on the command line.";

/// A fetch that is made to take memory without end fails, and does not take the machine's.
constexpr rlim_t kMostMemory = rlim_t{1} << 30;
/// Beyond the pack itself: its index.
constexpr rlim_t kIndexBytes = rlim_t{64} << 20;

struct Flags {
  GitFlags git;
  std::string stateDir;
};

/// Where `run` or `plan` has started this process, it is not to outlive them.
void endWithParent() {
  const char* const parent = std::getenv(manifest::kFetchParentVariable);
  if (parent == nullptr) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::to_string(::getppid()) != parent) ::_exit(kFailure);
}

void limitResources(std::size_t maxBytes) {
  const rlimit files{maxBytes + kIndexBytes, maxBytes + kIndexBytes};
  ::setrlimit(RLIMIT_FSIZE, &files);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which reserve more than there is
  constexpr rlimit kMemory{kMostMemory, kMostMemory};
  ::setrlimit(RLIMIT_DATA, &kMemory);
#endif
}

/// Ends the process when its time is up: the call into libgit2 that it waits in knows no limit.
class Deadline {
 public:
  Deadline(const GitFlags& flags, const std::atomic<manifest::FetchStage>& stage)
      : thread_([&flags, &stage, this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          never_.wait_for(lock, stop, flags.timeout(), [] { return false; });
          if (stop.stop_requested()) return;
          const std::string text = "hydra-clients: " + flags.origin().url + " was not fetched within " +
                                   durationText(flags.timeout()) +
                                   " (--git-timeout): " + std::string(manifest::cutOffAt(stage)) + '\n';
          (void)!writeAll(STDERR_FILENO, text);
          ::_exit(kFailure);
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread thread_;
};

/// The login in a proxy's URL, which need not be a good one; "" where there is none.
std::string_view loginOfProxy(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::size_t end = url.rfind('@');
  return url.substr(0, end == std::string_view::npos ? 0 : end);
}

void addProxyLogins(hydra::Redaction& redaction) {
  for (const char* const* variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::size_t equals = std::min(text.find('='), text.size());
    if (!manifest::isProxyVariable(text.substr(0, equals))) continue;
    const std::string_view login = loginOfProxy(text.substr(std::min(equals + 1, text.size())));
    for (const std::string_view secret : {login, login.substr(login.find(':') + 1)}) {
      redaction.add(secret);
      redaction.add(manifest::percentDecoded(secret));
    }
  }
}

/// What a server or a proxy says may repeat what it was sent, and libgit2 repeats a proxy's URL.
std::string withoutPassword(const std::string& text, const manifest::FetchOptions& options) {
  hydra::Redaction redaction;
  if (options.remote.login) redaction.add(options.remote.login->password.reveal(Purpose::kComparison));
  addProxyLogins(redaction);
  return redaction.of(text);
}

int fetch(const Flags& flags) {
  endWithParent();
  ::umask(S_IRWXG | S_IRWXO);
  flags.git.check();
  for (const std::string& warning : flags.git.warnings())
    std::cerr << "hydra-clients: warning: " << warning << "\n";
  limitResources(flags.git.maxBytes());
  std::atomic<manifest::FetchStage> stage{manifest::FetchStage::kBeginning};
  const Deadline deadline(flags.git, stage);
  manifest::FetchOptions options = flags.git.options(flags.stateDir);
  options.holdsState = std::getenv(manifest::kHoldsStateVariable) != nullptr;
  const auto commit = manifest::fetch(options, stage);
  if (!commit) throw Failure(onOneLine(withoutPassword(commit.error(), options)));
  std::cout << *commit << "\n";
  return kSuccess;
}

}  // namespace

void addFetchCommand(CLI::App& program, Outcome& outcome) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = program.add_subcommand("fetch", kAbout);
  command->footer(kExamples);
  flags->git.addTo(*command);
  command->get_option("--git-url")->required();
  addFlag(*command, "state-dir", flags->stateDir, "the folder to fetch into, made where it is missing")
      ->type_name("FOLDER")
      ->required();
  command->callback([flags, &outcome] { outcome.exitCode = fetch(*flags); });
}

}  // namespace hydra_clients::cli
