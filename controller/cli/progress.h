#pragma once

// How far a command is, on standard error: a bar on a terminal, a line every few seconds elsewhere.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include <CLI/CLI.hpp>

#include "cli/progress_text.h"
#include "cli/standard_streams.h"
#include "reconcile/progress.h"
#include "reconcile/steady_time.h"

namespace hydra_clients::cli {

struct ProgressOptions {
  enum class Form { kNone, kBar, kLines };
  Form form = Form::kNone;
  std::function<std::size_t()> columns = {};  ///< of the terminal; asked for each bar, since it may change
  std::function<reconcile::SteadyTime()> now = std::chrono::steady_clock::now;
};

/// What suits standard error as it is: lines where it is no terminal, or one that cannot clear a line (TERM
/// is "dumb" or not set); nothing where `quiet`. The bar has no colours, so NO_COLOR changes nothing.
[[nodiscard]] ProgressOptions progressOnStandardError(bool quiet);

/// Declares `--quiet`.
void addQuietFlag(CLI::App& command, bool& quiet);

/// Shows progress. Work that ends sooner than kBarAfter (bar) or kLineEvery (lines) shows nothing. Whoever
/// writes to the same terminal calls clear() first: then no line is ever mixed with the bar. Used by one
/// thread; nothing is drawn between two calls.
///
///     ProgressDisplay progress(StreamWriter(STDERR_FILENO, stop), progressOnStandardError(quiet));
///     for (…) progress.show({Stage::kImporting, done, total});
///     progress.clear();
///     std::cout << result;
class ProgressDisplay {
 public:
  ProgressDisplay(StreamWriter err, ProgressOptions options);
  /// Clears.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// To be called as often as there is something to tell. A stream that takes nothing for the moment delays
  /// nobody: the bar or line is left out.
  void show(const reconcile::Progress& progress);
  /// Leaves the line empty, as if there had been no bar; the next show() draws it again.
  void clear();

  static constexpr std::chrono::milliseconds kBarAfter{500};
  static constexpr std::chrono::milliseconds kBarEvery{100};
  static constexpr std::chrono::milliseconds kLineEvery{5'000};

 private:
  void draw(const reconcile::Progress& progress, reconcile::SteadyTime now);

  StreamWriter err_;
  const ProgressOptions options_;
  const bool bar_;
  reconcile::SteadyTime due_;  ///< nothing is drawn before it
  bool visible_ = false;       ///< the bar
  std::optional<reconcile::Progress::Stage> stage_;
  RecentRate rate_;  ///< of the stage
};

/// The columns that a bar may take: what the terminal says it has (0: it does not say), and what the
/// environment's COLUMNS says (null or no number: nothing), the narrower of them; 80 where neither speaks.
[[nodiscard]] std::size_t columnsFrom(std::size_t terminal, const char* variable);

}  // namespace hydra_clients::cli
