#include "hydra/retry.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <random>
#include <string>

#include <time.h>

namespace hydra_clients::hydra {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool isNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::int64_t> parseHttpDate(std::string_view text) {
  struct tm parts {};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&parts);
}

Backoff::Backoff(const BackoffOptions& options) : options_(options), step_(options.first) {}

milliseconds Backoff::next(std::optional<milliseconds> retryAfter) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds step = std::min(step_, options_.longest);
  std::uniform_int_distribution<milliseconds::rep> within(step.count() / 2,
                                                          std::max<milliseconds::rep>(step.count(), 1));
  const milliseconds jittered{within(random)};

  const double grown = static_cast<double>(step.count()) * options_.factor;
  const double longest = static_cast<double>(options_.longest.count());
  step_ = milliseconds(static_cast<milliseconds::rep>(std::min(grown, longest)));
  // On top of what the server asked for, so that all who were told the same do not come back together.
  return retryAfter ? *retryAfter + std::min(jittered, options_.first) : jittered;
}

std::optional<std::chrono::steady_clock::time_point> Backoff::nextTry(
    std::chrono::steady_clock::time_point now, std::chrono::steady_clock::time_point deadline,
    std::optional<milliseconds> retryAfter) {
  if (now >= deadline || now + retryAfter.value_or(milliseconds(0)) > deadline) return std::nullopt;
  return std::min(now + next(retryAfter), deadline);
}

std::optional<milliseconds> parseRetryAfter(std::string_view retryAfter, std::string_view date,
                                            milliseconds longest) {
  retryAfter = trim(retryAfter);
  if (isNumber(retryAfter)) {
    std::int64_t value = 0;
    const auto result = std::from_chars(retryAfter.data(), retryAfter.data() + retryAfter.size(), value);
    const auto most = std::chrono::duration_cast<seconds>(longest);
    if (result.ec != std::errc() || value > most.count()) return longest;  // more than anybody waits
    return std::min<milliseconds>(seconds(value), longest);
  }
  const auto until = parseHttpDate(retryAfter);
  if (!until) return std::nullopt;
  const auto now = parseHttpDate(trim(date));
  const std::int64_t from = now ? *now : static_cast<std::int64_t>(time(nullptr));
  const std::int64_t wait = std::max<std::int64_t>(*until - from, 0);
  const auto most = std::chrono::duration_cast<seconds>(longest);
  return wait > most.count() ? longest : std::min<milliseconds>(seconds(wait), longest);
}

bool sleepUnlessStopped(milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace hydra_clients::hydra
