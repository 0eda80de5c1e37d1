#include "manifest/sources/fetch/fetch_process.h"

#include <algorithm>
#include <csignal>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "client/child_process.h"
#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::string_view kPrefix = "hydra-clients: ";
constexpr std::string_view kWarning = "warning: ";

/// Proxies, as libgit2 reads them; what the loader and sanitizers read.
bool isPassedOn(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return isProxyVariable(name) || name.starts_with("LD_") || name.ends_with("SAN_OPTIONS");
}

std::vector<std::string> environmentOfChild(bool holdsState) {
  std::vector<std::string> variables{std::string(kFetchParentVariable) + '=' + std::to_string(::getpid())};
  if (holdsState) variables.emplace_back(std::string(kHoldsStateVariable) + "=1");
  for (const char* const* variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (isPassedOn(*variable)) variables.emplace_back(*variable);
  }
  return variables;
}

/// The error that the command wrote to its standard error; "" where it wrote none.
std::string errorIn(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(kPrefix)) continue;
    line.remove_prefix(kPrefix.size());
    if (!line.starts_with(kWarning)) return std::string(line);
  }
  return "";
}

std::string howItEnded(const ChildEnd& end) {
  switch (end.kind) {
    case ChildEnd::Kind::kTimedOut:
      return "the fetch did not end in time, and was ended";
    case ChildEnd::Kind::kStopped:
      return "the fetch was stopped";
    case ChildEnd::Kind::kUnknown:
      return "the process that fetched has ended, and nobody says how";
    case ChildEnd::Kind::kKilled:
      return "the process that fetched was killed by signal " + std::to_string(end.code) +
             (end.code == SIGKILL ? " (where memory is short, the system does that)" : "");
    case ChildEnd::Kind::kExited:
      return "the process that fetched ended with exit code " + std::to_string(end.code) +
             " and said nothing";
  }
  return "";
}

}  // namespace

bool isProxyVariable(std::string_view name) { return name.ends_with("_proxy") || name.ends_with("_PROXY"); }

tl::expected<std::string, std::string> runFetch(const FetchCommand& command, const std::stop_token& stop) {
  ChildProcess child{"/proc/self/exe",
                     {"hydra-clients", "fetch"},
                     environmentOfChild(command.holdsState),
                     command.limit + kFetchSlack};
  child.words.insert(child.words.end(), command.flags.begin(), command.flags.end());
  const auto end = runToEnd(child, stop);
  if (!end) return tl::unexpected(end.error());
  const bool exited = end->kind == ChildEnd::Kind::kExited;
  std::string commit = end->out.substr(0, end->out.find('\n'));
  if (exited && end->code == 0 && isCommitId(commit)) return commit;
  std::string error = exited ? errorIn(end->err) : "";
  return tl::unexpected(error.empty() ? howItEnded(*end) : std::move(error));
}

}  // namespace hydra_clients::manifest
