#pragma once

// Standard input and output where a secret or a signal is at stake: every failure is seen, and a reader or a
// writer at the other end who does nothing keeps nobody from stopping.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace hydra_clients::cli {

/// Writes to a descriptor, unbuffered. Used by one thread.
class StreamWriter {
 public:
  /// `makeWay` is called before each text; may be empty.
  StreamWriter(int descriptor, std::stop_token stop, std::function<void()> makeWay = {})
      : descriptor_(descriptor), stop_(std::move(stop)), makeWay_(std::move(makeWay)) {}

  /// Writes all of it; waits for a slow reader. false: it could not be written, or `stop` was asked for and
  /// nobody read for kPatience. Once false, nothing more is tried; see fault().
  bool write(std::string_view text);

  /// Whether a short text can be written without waiting.
  [[nodiscard]] bool ready() const;

  [[nodiscard]] bool good() const { return fault_.empty(); }
  /// Why it cannot be written, in words; "" while it can.
  [[nodiscard]] const std::string& fault() const { return fault_; }

  static constexpr std::chrono::seconds kPatience{1};

 private:
  bool waitUntilWritable();

  int descriptor_;
  std::stop_token stop_;
  std::function<void()> makeWay_;
  std::optional<std::chrono::steady_clock::time_point> giveUp_;  ///< set once `stop` was seen
  std::string fault_;
};

/// All of standard input, at most `limit` bytes. The error is in words; `stop` ends the wait.
[[nodiscard]] tl::expected<std::string, std::string> readStandardInput(std::size_t limit,
                                                                       const std::stop_token& stop = {});

}  // namespace hydra_clients::cli
