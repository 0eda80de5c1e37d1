#include "manifest/sources/fetch/git_fetch.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "manifest/sources/fetch/new_packs.h"
#include "manifest/sources/fetch/whole_commit.h"
#include "manifest/sources/git/last_good_commit.h"

namespace hydra_clients::manifest {
namespace {

constexpr const char* kKeptRef = "refs/heads/kept";

/// Why a fetch failed.
struct Fault {
  std::string message;
  bool ours = false;  ///< it is the repository that cannot be used; another one may do
};
template <typename T>
using Result = tl::expected<T, Fault>;

tl::unexpected<Fault> because(std::string message) { return tl::unexpected(Fault{std::move(message)}); }
tl::unexpected<Fault> damaged(std::string message) { return tl::unexpected(Fault{std::move(message), true}); }

/// Of what came: where it is malformed, no other repository helps.
tl::unexpected<Fault> unusable(const std::string& what, const WholeFault& fault) {
  return tl::unexpected(Fault{what + fault.words, !fault.isMalformed});
}

/// The commit that a ref of our own names, and whose tree can be read; nullopt where there is no such ref.
/// What is asked for at the remote builds on it.
Result<std::optional<git_oid>> ownCommit(git_repository* repository, const char* ref) {
  git_oid id{};
  const int error = git_reference_name_to_id(&id, repository, ref);
  if (error == GIT_ENOTFOUND) return std::nullopt;
  if (error != 0 || !treeOf(repository, id))
    return damaged("came earlier, and is damaged here: " + std::string(ref) + ": " + gitErrorText());
  return id;
}

Result<git_oid> commitOf(git_repository* repository, const RemoteRef& ref) {
  git_object* found = nullptr;
  if (git_object_lookup(&found, repository, &ref.id, GIT_OBJECT_ANY) != 0)
    return unusable("what " + ref.name + " names ", faultOf(repository, ref.id));
  const ObjectHandle object(found);
  git_object* peeled = nullptr;
  if (git_object_peel(&peeled, found, GIT_OBJECT_COMMIT) != 0) return because("has no commit at " + ref.name);
  const ObjectHandle commit(peeled);
  return *git_object_id(peeled);
}

/// One fetch into one repository.
Result<git_oid> fetchInto(const std::string& path, const FetchOptions& options,
                          std::atomic<FetchStage>& stage) {
  git_repository* opened = nullptr;
  if (git_repository_open_bare(&opened, path.c_str()) != 0) return damaged(gitErrorText());
  const RepositoryHandle repository(opened);
  const auto before = ownCommit(opened, kFetchedRef);
  if (!before) return tl::unexpected(before.error());
  if (const auto kept = ownCommit(opened, kKeptRef); !kept) return tl::unexpected(kept.error());

  stage = FetchStage::kConnecting;
  GitRemote remote(opened, options.remote);
  if (auto connected = remote.connect(); !connected) return because(std::move(connected.error()));
  const auto ref = remote.find(options.ref);
  if (!ref) return because(ref.error());
  stage = FetchStage::kReceiving;
  NewPacks packs(path);
  if (auto came = remote.download(*ref); !came)
    return tl::unexpected(Fault{std::move(came.error().message), came.error().isOfObjects});
  stage = FetchStage::kChecking;
  const auto commit = commitOf(opened, *ref);
  if (!commit) return commit;
  // What was in force is looked at as a whole: a damaged repository is found here, and not by its reader.
  const bool isNew = *before && git_oid_equal(&**before, &*commit) == 0;
  if (auto whole = checkWhole(opened, *commit, isNew ? *before : std::nullopt); !whole)
    return unusable("commit " + hexOf(*commit) + ' ', whole.error());
  packs.keep();
  git_reference* moved = nullptr;
  if (git_reference_create(&moved, opened, kFetchedRef, &*commit, /*force=*/1, nullptr) != 0)
    return damaged("the ref cannot be moved: " + gitErrorText());
  const ReferenceHandle reference(moved);
  return commit;
}

bool holds(git_repository* repository, const git_oid& commit) {
  git_commit* found = nullptr;
  const int error = git_commit_lookup(&found, repository, &commit);
  const CommitHandle handle(found);
  return error == 0;
}

/// The last commit whose signature held stays in force where newer ones are refused, and after a history that
/// was rewritten the remote may not have it any more: a repository's successor gets it from that repository.
Result<void> keepLastGood(const std::string& from, const std::string& successor,
                          const FetchOptions& options) {
  const LastGoodCommit kept(options.stateFolder, shown(originOf(options)), LastGoodCommit::Access::kReads);
  git_oid id{};
  if (kept.id().empty() || git_oid_fromstr(&id, kept.id().c_str()) != 0) return {};
  git_repository *old = nullptr, *fresh = nullptr;
  (void)git_repository_open_bare(&old, from.c_str());
  const RepositoryHandle oldHandle(old);
  (void)git_repository_open_bare(&fresh, successor.c_str());
  const RepositoryHandle freshHandle(fresh);
  if (old == nullptr || fresh == nullptr) return because(gitErrorText());
  if (!holds(old, id) || holds(fresh, id)) return {};
  git_reference* named = nullptr;
  if (git_reference_create(&named, old, kKeptRef, &id, /*force=*/1, nullptr) != 0)
    return because(gitErrorText());
  git_reference_free(named);
  RemoteOptions local;
  local.url = {GitUrl::Scheme::kFile, from, "", "", 0};
  local.maxBytes = options.remote.maxBytes;
  GitRemote remote(fresh, local);
  if (auto connected = remote.connect(); !connected) return because(std::move(connected.error()));
  if (auto came = remote.download({kKeptRef, id}); !came) return because(std::move(came.error().message));
  return {};
}

/// Fetches all of it into a new repository. `keepFrom`: the one that it succeeds, where that can be read.
Result<git_oid> fetchAnew(FetchStorage& storage, const std::optional<std::string>& keepFrom,
                          const FetchOptions& options, std::atomic<FetchStage>& stage) {
  auto successor = storage.makeSuccessor();
  if (!successor) return because(std::move(successor.error()));
  auto commit = fetchInto(*successor, options, stage);
  if (commit && keepFrom) {
    if (auto kept = keepLastGood(*keepFrom, *successor, options); !kept)
      commit = tl::unexpected(kept.error());
  }
  if (!commit) {
    FetchStorage::abandon(*successor, /*hadBegun=*/stage > FetchStage::kConnecting);
    return commit;
  }
  if (auto done = storage.putInForce(*successor); !done) return because(std::move(done.error()));
  return commit;
}

/// Makes libgit2 ready, with nothing of the user's own: it takes ~/.ssh/known_hosts for the types of host
/// keys to ask for.
tl::expected<void, std::string> prepare(const FetchStorage& storage, const FetchOptions& options) {
  const auto& known = options.remote.knownHosts;
  const auto home = storage.makeHome(known ? known->toAskFor() : "");
  if (!home) return tl::unexpected(home.error());
  ::setenv("HOME", home->c_str(), /*overwrite=*/1);
  useGit();
  git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
  if (options.caFile.empty()) return {};
  if (git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, options.caFile.c_str(), nullptr) != 0)
    return tl::unexpected("--git-ca-file: " + options.caFile + ": " + gitErrorText());
  return {};
}

}  // namespace

std::string_view cutOffAt(FetchStage stage) {
  switch (stage) {
    case FetchStage::kBeginning:
      return "it had hardly begun";
    case FetchStage::kWaiting:
      return "another process fetched into the same --state-dir";
    case FetchStage::kConnecting:
      return "the remote did not answer";
    case FetchStage::kReceiving:
      return "not all had come";
    case FetchStage::kChecking:
      return "all had come, and was being checked";
  }
  return "";
}

FetchOrigin originOf(const FetchOptions& options) { return {options.remote.url.text, options.ref}; }

tl::expected<std::string, std::string> fetch(const FetchOptions& options, std::atomic<FetchStage>& stage) {
  auto storage = FetchStorage::open(
      options.stateFolder, originOf(options), [&stage] { stage = FetchStage::kWaiting; }, options.holdsState);
  if (!storage) return tl::unexpected(std::move(storage.error()));
  if (auto ready = prepare(*storage, options); !ready) return tl::unexpected(std::move(ready.error()));
  const bool anew = !storage->current() || storage->isOvergrown();
  auto commit = anew ? fetchAnew(*storage, storage->current(), options, stage)
                     : fetchInto(*storage->current(), options, stage);
  if (!anew && !commit && commit.error().ours) {
    if (storage->successorFailed())
      commit.error().message +=
          " (to fetch all anew came to nothing the last time: the next fetch tries again)";
    else
      commit = fetchAnew(*storage, std::nullopt, options, stage);
  }
  if (!commit) return tl::unexpected(options.remote.url.text + ' ' + commit.error().message);
  return hexOf(*commit);
}

}  // namespace hydra_clients::manifest
