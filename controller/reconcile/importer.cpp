#include "reconcile/importer.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "client/json.h"
#include "client/post_body.h"

namespace hydra_clients::reconcile {
namespace {

using Kind = ImportResult::Kind;
using std::chrono::steady_clock;

ImportResult failure(Kind kind, const ClientId& id, std::string message) {
  ImportResult result;
  result.kind = kind;
  result.id = id;
  result.message = std::move(message);
  return result;
}

/// Whether our POST may have been carried out although we were not told so.
bool leavesDoubt(const hydra::AdminError& error) {
  using enum hydra::AdminError::Kind;
  if (!error.mayHaveArrived) return false;
  switch (error.kind) {
    case kUnreachable:
    case kServerFault:
    case kMalformed:
    case kNotHydra:
      return true;
    case kBusy:
      return error.status != 429 && error.status != 400;  // these are given before the commit
    default:
      return false;
  }
}

/// What stands before Hydra may repeat the request in its answer: words that hold the secret, or the
/// beginning of it where they were cut off, are not shown.
void withhold(hydra::AdminError& error, const Secret& secret) {
  constexpr std::size_t kTelling = 6;  // Hydra takes no shorter secret
  const std::string_view plain = secret.reveal(Purpose::kComparison).substr(0, kTelling);
  if (plain.empty()) return;
  std::string quoted = json::quote(plain);
  const std::string_view escaped = std::string_view(quoted).substr(1, quoted.size() - 2);
  const std::string_view message = error.message;
  if (message.find(plain) != std::string_view::npos || message.find(escaped) != std::string_view::npos) {
    error.message = "HTTP " + std::to_string(error.status) +
                    ", with words that repeat the client's secret and are not shown for that reason: does a "
                    "proxy in front of Hydra answer with the request?";
  }
  wipe(quoted);
}

}  // namespace

Importer::Importer(hydra::AdminApi& api, ImportOptions options) : api_(api), options_(std::move(options)) {}

std::vector<ImportResult> Importer::importAll(std::span<const manifest::ManifestPtr> manifests,
                                              const std::stop_token& stop, const ImportObserver& observer) {
  const Time now = steady_clock::now();
  results_.assign(manifests.size(), ImportResult{});
  unfinished_ = manifests.size();
  abandoned_ = false;
  fault_.reset();
  observer_ = observer;
  std::vector<Job> jobs(manifests.size());
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    jobs[i].index = i;
    jobs[i].manifest = manifests[i];
    jobs[i].id = manifests[i]->id;
    jobs[i].due = now;
    results_[i].id = manifests[i]->id;
  }
  queue_ = std::priority_queue<Job, std::vector<Job>, Later>(Later{}, std::move(jobs));
  {
    std::vector<std::jthread> workers;
    const std::size_t count =
        std::min({std::max<std::size_t>(options_.parallelism, 1), kMostParallel, manifests.size()});
    for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this, stop] { work(stop); });
  }
  queue_ = {};
  return std::exchange(results_, {});
}

void Importer::work(const std::stop_token& stop) {
  while (auto job = take(stop)) {
    std::optional<std::chrono::milliseconds> retryAfter;
    if (auto result = attempt(*job, retryAfter)) {
      finish(*job, std::move(*result));
    } else {
      putBack(std::move(*job), retryAfter);
    }
  }
}

/// The next job that is due; waits for one. nullopt: nothing is left to do.
std::optional<Importer::Job> Importer::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stop.stop_requested() || abandoned_ || unfinished_ == 0) return std::nullopt;
    if (queue_.empty()) {
      changed_.wait(lock, stop, [this] { return abandoned_ || unfinished_ == 0 || !queue_.empty(); });
      continue;
    }
    const Time due = queue_.top().due;
    if (due <= steady_clock::now()) {
      Job job = queue_.top();
      queue_.pop();
      return job;
    }
    changed_.wait_until(lock, stop, due, [this, due] {
      return abandoned_ || unfinished_ == 0 || (!queue_.empty() && queue_.top().due < due);
    });
  }
}

void Importer::finish(const Job& job, ImportResult result) {
  const std::scoped_lock lock(mutex_);
  --unfinished_;
  const bool failed = result.kind != Kind::kImported && result.kind != Kind::kInSync;
  if (failed && options_.failFast) abandoned_ = true;
  results_[job.index] = std::move(result);
  if (observer_) observer_(job.index, results_[job.index]);
  if (unfinished_ == 0 || abandoned_) changed_.notify_all();
}

void Importer::putBack(Job job, std::optional<std::chrono::milliseconds> retryAfter) {
  job.due = steady_clock::now() + job.backoff.next(retryAfter);
  const std::scoped_lock lock(mutex_);
  queue_.push(std::move(job));
  changed_.notify_one();
}

void Importer::abandon(const hydra::AdminError& error) {
  const std::scoped_lock lock(mutex_);
  abandoned_ = true;
  if (!fault_) fault_ = error;
  changed_.notify_all();
}

/// The body, once: secret, id and stamp stay the same in every try, so that a late commit is recognised.
std::optional<ImportResult> Importer::prepare(Job& job) const {
  if (job.body) return std::nullopt;
  job.deadline = steady_clock::now() + options_.failAfter;
  auto secret = prepareSecret(job.manifest->secret, options_.secrets);
  if (!secret) return failure(Kind::kWaiting, job.id, std::move(secret.error()));
  if (job.id.empty() && api_.dialect().takesChosenIds()) job.id = randomUuid();
  PostBodyParts parts{.fields = job.manifest->fields, .id = {}, .secret = secret->secret.get(), .stamp = {}};
  if (!job.id.empty()) parts.id = job.id;
  job.secret = secret->secret;
  if (secret->generated) {
    job.generated = secret->secret;
    job.sealed = std::move(secret->sealed);
    job.stamp = randomUuid();
    parts.stamp = job.stamp;
  }
  job.body = makePostBody(parts);
  return std::nullopt;
}

std::optional<ImportResult> Importer::attempt(Job& job,
                                              std::optional<std::chrono::milliseconds>& retryAfter) {
  if (auto waiting = prepare(job)) return waiting;
  ++job.tries;
  auto created = api_.create(job.body);
  if (!created) return afterFailure(job, std::move(created.error()), retryAfter);
  ImportResult result;
  result.kind = Kind::kImported;
  result.id = std::move(created->id);
  result.generated = job.generated;
  result.sealed = job.sealed;
  return result;
}

std::optional<ImportResult> Importer::afterFailure(Job& job, hydra::AdminError error,
                                                   std::optional<std::chrono::milliseconds>& retryAfter) {
  using enum hydra::AdminError::Kind;
  if (job.secret) withhold(error, *job.secret);
  if (error.kind == kRefused) return failure(Kind::kRefused, job.id, std::move(error.message));
  const bool exists = error.kind == kExists;
  if (exists && options_.existingFails && !job.doubtful) {
    return failure(Kind::kExists, job.id, "the client exists already, and `import` does not update clients");
  }
  job.doubtful = job.doubtful || leavesDoubt(error);
  if (exists || job.doubtful) {
    if (job.id.empty()) {
      return failure(Kind::kUnknown, job.id,
                     error.message +
                         "; whether the client was created is unknown, and this Hydra gives ids itself: "
                         "look for it before you import again");
    }
    auto live = lookUp(job.id);
    if (live && *live) return judgeExisting(job, **live);
  }
  if (error.concernsEverybody()) {
    abandon(error);
    return failure(Kind::kStopped, job.id, std::move(error.message));
  }
  retryAfter = error.retryAfter;
  const auto wait = retryAfter.value_or(std::chrono::milliseconds(0));
  if (steady_clock::now() + wait < job.deadline) return std::nullopt;
  auto result = failure(Kind::kRetrying, job.id, std::move(error.message));
  result.retryAfter = retryAfter;
  return result;
}

ImportResult Importer::judgeExisting(const Job& job, const json::Value& live) const {
  ImportResult result;
  result.id = job.id;
  const json::Value* metadata = live.find("metadata");
  const json::Value* mark = metadata != nullptr ? metadata->find(kStampKey) : nullptr;
  const json::Value* stamp = mark != nullptr ? mark->find("import") : nullptr;
  const bool ours = !job.stamp.empty() && stamp != nullptr && stamp->text == job.stamp;
  result.fields = job.manifest->declared.differingFrom(live, api_.dialect().version);
  if (ours || (job.doubtful && job.stamp.empty() && result.fields.empty() && options_.existingFails)) {
    result.kind = Kind::kImported;
    result.generated = job.generated;
    result.sealed = job.sealed;
  } else if (options_.existingFails) {
    result.kind = Kind::kExists;
    result.message = "the client exists already, and `import` does not update clients";
  } else {
    result.kind = result.fields.empty() ? Kind::kInSync : Kind::kConflict;
  }
  return result;
}

/// By id where that id can be asked for, else through the list.
tl::expected<std::optional<json::Value>, hydra::AdminError> Importer::lookUp(const ClientId& id) {
  if (api_.dialect().addressable(id)) return api_.find(id);
  std::optional<json::Value> found;
  const auto summary = api_.visitClients(
      [&](const ClientId& liveId, json::Value&& client) {
        if (liveId == id) found = std::move(client);
      },
      std::stop_token{});
  if (!summary) return tl::unexpected(summary.error());
  return found;
}

}  // namespace hydra_clients::reconcile
