#include "reconcile/importer.h"

#include <algorithm>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "client/post_body.h"

namespace hydra_clients::reconcile {
namespace {

using Kind = ImportResult::Kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTellWithin{5};  ///< a result is told so soon after it and all before it are there

ImportResult failure(Kind kind, const ClientId& id, std::string message) {
  ImportResult result;
  result.kind = kind;
  result.id = id;
  result.message = std::move(message);
  return result;
}

ImportResult imported(const ImportJob& job, ClientId id) {
  ImportResult result;
  result.kind = Kind::kImported;
  result.id = std::move(id);
  result.liveStamp = job.stamp;
  result.generated = job.generated;
  result.sealed = job.sealed;
  return result;
}

ImportResult alreadyThere(const ClientId& id) {
  return failure(Kind::kExists, id, "the client exists already, and `import` does not update clients");
}

/// A job whose POST may have been carried out, or may yet be: says how to find out. A generated secret goes
/// along, since it may be in force.
ImportResult unknown(const ImportJob& job) {
  std::string message =
      job.lastError + "; whether the client was created is not known: look for it before you import again";
  if (job.id.empty()) message += " (this Hydra gives ids itself)";
  if (!job.stamp.empty())
    message += " (it is this import's where metadata.hydra_clients.import is " + job.stamp + ")";
  ImportResult result = failure(Kind::kUnknown, job.id, std::move(message));
  result.generated = job.generated;
  result.sealed = job.sealed;
  return result;
}

ImportResult givenUp(const ImportJob& job, std::optional<milliseconds> retryAfter = std::nullopt) {
  ImportResult result = job.doubtful ? unknown(job) : failure(Kind::kRetrying, job.id, job.lastError);
  result.retryAfter = retryAfter;
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
    case kStopped:
      return true;
    case kBusy:
      return error.status != 429 && error.status != 400;  // these are given before the commit
    default:
      return false;
  }
}

/// Whether Hydra, or who stands before it, has more to do than it can.
bool isTooMuch(const hydra::AdminError& error) {
  using enum hydra::AdminError::Kind;
  constexpr int kConflictingUpdate = 400;
  return (error.kind == kBusy && error.status != kConflictingUpdate) ||
         (error.kind == kUnreachable && error.mayHaveArrived);
}

/// Whether Hydra may still be at work on the POST: nobody answered for it, or a gateway did.
bool mayCommitLate(const hydra::AdminError& error) {
  constexpr int kBadGateway = 502;
  constexpr int kGatewayTimeout = 504;
  return !error.hydrasOwn || error.status == kBadGateway || error.status == kGatewayTimeout;
}

/// Whether a client that exists, as a 409 says, may be this job's: an earlier POST that was not there when it
/// was looked for has come since; or a gateway sent the only one twice, which a stamp shows.
bool mayBeOurs(const ImportJob& job) { return job.ambiguous || !job.stamp.empty(); }

}  // namespace

Importer::Importer(hydra::AdminApi& api, ImportOptions options) : api_(api), options_(std::move(options)) {}

std::vector<ImportResult> Importer::importAll(std::span<const manifest::ManifestPtr> manifests,
                                              const std::stop_token& stop, const ImportObserver& observer,
                                              const ProgressObserver& progress) {
  Run run{ImportQueue(manifests, options_.mostAhead),
          hydra::ServiceWatch(options_.patience),
          {options_.parallelism, options_.pace}};
  {
    std::vector<std::jthread> workers;
    bool moreToBeHad = true;
    while (!run.queue.allTold()) {
      while (moreToBeHad && workers.size() < std::min(run.pace.places(), manifests.size()))
        moreToBeHad = addWorker(workers, run, stop);
      const auto index = run.queue.nextToTell(kTellWithin);
      if (index && observer && !observer(*index, run.queue.resultOf(*index))) run.end();
      if (progress) progress(run.queue.progress());
    }
  }
  fault_ = run.service.verdict();
  return run.queue.takeResults();
}

bool Importer::addWorker(std::vector<std::jthread>& workers, Run& run, const std::stop_token& stop) {
  run.queue.enter();
  try {
    workers.emplace_back([&] {
      work(run, stop);
      run.queue.leave();
    });
    return true;
  } catch (const std::system_error&) {  // no more threads are to be had: those that are will do
    run.queue.leave();
    if (workers.empty()) throw;
    return false;
  }
}

void Importer::work(Run& run, const std::stop_token& stop) {
  WritePace::Place place(run.pace);
  for (; auto turn = run.queue.take(stop); place.renew()) {
    ImportJob& job = turn->job;
    Step step;
    try {
      step = turn->last ? settle(job, run) : attempt(job, run);
      if (auto* result = std::get_if<ImportResult>(&step)) tellKeeper(job, *result);
    } catch (const std::exception& error) {  // of memory, mostly: this client's trouble, not everybody's
      job.lastError = error.what();
      job.doubtful = job.doubtful || job.body != nullptr;  // it may have been sent, and carried out
      if (SecretKeeper* const keeper = options_.secrets.keeper) keeper->mayHaveArrived(job.id);
      step = givenUp(job);
    }
    if (const auto* due = std::get_if<SteadyTime>(&step)) {
      run.queue.putBack(std::move(job), *due);
      continue;
    }
    auto& result = std::get<ImportResult>(step);
    if (options_.failFast && result.failed()) run.end();
    run.queue.finish(job.index, std::move(result));
  }
}

Importer::Step Importer::attempt(ImportJob& job, Run& run) {
  if (auto waiting = prepare(job)) return std::move(*waiting);
  auto created = post(job, run);
  if (!created) return afterFailure(job, std::move(created.error()), run);
  run.service.served();
  return imported(job, std::move(*created));
}

tl::expected<ClientId, hydra::AdminError> Importer::post(const ImportJob& job, Run& run) {
  const auto begin = steady_clock::now();
  auto created = api_.create({job.body, job.id, job.secret});
  run.pace.ended(steady_clock::now() - begin, !created && isTooMuch(created.error()));
  return created;
}

std::optional<ImportResult> Importer::prepare(ImportJob& job) const {
  if (job.body) return std::nullopt;
  job.deadline = steady_clock::now() + options_.failAfter;
  auto secret = prepareSecret(*job.manifest, options_.secrets);
  if (!secret) return failure(Kind::kWaiting, job.id, std::move(secret.error()));
  if (job.id.empty() && api_.dialect().takesChosenIds()) job.id = randomUuid();
  PostBodyParts parts{.fields = job.manifest->fields, .id = {}, .secret = secret->secret.get(), .stamp = {}};
  if (!job.id.empty()) parts.id = job.id;
  job.secret = secret->secret;
  if (secret->generated) {
    job.generated = secret->secret;
    job.sealed = std::move(secret->sealed);
    job.stamp = std::move(secret->stamp);
    job.ambiguous = secret->ambiguous;
    parts.stamp = job.stamp;
  }
  job.body = makePostBody(parts);
  return std::nullopt;
}

Importer::Step Importer::afterFailure(ImportJob& job, hydra::AdminError error, Run& run) {
  using enum hydra::AdminError::Kind;
  const bool silent = error.kind == kUnreachable && error.mayHaveArrived && !job.id.empty();
  if (silent) {
    if (run.service.postSilent(error)) run.end();
  } else {
    heed(error, run);
  }
  job.lastError = error.message;
  const bool refused = error.kind == kRefused;
  if (refused && !job.doubtful) return failure(Kind::kRefused, job.id, std::move(error.message));
  const bool exists = error.kind == kExists;
  if (exists && options_.existingFails && !mayBeOurs(job)) return alreadyThere(job.id);
  const bool doubt = leavesDoubt(error);
  job.ambiguous = job.ambiguous || doubt;
  if (exists || doubt || job.doubtful) {
    job.doubtful = job.doubtful || (doubt && mayCommitLate(error)) || (exists && mayBeOurs(job));
    if (auto result = readBack(job, doubt, run)) return std::move(*result);
  }
  const bool pointless = refused || error.concernsEverybody() || error.kind == kStopped;
  if (!pointless) {
    if (const auto next = job.backoff.nextTry(steady_clock::now(), job.deadline, error.retryAfter))
      return *next;
  }
  return givenUp(job, error.retryAfter);
}

void Importer::heed(const hydra::AdminError& error, Run& run) {
  using enum hydra::AdminError::Kind;
  if (error.concernsEverybody() || error.kind == kUnreachable) {
    if (run.service.failed(error)) run.end();
  } else if (error.kind == kRefused || error.kind == kExists || error.retryAfter) {
    run.service.served();  // who says when to come back serves somebody
  }
}

ImportResult Importer::settle(ImportJob& job, Run& run) {
  if (job.doubtful) {
    if (auto result = readBack(job, /*doubt=*/false, run)) return std::move(*result);
  }
  return givenUp(job);
}

std::optional<ImportResult> Importer::readBack(ImportJob& job, bool doubt, Run& run) {
  if (job.id.empty()) {
    job.doubtful = true;
    return unknown(job);
  }
  const bool doubtBefore = job.doubtful;
  job.doubtful = job.doubtful || doubt;
  const auto live = api_.lookUp(job.id);
  if (!live) {
    heed(live.error(), run);
    return std::nullopt;
  }
  if (*live) {
    run.service.served();
    const auto value = (*live)->value();
    if (!value) return std::nullopt;  // not known: as an answer that cannot be used at all
    return judgeExisting(job, *value);
  }
  run.service.answered();
  job.doubtful = doubtBefore;
  return std::nullopt;
}

void Importer::tellKeeper(const ImportJob& job, ImportResult& result) const {
  SecretKeeper* const keeper = options_.secrets.keeper;
  if (keeper == nullptr || job.stamp.empty()) return;
  const bool exists =
      result.kind == Kind::kImported || result.kind == Kind::kInSync || result.kind == Kind::kConflict;
  if (exists) {
    auto confirmed = keeper->exists(job.id, result.liveStamp);
    if (confirmed) {
      result.confirmed = std::move(*confirmed);
    } else {
      result.message = "its secret is still pending in the outbox: " + confirmed.error();
    }
  } else if (job.ambiguous) {
    keeper->mayHaveArrived(job.id);
  } else if (result.kind == Kind::kRefused) {
    keeper->refused(job.id);
  }
}

ImportResult Importer::judgeExisting(const ImportJob& job, const json::Value& live) const {
  const std::string stamp = stampOf(live);
  const bool ours = !job.stamp.empty() && stamp == job.stamp;
  if (ours) return imported(job, job.id);
  ImportResult result;
  result.id = job.id;
  result.liveStamp = stamp;
  const auto differing = job.manifest->differingFrom(live, api_.dialect().version);
  if (options_.existingFails) {
    const bool seemsOurs = job.doubtful && job.stamp.empty() && differing.empty();
    return seemsOurs ? imported(job, job.id) : alreadyThere(job.id);
  }
  result.kind = differing.empty() ? Kind::kInSync : Kind::kConflict;
  result.differences = differencesIn(differing, *job.manifest, live);
  return result;
}

}  // namespace hydra_clients::reconcile
