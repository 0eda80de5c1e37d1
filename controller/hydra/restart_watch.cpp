#include "hydra/restart_watch.h"

#include <array>
#include <cstdlib>
#include <utility>

#include <poll.h>

#include "hydra/retry.h"

namespace hydra_clients::hydra {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr int kHttpOk = 200;

/// A connection over TLS shows from its second request on.
constexpr int kRequestsToHold = 2;

/// Whether a process surely started before a moment of our clock. Its clock is taken for ours where its Date,
/// in whole seconds, agrees.
bool startedBefore(const std::string& started, const std::string& date, system_clock::time_point moment) {
  constexpr double kRounded =
      1;  // seconds: Go adds it up from the machine's start, which is told in whole ones
  const auto secondsOf = [](system_clock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
  };
  const auto told = parseHttpDate(date);
  if (!told) return false;
  const double ahead = secondsOf(system_clock::now()) - static_cast<double>(*told);
  const bool sameClock = ahead > -1 && ahead < 2;
  return sameClock && std::strtod(started.c_str(), nullptr) + kRounded < secondsOf(moment);
}

}  // namespace

std::optional<std::string> processStartTime(std::string_view metrics) {
  constexpr std::string_view kSample = "\nprocess_start_time_seconds ";
  const std::size_t found = metrics.find(kSample);
  if (found == std::string_view::npos) return std::nullopt;
  const std::string_view rest = metrics.substr(found + kSample.size());
  return std::string(rest.substr(0, rest.find_first_of(" \r\n")));
}

RestartWatch::RestartWatch(std::unique_ptr<Transport> transport, std::function<void()> onRestart)
    : RestartWatch(std::move(transport), std::move(onRestart), Pace{}) {}

RestartWatch::RestartWatch(std::unique_ptr<Transport> transport, std::function<void()> onRestart,
                           const Pace& pace)
    : transport_(std::move(transport)),
      onRestart_(std::move(onRestart)),
      pace_(pace),
      thread_([this] { run(stop_.get_token()); }) {}

RestartWatch::~RestartWatch() {
  stop_.request_stop();
  transport_->cancelAll();
}

void RestartWatch::reached(const Dialect& dialect, system_clock::time_point began) {
  const std::scoped_lock lock(mutex_);
  reached_ = {std::string(dialect.metricsPath()), began};
  changed_.notify_all();
}

void RestartWatch::run(const std::stop_token& stop) {
  for (;;) {
    const auto reached = waitUntilReached(stop);
    if (!reached || !holdUntilRestart(*reached, stop)) return;
    {
      const std::scoped_lock lock(mutex_);
      reached_.reset();
    }
    onRestart_();
  }
}

std::optional<RestartWatch::Reached> RestartWatch::waitUntilReached(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return reached_.has_value(); });
  return stop.stop_requested() ? std::nullopt : reached_;
}

bool RestartWatch::holdUntilRestart(const Reached& reached, const std::stop_token& stop) {
  std::optional<system_clock::time_point> began = reached.began;  // until the first answer
  bool held = false;
  bool ended = false;
  bool keepsConnections = true;
  while (!stop.stop_requested()) {
    const Look seen = look(reached.target, began);
    if (seen == Look::kRestarted) return true;
    const bool away = seen == Look::kNoAnswer;
    // Whom a cycle has just reached, and this has not yet, need not be away for want of these metrics.
    const bool tells = away ? held || mayReportAnEnd() : ended && known_.empty() && mayReportAnEnd();
    if (tells) return !stop.stop_requested();
    held = !away;
    const FileDescriptor connection =
        held && keepsConnections ? transport_->keptConnection() : FileDescriptor();
    const auto since = steady_clock::now();
    const Wait wait = waitForEnd(connection, held ? pace_.keepAlive : pace_.again);
    if (wait == Wait::kStopped) return false;
    ended = away || wait == Wait::kEnded;
    if (held) keepsConnections = !ended || steady_clock::now() - since >= pace_.shortest;
  }
  return false;
}

RestartWatch::Look RestartWatch::look(const std::string& target,
                                      std::optional<system_clock::time_point>& began) {
  for (int i = 0; i < kRequestsToHold; ++i) {
    const auto answer = transport_->send({Method::kGet, target, nullptr});
    if (!answer) return Look::kNoAnswer;
    if (showsRestart(*answer, std::exchange(began, std::nullopt))) return Look::kRestarted;
  }
  return Look::kSame;
}

bool RestartWatch::showsRestart(const Response& answer, std::optional<system_clock::time_point> began) {
  const auto started = answer.status == kHttpOk ? processStartTime(answer.body) : std::nullopt;
  if (!started || *started == known_) return false;
  known_ = *started;
  return !began || !startedBefore(*started, answer.headers.date, *began);
}

RestartWatch::Wait RestartWatch::waitForEnd(const FileDescriptor& connection,
                                            std::chrono::milliseconds longest) const {
  // POLLRDHUP alone: over TLS a session ticket may lie there unread, and means nothing.
  std::array<pollfd, 2> files{{{wakeUp_.fd(), POLLIN, 0}, {connection.get(), POLLRDHUP, 0}}};
  const int ready = ::poll(files.data(), files.size(), static_cast<int>(longest.count()));
  if (stop_.stop_requested()) return Wait::kStopped;
  return ready > 0 && files[1].revents != 0 ? Wait::kEnded : Wait::kQuiet;
}

bool RestartWatch::mayReportAnEnd() {
  const auto now = steady_clock::now();
  if (lastEnd_ && now - *lastEnd_ < pace_.apart) return false;
  lastEnd_ = now;
  return true;
}

}  // namespace hydra_clients::hydra
