#include "model_source.h"

#include <string>
#include <utility>

#include "client/fingerprint.h"

namespace simulate {
namespace {

using namespace hydra_clients;
using manifest::SourceError;
using Kind = SourceError::Kind;

manifest::FileIdentity identityOf(const std::string& content) {
  const Fingerprint print = fingerprintOf(content);
  return {{print.low, print.high}};
}

}  // namespace

/// Of files it reads what stands there at that moment, which is another revision's where one came meanwhile.
class ModelSource::Reading final : public manifest::Snapshot {
 public:
  explicit Reading(ModelSource& source) : source_(source), revision_(source.visible_) {
    for (const auto& [path, content] : filesOf(*revision_)) files_.push_back({path, identityOf(content)});
  }

  [[nodiscard]] const manifest::Revision& revision() const override { return name_; }
  [[nodiscard]] const std::vector<manifest::SourceFile>& files() const override { return files_; }

  tl::expected<std::string, SourceError> contentOf(const manifest::SourceFile& file, std::uint64_t) override {
    source_.scheduler_.mayYield();
    const auto contents = filesOf(source_.atomic_ ? *revision_ : *source_.visible_);
    const auto found = contents.find(file.path);
    if (found != contents.end()) return found->second;
    return tl::unexpected(SourceError{Kind::kTorn, "a file went away while it was read"});
  }

  tl::expected<void, SourceError> verify() override {
    source_.scheduler_.mayYield();
    const bool moved = !source_.atomic_ && source_.visible_ != revision_;
    if (moved || source_.state_ == State::kTorn)
      return tl::unexpected(SourceError{Kind::kTorn, "the manifests changed while they were read"});
    source_.inForce_ = revision_;
    return {};
  }

 private:
  ModelSource& source_;
  const Revision revision_;
  const manifest::Revision name_;
  std::vector<manifest::SourceFile> files_;
};

tl::expected<std::unique_ptr<manifest::Snapshot>, SourceError> ModelSource::open() {
  scheduler_.sleep(std::chrono::microseconds(scheduler_.chance().between(10, 2'000)));
  switch (state_) {
    case State::kUnreadable:
      return tl::unexpected(SourceError{Kind::kUnreadable, "the manifests cannot be read"});
    case State::kAbsent:
      return tl::unexpected(SourceError{Kind::kAbsent, "the manifests are not there"});
    case State::kEmpty:
      return tl::unexpected(SourceError{Kind::kEmpty, "there are no manifests"});
    case State::kWhole:
    case State::kTorn:
      break;
  }
  return std::make_unique<Reading>(*this);
}

}  // namespace simulate
