#pragma once

// Notices a Hydra that went away or was restarted, however soon it is back (design §2, "Hydra coming back").

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "client/wake_up.h"
#include "hydra/dialect.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// Holds one connection on which nothing moves, and looks at its end. A connection also ends for other
/// reasons (a proxy's idle time): the start time of Hydra's process, in its own metrics, tells them apart.
/// Nobody is asked while Hydra is away: whoever reaches it again says so by reached(). Thread-safe; its one
/// thread ends with it.
class RestartWatch {
 public:
  struct Pace {
    /// The held connection is used that often, so that nobody on the way takes it for dead.
    std::chrono::milliseconds keepAlive{std::chrono::seconds(20)};
    /// A connection that ends sooner than this is not kept by the other side at all.
    std::chrono::milliseconds shortest{std::chrono::seconds(1)};
    /// Where nothing tells a restart from something else, no two are reported closer together: from an idle
    /// connection's end, or from a proxy that lets nobody at the metrics.
    std::chrono::milliseconds apart{std::chrono::seconds(30)};
    /// Metrics that nobody answered for, which was not reported, are asked for again so soon.
    std::chrono::milliseconds again{std::chrono::seconds(1)};
  };

  /// `transport` is its alone, of one connection. `onRestart` is called on its thread: Hydra went away, or is
  /// another process than before.
  RestartWatch(std::unique_ptr<Transport> transport, std::function<void()> onRestart);
  RestartWatch(std::unique_ptr<Transport> transport, std::function<void()> onRestart, const Pace& pace);
  ~RestartWatch();
  RestartWatch(const RestartWatch&) = delete;
  RestartWatch& operator=(const RestartWatch&) = delete;

  /// Hydra has answered as it should, for a cycle that began at `began`. A process that may have started
  /// since then is told of as restarted: the cycle may have been about the one before.
  void reached(const Dialect& dialect, std::chrono::system_clock::time_point began);

 private:
  /// What the metrics tell.
  enum class Look { kSame, kRestarted, kNoAnswer };
  /// How a wait for a connection's end ended.
  enum class Wait { kQuiet, kEnded, kStopped };

  struct Reached {
    std::string target;  ///< of Hydra's metrics
    std::chrono::system_clock::time_point began;
  };

  void run(const std::stop_token& stop);
  /// Waits for reached(); nullopt where it is to stop.
  std::optional<Reached> waitUntilReached(const std::stop_token& stop);
  /// true: Hydra went away or was restarted. false: told to stop.
  bool holdUntilRestart(const Reached& reached, const std::stop_token& stop);
  /// Asks for the metrics, so often that the connection is held. `began` is used up by the first answer.
  Look look(const std::string& target, std::optional<std::chrono::system_clock::time_point>& began);
  /// Whether an answer shows another process than the known one, which it then is. `began`: it is no news
  /// where it started before that.
  bool showsRestart(const Response& answer, std::optional<std::chrono::system_clock::time_point> began);
  /// Waits until the connection ends, `longest` has passed, or it is told to stop.
  [[nodiscard]] Wait waitForEnd(const FileDescriptor& connection, std::chrono::milliseconds longest) const;
  bool mayReportAnEnd();

  const std::unique_ptr<Transport> transport_;
  const std::function<void()> onRestart_;
  const Pace pace_;
  std::stop_source stop_;
  const WakeUp wakeUp_{stop_.get_token()};  ///< made once: later there may be no descriptor for it

  std::mutex mutex_;  ///< guards what follows
  std::condition_variable_any changed_;
  std::optional<Reached> reached_;  ///< nullopt: not since the last restart

  // used by the thread alone
  std::string known_;  ///< start time of the process that the last cycle was about; "" where nobody told
  std::optional<std::chrono::steady_clock::time_point> lastEnd_;  ///< that was reported without knowing more
  std::jthread thread_;
};

/// The value of process_start_time_seconds in Prometheus' text format, as it is written there.
[[nodiscard]] std::optional<std::string> processStartTime(std::string_view metrics);

}  // namespace hydra_clients::hydra
