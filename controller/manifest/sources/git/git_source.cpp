#include "manifest/sources/git/git_source.h"

#include <filesystem>
#include <utility>

#include "client/rfc3339.h"

namespace hydra_clients::manifest {
namespace {

using Kind = SourceError::Kind;
using std::chrono::steady_clock;

constexpr std::string_view kLfsPointer = "version https://git-lfs.github.com/spec/";

std::string shortOf(const GitCommit& commit) { return hexOf(commit.id).substr(0, 12); }

std::string dated(const GitCommit& commit) {
  return shortOf(commit) + " (" +
         rfc3339(std::chrono::system_clock::time_point(std::chrono::seconds(commit.time))) + ")";
}

Revision revisionOf(const GitCommit& commit) { return {hexOf(commit.id), commit.time}; }

bool sameFolder(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) && !error;
}

}  // namespace

struct GitSource::Current {
  GitCommit commit;
  std::string inside;
  std::shared_ptr<const FileListing> listing;
  SkippedFiles skipped;
};

/// Does not outlive its source.
class GitSource::CommitSnapshot final : public Snapshot {
 public:
  CommitSnapshot(GitSource& source, std::shared_ptr<GitRepository> repository,
                 std::shared_ptr<const Current> current, std::vector<std::string> notices,
                 std::optional<SourceError> refused, StillProven proof)
      : source_(source),
        repository_(std::move(repository)),
        current_(std::move(current)),
        revision_(revisionOf(current_->commit)),
        notices_(std::move(notices)),
        refused_(std::move(refused)),
        proof_(std::move(proof)) {}

  [[nodiscard]] const Revision& revision() const override { return revision_; }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return current_->listing->files(); }
  [[nodiscard]] SkippedFiles skipped() const override { return current_->skipped; }
  [[nodiscard]] std::vector<std::string> notices() const override { return notices_; }
  [[nodiscard]] std::optional<SourceError> newestRefused() const override { return refused_; }
  [[nodiscard]] StillProven proof() const override { return proof_; }

  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                 std::uint64_t limit) override {
    const auto index = static_cast<std::size_t>(&file - files().data());
    if (const SourceError* const fault = current_->listing->fault(index)) return tl::unexpected(*fault);
    auto content = repository_->blob(blobOf(file.identity), limit);
    if (content && content->starts_with(kLfsPointer)) {
      return tl::unexpected(SourceError{
          Kind::kUnreadable,
          "is a pointer of Git LFS, and the content that it stands for is not read: take *.json out of "
          ".gitattributes and commit the file itself",
          "git-lfs-pointer"});
    }
    return content;
  }

  /// A commit does not change. One of which all could be read is good, and not before.
  [[nodiscard]] tl::expected<void, SourceError> verify() override {
    if (auto unkept = source_.rememberGood(current_->commit)) notices_.push_back(std::move(*unkept));
    return {};
  }

 private:
  GitSource& source_;
  const std::shared_ptr<GitRepository> repository_;
  const std::shared_ptr<const Current> current_;
  const Revision revision_;
  std::vector<std::string> notices_;
  const std::optional<SourceError> refused_;
  const StillProven proof_;
};

GitSource::GitSource(GitSourceOptions options)
    : options_(std::move(options)),
      lastGood_(options_.check ? options_.stateFolder : "",
                options_.keptFor.empty() ? options_.ref : options_.keptFor, options_.state) {}

tl::expected<std::shared_ptr<GitRepository>, SourceError> GitSource::repositoryAt(const GitPlace& place) {
  if (repository_ && openedAt_ == place.root && repository_->hasItsPacks()) return repository_;
  auto opened = GitRepository::open(place.root, place.root);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  repository_ = std::make_shared<GitRepository>(std::move(*opened));
  openedAt_ = place.root;
  return repository_;
}

tl::expected<std::unique_ptr<Snapshot>, SourceError> GitSource::open(const GitPlace& place) {
  auto repository = repositoryAt(place);
  if (!repository) return tl::unexpected(std::move(repository.error()));
  const std::string inside = place.inTree(options_.inside);
  // What has been a part of a commit is not taken for a plain folder when a commit drops it.
  const bool mayBePlain =
      !place.bare && !options_.check && options_.ref == "HEAD" && !current_ && !options_.folderMayBeGone;

  const auto newest = (*repository)->commitOf(options_.ref);
  if (!newest) {
    repository_.reset();  // it may have been replaced by another one at the same place
    if (mayBePlain && newest.error().kind == Kind::kAbsent) return nullptr;
  }
  const Revision seen = newest ? revisionOf(*newest) : Revision{};
  const auto unread = [&](SourceError error) {
    error.seen = seen;
    return tl::unexpected(std::move(error));
  };
  auto chosen = newest ? choose(**repository, *newest) : instead(**repository, newest.error(), std::nullopt);
  if (!chosen) return unread(std::move(chosen.error()));
  if (chosen->refused && options_.mustBeNewest) return unread(std::move(*chosen->refused));
  if (chosen->refused) chosen->refused->seen = seen;
  const GitCommit& commit = chosen->commit;

  const auto before = inForceBefore(**repository);
  if (!current_ || !git_oid_equal(&current_->commit.id, &commit.id) || current_->inside != inside) {
    auto listed = list(**repository, commit, inside, mayBePlain);
    if (!listed) return unread(std::move(listed.error()));
    if (!*listed) return nullptr;
    current_ = std::move(*listed);
  }
  // After the listing, which has bounds: libgit2 counts files without any.
  std::vector<std::string> notices = noticesOf(**repository, place, *chosen, before);
  return std::make_unique<CommitSnapshot>(*this, *repository, current_, std::move(notices),
                                          std::move(chosen->refused), proofOf(*chosen));
}

tl::expected<GitSource::Choice, SourceError> GitSource::choose(const GitRepository& repository,
                                                               const GitCommit& newest) const {
  if (!options_.check) return Choice{newest};
  auto proven = prove(repository, newest);
  if (proven || proven.error().kind != Kind::kUnproven) return proven;
  return instead(repository, std::move(proven.error()), newest);
}

tl::expected<GitSource::Choice, SourceError> GitSource::instead(
    const GitRepository& repository, SourceError why, const std::optional<GitCommit>& newest) const {
  if (!options_.check) return tl::unexpected(std::move(why));
  auto earlier = earlierThan(repository, newest);
  if (!earlier) {
    why.message += earlier.error();
    return tl::unexpected(std::move(why));
  }
  why.message += "; commit " + shortOf(earlier->commit) + " stays in force";
  earlier->refused = std::move(why);
  return std::move(*earlier);
}

tl::expected<GitSource::Choice, SourceError> GitSource::prove(const GitRepository& repository,
                                                              const GitCommit& commit) const {
  auto signature = repository.signatureOf(commit);
  if (!signature) return tl::unexpected(std::move(signature.error()));
  auto holds = options_.check(*signature);
  if (!holds) {
    const char* const verdict = holds.error().undecided ? " cannot be checked: " : " is refused: ";
    return tl::unexpected(SourceError{
        Kind::kUnproven, repository.shown() + ": commit " + shortOf(commit) + verdict + holds.error().words});
  }
  return Choice{commit, std::move(*signature), std::move(*holds)};
}

tl::expected<GitSource::Choice, std::string> GitSource::earlierThan(
    const GitRepository& repository, const std::optional<GitCommit>& newest) const {
  const std::string& known = lastGood_.id();
  git_oid id{};
  if (known.empty() || git_oid_fromstr(&id, known.c_str()) != 0)
    return tl::unexpected("; " + lastGood_.whyNone());
  if (newest && git_oid_equal(&id, &newest->id)) return tl::unexpected(std::string());
  const auto commit = repository.commitOf(id);
  if (!commit) return tl::unexpected("; the last good one, " + known + ", is not in the repository any more");
  auto proven = prove(repository, *commit);
  if (!proven) return tl::unexpected("; so is the last good one: " + proven.error().message);
  return std::move(*proven);
}

StillProven GitSource::proofOf(const Choice& chosen) const {
  if (!options_.check) return {};
  return [check = options_.check, signature = chosen.signature]() -> tl::expected<void, std::string> {
    const auto holds = check(signature);
    if (holds || holds.error().undecided) return {};
    return tl::unexpected(holds.error().words);
  };
}

std::string GitSource::prefixOf(const std::string& folder) const {
  return options_.prefix.value_or(folder.empty() ? "" : folder + '/');
}

tl::expected<std::optional<ListedTree>, SourceError> GitSource::walk(const GitRepository& repository,
                                                                     const GitCommit& commit,
                                                                     const std::string& inside) const {
  const FileListing* const earlier = current_ ? current_->listing.get() : nullptr;
  const std::filesystem::path path(inside);
  if (isManifestName(path.filename().string())) {
    const auto entry = repository.entryAt(commit, inside);
    if (!entry) return tl::unexpected(entry.error());
    const bool isFile =
        *entry && ((*entry)->mode == GIT_FILEMODE_BLOB || (*entry)->mode == GIT_FILEMODE_BLOB_EXECUTABLE);
    if (isFile) {
      return listFile((*entry)->id, path.filename().string(), prefixOf(path.parent_path().string()), earlier);
    }
  }
  return walkTree(repository, commit.tree, inside, prefixOf(inside), earlier);
}

tl::expected<std::shared_ptr<const GitSource::Current>, SourceError> GitSource::list(
    const GitRepository& repository, const GitCommit& commit, const std::string& inside,
    bool mayBePlain) const {
  auto walked = walk(repository, commit, inside);
  if (!walked) return tl::unexpected(std::move(walked.error()));
  if (!*walked && mayBePlain) return nullptr;
  if (!*walked && !options_.folderMayBeGone && (!current_ || current_->inside != inside)) {
    return tl::unexpected(SourceError{Kind::kAbsent, repository.shown() + ": commit " + shortOf(commit) +
                                                         " has no folder " + inside +
                                                         "; git ls-tree -d -r --name-only " +
                                                         shortOf(commit) + " lists the ones that it has"});
  }
  auto current = std::make_shared<Current>();
  current->commit = commit;
  current->inside = inside;
  FileListing listing =
      *walked ? std::move((*walked)->listing) : ListingBuilder(prefixOf(inside), nullptr).build();
  current->listing = std::make_shared<const FileListing>(std::move(listing));
  if (*walked) current->skipped = std::move((*walked)->skipped);
  return current;
}

std::vector<std::string> GitSource::noticesOf(const GitRepository& repository, const GitPlace& place,
                                              const Choice& chosen, const std::optional<GitCommit>& before) {
  std::vector<std::string> notices;
  const auto add = [&](std::optional<std::string> notice) {
    if (notice) notices.push_back(std::move(*notice));
  };
  add(stepBack(repository, before, chosen.commit));
  if (!chosen.warning.empty()) notices.push_back("commit " + shortOf(chosen.commit) + ": " + chosen.warning);
  const bool isNew = before && !git_oid_equal(&before->id, &chosen.commit.id);
  countUncommitted(repository, place, isNew);
  add(uncommitted_);
  return notices;
}

std::optional<std::string> GitSource::rememberGood(const GitCommit& commit) {
  if (!options_.check) return std::nullopt;
  auto remembered = lastGood_.remember(hexOf(commit.id));
  if (remembered) return std::nullopt;
  return std::move(remembered.error());
}

std::optional<GitCommit> GitSource::inForceBefore(const GitRepository& repository) const {
  if (current_) return current_->commit;
  git_oid id{};
  if (lastGood_.id().empty() || git_oid_fromstr(&id, lastGood_.id().c_str()) != 0) return std::nullopt;
  const auto commit = repository.commitOf(id);
  return commit ? std::optional(*commit) : std::nullopt;
}

std::optional<std::string> GitSource::stepBack(const GitRepository& repository,
                                               const std::optional<GitCommit>& before,
                                               const GitCommit& commit) {
  if (!before || git_oid_equal(&before->id, &commit.id)) return std::nullopt;
  if (commit.time > before->time) return std::nullopt;  // without a walk over the history
  const bool back = repository.isAncestor(commit.id, before->id).value_or(commit.time < before->time);
  if (!back) return std::nullopt;
  return "the manifests went back from commit " + dated(*before) + " to the older " + dated(commit);
}

void GitSource::countUncommitted(const GitRepository& repository, const GitPlace& place, bool isNew) {
  const auto now = steady_clock::now();
  // A commit that has just come is read at once: what is beside it can wait for the next cycle.
  if (isNew) {
    counted_.reset();
    uncommitted_.reset();  // it may hold them
    return;
  }
  if (counted_ && now - *counted_ < kBetweenCounts) return;
  counted_ = now;
  uncommitted_.reset();
  const char* const workTree = git_repository_workdir(repository.handle());
  // A repository may be seen at another path than the one that it knows (pitfalls of git-sync).
  if (options_.ref != "HEAD" || workTree == nullptr || !sameFolder(workTree, place.root)) return;
  const std::size_t count = repository.uncommitted(place.inTree(options_.inside)).value_or(0);
  if (count == 0) return;
  uncommitted_ = place.root + ": uncommitted changes of " + std::to_string(count) +
                 (count == 1 ? " manifest file" : " manifest files") +
                 " are not read: commit them, or read the files as they are with --working-tree";
}

}  // namespace hydra_clients::manifest
