#include "manifest/set_reader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "client/secret.h"
#include "client/side_by_side.h"
#include "manifest/file_reading.h"
#include "manifest/manifest_set.h"
#include "manifest/sources/whole_file.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::chrono::milliseconds kFirstTornPause{10};  // doubled each time: 150 ms over all tries

std::string tooManyMessage(std::size_t limit) {
  return "more than " + std::to_string(limit) + " clients; --max-manifests allows more";
}

/// "this file is", "this file and 2 more are".
std::string whichOf(const Skipped& skipped, const std::string& one) {
  if (skipped.count == 1) return one + " is";
  return one + " and " + std::to_string(skipped.count - 1) + " more are";
}

Fault yamlFault(const Skipped& skipped) {
  return makeFault(
      "file-yaml", {skipped.first, 0, 0, ""},
      whichOf(skipped, "this file") + " YAML, which is not read: a manifest is JSON in a file named *.json",
      "write it as JSON (yq -o json), or say that it is no manifest: --rule file-yaml=off");
}

Fault submoduleFault(const Skipped& skipped) {
  return makeFault(
      "git-submodule", {skipped.first, 0, 0, ""},
      whichOf(skipped, "this folder") + " a submodule of Git, another repository, which is not read",
      "keep manifests in the repository itself, or say that it holds none: --rule git-submodule=off");
}

/// The fault of the foremost file that has one. Noted by several threads at once.
class FirstFault {
 public:
  void note(std::size_t index, SourceError error) {
    const std::scoped_lock lock(mutex_);
    if (error_ && index_ < index) return;
    index_ = index;
    error_ = std::move(error);
  }
  /// When all have noted theirs.
  [[nodiscard]] std::optional<SourceError> take() { return std::move(error_); }

 private:
  std::mutex mutex_;
  std::size_t index_ = 0;
  std::optional<SourceError> error_;
};

/// A text that held secrets in passing.
class WipedText {
 public:
  explicit WipedText(std::string text) : text_(std::move(text)) {}
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { wipe(text_); }
  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

class SetReader::Impl {
 public:
  explicit Impl(ReadingOptions options) : options_(std::move(options)) {}

  void judgeFor(const HydraVersion& hydra) {
    if (hydra == options_.hydra) return;
    options_.hydra = hydra;
    known_.clear();
    last_.reset();
  }

  tl::expected<Reading, SourceError> read(ManifestSource& source, const GoOn& goOn) {
    auto pause = kFirstTornPause;
    for (int attempt = 0;; ++attempt) {
      auto reading = readOnce(source, goOn);
      if (reading || reading.error().kind != SourceError::Kind::kTorn || attempt + 1 == kTornRetries)
        return reading;
      std::this_thread::sleep_for(pause);
      pause *= 2;
    }
  }

 private:
  /// What is remembered of a file.
  struct Known {
    Known() = default;
    Known(const SourceFile& file, std::size_t hash, FileReadingPtr itsReading, bool isReadable)
        : path(file.path),
          identity(file.identity),
          contentHash(hash),
          reading(std::move(itsReading)),
          elements(reading->elements),
          settled(file.settled),
          readable(isReadable) {}

    SharedPath path;
    FileIdentity identity;
    std::size_t contentHash = 0;               ///< of why it cannot be read, where it cannot
    FileReadingPtr reading;                    ///< nullptr: not looked at
    std::span<const CheckedElement> elements;  ///< the reading's: one step less, for each of many files
    bool settled = false;                      ///< when it was read
    bool readable = false;

    [[nodiscard]] bool isStill(const SourceFile& file) const {
      return readable && settled && file.settled && identity == file.identity;
    }
  };

  tl::expected<Reading, SourceError> readOnce(ManifestSource& source, const GoOn& goOn) {
    auto opened = source.open();
    if (!opened) return tl::unexpected(std::move(opened.error()));
    Snapshot& snapshot = **opened;
    const auto unread = [&](SourceError error) {
      const auto refused = snapshot.newestRefused();
      error.seen = refused ? refused->seen : snapshot.revision();
      return tl::unexpected(std::move(error));
    };

    if (!last_ || !isKnown(snapshot.files())) {
      if (auto all = readAll(snapshot, source, goOn); !all) return unread(std::move(all.error()));
    }
    if (auto verified = snapshot.verify(); !verified) return unread(std::move(verified.error()));

    SkippedFiles skipped = snapshot.skipped();
    if (!last_ || skipped != skipped_) {
      skipped_ = std::move(skipped);
      last_ = build();
    }
    return Reading{last_, snapshot.revision(), snapshot.notices(), snapshot.newestRefused(),
                   snapshot.proof()};
  }

  /// Whether each file is as it was, so that there is nothing to read.
  [[nodiscard]] bool isKnown(const std::vector<SourceFile>& files) const {
    return std::ranges::equal(known_, files, [](const Known& known, const SourceFile& file) {
      return known.isStill(file) && known.path == file.path;
    });
  }

  /// What all files hold. A reading is kept even where the snapshot turns out to be torn: it belongs to the
  /// file's identity.
  tl::expected<void, SourceError> readAll(Snapshot& snapshot, const ManifestSource& source,
                                          const GoOn& goOn) {
    std::vector<Known> found = takeKnown(snapshot.files());
    try {
      auto read = bringUpToDate(found, snapshot, source, goOn);
      remember(std::move(found));
      return read;
    } catch (...) {
      last_.reset();
      remember(std::move(found));
      throw;
    }
  }

  /// Reads the files that are not as they were, side by side where there are many.
  tl::expected<void, SourceError> bringUpToDate(std::vector<Known>& found, Snapshot& snapshot,
                                                const ManifestSource& source, const GoOn& goOn) {
    const std::vector<SourceFile>& files = snapshot.files();
    std::vector<std::size_t> unread;
    std::atomic<std::size_t> manifests = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (found[i].isStill(files[i])) {
        manifests += found[i].elements.size();
      } else {
        unread.push_back(i);
      }
    }
    FirstFault fault;
    std::atomic<std::size_t> read = files.size() - unread.size();
    std::atomic<bool> changed = false;
    bool stopped = false;
    const auto mayGoOn = [&] { return !(stopped = goOn && !goOn(read, files.size())); };
    sideBySide(unread.size(), threadsFor(unread.size()), mayGoOn, [&](std::size_t number) {
      const std::size_t i = unread[number];
      auto one = look(snapshot, files[i], found[i]);
      ++read;
      if (!one) {
        fault.note(i, std::move(one.error()));
        return false;
      }
      if (one->reading != found[i].reading) changed = true;
      found[i] = std::move(*one);
      return (manifests += found[i].elements.size()) <= options_.manifests;
    });
    if (changed) last_.reset();
    using Kind = SourceError::Kind;
    if (stopped)
      return tl::unexpected(
          SourceError{Kind::kStopped, "stopped while " + source.description() + " was read"});
    if (auto first = fault.take()) return tl::unexpected(std::move(*first));
    if (manifests > options_.manifests) {
      return tl::unexpected(
          SourceError{Kind::kLimit, source.description() + ": " + tooManyMessage(options_.manifests)});
    }
    return {};
  }

  /// What is known of each of these files, for remember() to be given back; without a reading where that is
  /// nothing. The set is no longer the last one where a file went away.
  [[nodiscard]] std::vector<Known> takeKnown(const std::vector<SourceFile>& files) {
    std::vector<Known> found(files.size());
    std::size_t taken = 0;
    auto known = known_.begin();  // both are sorted by path
    for (std::size_t i = 0; i < files.size(); ++i) {
      while (known != known_.end() && known->path != files[i].path && known->path < files[i].path) ++known;
      if (known == known_.end()) break;
      if (known->path != files[i].path) continue;
      found[i] = std::move(*known++);
      ++taken;
    }
    if (taken < known_.size()) last_.reset();
    return found;
  }

  /// Of files that were not looked at, what was known stays; of those that went away nothing does.
  void remember(std::vector<Known> found) {
    std::erase_if(found, [](const Known& one) { return !one.reading; });
    known_ = std::move(found);
  }

  /// What one file holds; the same reading as before where its content is the same.
  [[nodiscard]] tl::expected<Known, SourceError> look(Snapshot& snapshot, const SourceFile& file,
                                                      const Known& known) const {
    auto content = snapshot.contentOf(file, options_.fileBytes);
    if (!content) {
      SourceError error = std::move(content.error());
      if (error.rule.empty() || error.kind == SourceError::Kind::kTorn)
        return tl::unexpected(std::move(error));
      return unread(file, known, std::move(error.rule), std::move(error.message));
    }
    const WipedText text(std::move(*content));
    const std::size_t hash = std::hash<std::string_view>()(text.view());
    const bool touched = known.readable && known.contentHash == hash;
    return Known(file, hash,
                 touched ? known.reading
                         : std::make_shared<const FileReading>(readFile(file.path, text.view(), options_)),
                 /*isReadable=*/true);
  }

  /// A file that cannot be read is looked at again each time; as long as the answer is the same, so is the
  /// reading.
  static Known unread(const SourceFile& file, const Known& known, std::string rule, std::string message) {
    const std::size_t hash = std::hash<std::string>()(rule + message);
    if (known.reading && !known.readable && known.contentHash == hash) return known;
    return Known(
        file, hash,
        std::make_shared<const FileReading>(unreadableFile(file.path, std::move(rule), std::move(message))),
        /*isReadable=*/false);
  }

  ManifestSetPtr build() const {
    SetBuilder builder(options_.severities);
    builder.expect(known_.size());
    for (const Known& file : known_) {
      for (const CheckedElement& element : file.elements) builder.add(element);
    }
    if (skipped_.yaml.count > 0) builder.add(yamlFault(skipped_.yaml));
    if (skipped_.submodules.count > 0) builder.add(submoduleFault(skipped_.submodules));
    ManifestSet set = std::move(builder).build(/*keepOrder=*/options_.forImport);
    set.files = known_.size();
    return std::make_shared<const ManifestSet>(std::move(set));
  }

  ReadingOptions options_;
  std::vector<Known> known_;  ///< sorted by path
  SkippedFiles skipped_;
  ManifestSetPtr last_;  ///< of known_ and skipped_; nullptr until that is verified
};

SetReader::SetReader(ReadingOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SetReader::~SetReader() = default;
SetReader::SetReader(SetReader&&) noexcept = default;
SetReader& SetReader::operator=(SetReader&&) noexcept = default;

void SetReader::judgeFor(const HydraVersion& hydra) { impl_->judgeFor(hydra); }

tl::expected<Reading, SourceError> SetReader::read(ManifestSource& source, const GoOn& goOn) {
  return impl_->read(source, goOn);
}

ManifestSet readText(const std::string& path, std::string_view text, const ReadingOptions& options) {
  FileReading reading =
      text.size() > options.fileBytes
          ? unreadableFile(path, "file-size", tooLarge(text.size(), options.fileBytes).message)
          : readFile(path, text, options);
  if (reading.elements.size() > options.manifests) {
    reading = unreadableFile(path, "too-many-manifests", tooManyMessage(options.manifests));
  }
  SetBuilder builder(options.severities);
  for (const CheckedElement& element : reading.elements) builder.add(element);
  ManifestSet set = std::move(builder).build(/*keepOrder=*/options.forImport);
  set.files = 1;
  return set;
}

}  // namespace hydra_clients::manifest
