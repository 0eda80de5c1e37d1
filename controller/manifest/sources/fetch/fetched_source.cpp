#include "manifest/sources/fetch/fetched_source.h"

#include <utility>

#include "client/rfc3339.h"
#include "manifest/sources/snapshot_over.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;

GitSourceOptions ofFetched(const FetchedSourceOptions& options) {
  GitSourceOptions git = options.git;
  git.ref = "HEAD";
  git.keptFor = shown(options.origin);
  return git;
}

std::string failingText(const FetchStatus& status) {
  return status.error + " (fetches fail since " + rfc3339(status.failingSince) + ')';
}

/// The last commit that was fetched, while none can be.
class EarlierSnapshot final : public SnapshotOver {
 public:
  EarlierSnapshot(std::unique_ptr<Snapshot> commit, SourceError unfetched)
      : SnapshotOver(std::move(commit)), unfetched_(std::move(unfetched)) {}

  [[nodiscard]] std::optional<SourceError> newestRefused() const override {
    auto refused = SnapshotOver::newestRefused();
    if (!refused) return unfetched_;
    refused->message += "; " + unfetched_.message;
    return refused;
  }

 private:
  const SourceError unfetched_;
};

}  // namespace

FetchedSource::FetchedSource(FetchedSourceOptions options, std::function<FetchStatus()> status)
    : options_(std::move(options)), status_(std::move(status)), git_(ofFetched(options_)) {}

tl::expected<std::unique_ptr<Snapshot>, SourceError> FetchedSource::open() {
  const FetchStatus status = status_();
  const bool failed = !status.error.empty();
  if (failed && options_.mustBeNew) return tl::unexpected(SourceError{Kind::kUnfetched, status.error});
  const auto repository = fetchedRepository(options_.git.stateFolder, options_.origin);
  if (!repository) {
    return tl::unexpected(
        failed ? SourceError{Kind::kUnfetched, failingText(status)}
               : SourceError{Kind::kTorn, options_.git.stateFolder + ": what was fetched is gone"});
  }
  auto snapshot = git_.open({*repository, "", /*bare=*/true});
  if (!snapshot) {
    if (fetchedRepository(options_.git.stateFolder, options_.origin) != repository)
      snapshot.error().kind = Kind::kTorn;
    return snapshot;
  }
  if (!failed) return snapshot;
  const std::string inForce = "; commit " + (*snapshot)->revision().shortId() + " stays in force";
  SourceError unfetched{Kind::kUnfetched, failingText(status) + inForce, "", (*snapshot)->revision()};
  return std::make_unique<EarlierSnapshot>(std::move(*snapshot), std::move(unfetched));
}

std::string FetchedSource::repository() const { return repositoryLink(options_.git.stateFolder); }

std::string FetchedSource::description() const { return shown(options_.origin); }

}  // namespace hydra_clients::manifest
