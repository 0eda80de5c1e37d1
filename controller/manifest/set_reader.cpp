#include "manifest/set_reader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "client/secret.h"
#include "client/side_by_side.h"
#include "manifest/file_reading.h"
#include "manifest/manifest_set.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::chrono::milliseconds kFirstTornPause{10};  // doubled each time: 150 ms over all tries

std::string tooManyMessage(std::size_t limit) {
  return "more than " + std::to_string(limit) + " clients; --max-manifests allows more";
}

std::string tooLargeMessage(std::uint64_t size, std::size_t limit) {
  return "the file has " + std::to_string(size) + " bytes, and at most " + std::to_string(limit) +
         " are allowed";
}

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
    cache_.clear();
    last_.reset();
    lastReadings_.clear();
  }

  tl::expected<ManifestSetPtr, SourceError> read(ManifestSource& source, const GoOn& goOn) {
    auto pause = kFirstTornPause;
    for (int attempt = 0;; ++attempt) {
      auto set = readOnce(source, goOn);
      if (set || set.error().kind != SourceError::Kind::kTorn || attempt + 1 == kTornRetries) return set;
      std::this_thread::sleep_for(pause);
      pause *= 2;
    }
  }

 private:
  struct Cached {
    std::string identity;
    std::size_t contentHash = 0;
    FileReadingPtr reading;
  };
  using Cache = std::unordered_map<std::string, Cached>;

  tl::expected<ManifestSetPtr, SourceError> readOnce(ManifestSource& source, const GoOn& goOn) {
    auto opened = source.open();
    if (!opened) return tl::unexpected(std::move(opened.error()));
    Snapshot& snapshot = **opened;

    auto readings = readAll(snapshot, source, goOn);
    if (!readings) return tl::unexpected(std::move(readings.error()));
    if (auto verified = snapshot.verify(); !verified) return tl::unexpected(std::move(verified.error()));

    forgetAllBut(snapshot.files());
    if (!last_ || last_->revision != snapshot.revision() || *readings != lastReadings_) {
      last_ = build(*readings, snapshot.revision());
      lastReadings_ = std::move(*readings);
    }
    return last_;
  }

  /// What all files hold, side by side where there are many, in their order. A reading is kept even where the
  /// snapshot turns out to be torn: it belongs to the file's identity.
  tl::expected<std::vector<FileReadingPtr>, SourceError> readAll(Snapshot& snapshot,
                                                                 const ManifestSource& source,
                                                                 const GoOn& goOn) {
    const std::vector<SourceFile>& files = snapshot.files();
    std::vector<tl::expected<Cached, SourceError>> found(files.size());
    std::atomic<std::size_t> read = 0;
    std::atomic<std::size_t> manifests = 0;
    bool stopped = false;
    const auto mayGoOn = [&] { return !(stopped = goOn && !goOn(read, files.size())); };
    sideBySide(files.size(), threadsFor(files.size()), mayGoOn, [&](std::size_t i) {
      found[i] = look(snapshot, files[i]);
      ++read;
      if (!found[i]) return false;
      return (manifests += found[i]->reading->elements.size()) <= options_.manifests;
    });
    std::vector<FileReadingPtr> readings;
    readings.reserve(files.size());
    std::optional<SourceError> fault;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!found[i]) {
        if (!fault) fault = std::move(found[i].error());
      } else if (found[i]->reading) {
        readings.push_back(found[i]->reading);
        cache_.insert_or_assign(files[i].path, std::move(*found[i]));
      }
    }
    using Kind = SourceError::Kind;
    if (stopped)
      return tl::unexpected(
          SourceError{Kind::kStopped, "stopped while " + source.description() + " was read"});
    if (fault) return tl::unexpected(std::move(*fault));
    if (manifests > options_.manifests) {
      return tl::unexpected(
          SourceError{Kind::kLimit, source.description() + ": " + tooManyMessage(options_.manifests)});
    }
    return readings;
  }

  /// What one file holds, from the cache where that is known. Several threads may look at once: the cache is
  /// only read.
  [[nodiscard]] tl::expected<Cached, SourceError> look(Snapshot& snapshot, const SourceFile& file) const {
    const auto entry = cache_.find(file.path);
    const Cached* const known = entry == cache_.end() ? nullptr : &entry->second;
    if (known != nullptr && known->identity == file.identity && !file.identity.empty()) return *known;
    if (file.size > options_.fileBytes) {
      return unread(file, known, "file-size", tooLargeMessage(file.size, options_.fileBytes));
    }
    auto content = snapshot.contentOf(file);
    if (!content) {
      SourceError error = std::move(content.error());
      if (error.rule.empty() || error.kind == SourceError::Kind::kTorn)
        return tl::unexpected(std::move(error));
      return unread(file, known, std::move(error.rule), std::move(error.message));
    }
    const WipedText text(std::move(*content));
    const std::size_t hash = std::hash<std::string_view>()(text.view());
    if (known != nullptr && !known->identity.empty() && known->contentHash == hash) {
      return Cached{file.identity, hash, known->reading};  // touched, not changed
    }
    return Cached{file.identity, hash,
                  std::make_shared<const FileReading>(readFile(file.path, text.view(), options_))};
  }

  /// A file that cannot be read is looked at again each time (its identity is kept as ""); as long as the
  /// answer is the same, so is the reading.
  static Cached unread(const SourceFile& file, const Cached* known, std::string rule, std::string message) {
    const std::size_t hash = std::hash<std::string>()(rule + message);
    if (known != nullptr && known->identity.empty() && known->contentHash == hash) return *known;
    return {
        "", hash,
        std::make_shared<const FileReading>(unreadableFile(file.path, std::move(rule), std::move(message)))};
  }

  /// `files` are sorted by path.
  void forgetAllBut(const std::vector<SourceFile>& files) {
    if (cache_.size() == files.size()) return;  // every one of them is in it
    std::erase_if(cache_, [&](const auto& entry) {
      return !std::ranges::binary_search(files, entry.first, {}, &SourceFile::path);
    });
  }

  ManifestSetPtr build(const std::vector<FileReadingPtr>& readings, const std::string& revision) const {
    SetBuilder builder(options_.severities);
    for (const FileReadingPtr& reading : readings) {
      for (const CheckedElement& element : reading->elements) builder.add(element);
    }
    ManifestSet set = std::move(builder).build(/*keepOrder=*/options_.forImport);
    set.revision = revision;
    set.files = readings.size();
    return std::make_shared<const ManifestSet>(std::move(set));
  }

  ReadingOptions options_;
  Cache cache_;
  ManifestSetPtr last_;
  std::vector<FileReadingPtr> lastReadings_;
};

SetReader::SetReader(ReadingOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SetReader::~SetReader() = default;
SetReader::SetReader(SetReader&&) noexcept = default;
SetReader& SetReader::operator=(SetReader&&) noexcept = default;

void SetReader::judgeFor(const HydraVersion& hydra) { impl_->judgeFor(hydra); }

tl::expected<ManifestSetPtr, SourceError> SetReader::read(ManifestSource& source, const GoOn& goOn) {
  return impl_->read(source, goOn);
}

ManifestSet readText(const std::string& path, std::string_view text, const ReadingOptions& options) {
  FileReading reading =
      text.size() > options.fileBytes
          ? unreadableFile(path, "file-size", tooLargeMessage(text.size(), options.fileBytes))
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
