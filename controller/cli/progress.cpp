#include "cli/progress.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/flags.h"

namespace hydra_clients::cli {
namespace {

using Form = ProgressOptions::Form;

constexpr std::string_view kBegin = "\r";
constexpr std::string_view kEraseToEnd = "\x1b[K";

bool canClearLines() {
  const char* const term = std::getenv("TERM");
  return term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

std::size_t columnsOfStandardError() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return columnsFrom(known ? size.ws_col : 0, std::getenv("COLUMNS"));
}

}  // namespace

std::size_t columnsFrom(std::size_t terminal, const char* variable) {
  constexpr std::size_t kUsual = 80;
  const std::string_view text = variable == nullptr ? "" : variable;
  std::size_t wanted = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), wanted);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) wanted = 0;
  if (terminal == 0) return wanted == 0 ? kUsual : wanted;
  return wanted == 0 ? terminal : std::min(terminal, wanted);
}

ProgressOptions progressOnStandardError(bool quiet) {
  ProgressOptions options;
  options.columns = columnsOfStandardError;
  if (!quiet) options.form = isatty(STDERR_FILENO) != 0 && canClearLines() ? Form::kBar : Form::kLines;
  return options;
}

void addQuietFlag(CLI::App& command, bool& quiet) {
  addFlag(command, "quiet", quiet, "show no progress; warnings and errors are still told");
}

ProgressDisplay::ProgressDisplay(StreamWriter err, ProgressOptions options)
    : err_(std::move(err)),
      options_(std::move(options)),
      bar_(options_.form == Form::kBar),
      due_(options_.now() + (bar_ ? kBarAfter : kLineEvery)) {}

ProgressDisplay::~ProgressDisplay() { clear(); }

void ProgressDisplay::show(const reconcile::Progress& progress) {
  if (options_.form == Form::kNone) return;
  const auto now = options_.now();
  if (std::exchange(stage_, progress.stage) != progress.stage) rate_ = {};
  rate_.note(progress.done, now);
  if (now >= due_ && err_.ready()) draw(progress, now);
}

void ProgressDisplay::draw(const reconcile::Progress& progress, reconcile::SteadyTime now) {
  if (!bar_) {
    err_.write("hydra-clients: " + progressSentence(progress, rate_.pace()) + "\n");
    due_ = now + kLineEvery;
    return;
  }
  // Many terminals begin a new line as soon as the last column is written.
  const std::size_t width = std::max<std::size_t>(options_.columns(), 1) - 1;
  std::string text(kBegin);
  text += progressBar(progress, rate_.pace(), width);
  text += kEraseToEnd;
  err_.write(text);
  visible_ = true;
  due_ = now + kBarEvery;
}

void ProgressDisplay::clear() {
  if (!std::exchange(visible_, false)) return;
  err_.write(std::string(kBegin) + std::string(kEraseToEnd));
  due_ = {};  // what was shown once comes back at once
}

}  // namespace hydra_clients::cli
