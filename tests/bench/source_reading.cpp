// Reads a source of manifests as a cycle does, as often as it is told to, and says what each reading cost:
//
//     source-reading PATH [FOLDER]
//
// PATH and FOLDER are what --manifests and --path take. Each line of standard input is one reading: `again`,
// with what is remembered of the ones before, or `anew`. Each gives a line of JSON: seconds, of them those in
// which the source was opened (the commit found, its tree listed), contents were had (summed over threads),
// and nothing but the rest; how many files, clients and invalid clients there are, how many contents were
// had.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "manifest/set_reader.h"
#include "manifest/sources/path_source.h"

namespace {

using hydra_clients::manifest::ManifestSource;
using hydra_clients::manifest::PathSource;
using hydra_clients::manifest::PathSourceOptions;
using hydra_clients::manifest::Revision;
using hydra_clients::manifest::SetReader;
using hydra_clients::manifest::SkippedFiles;
using hydra_clients::manifest::Snapshot;
using hydra_clients::manifest::SourceError;
using hydra_clients::manifest::SourceFile;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// What one reading spent in its source.
struct Spent {
  nanoseconds opening{0};
  std::atomic<nanoseconds::rep> contents = 0;
  std::atomic<std::size_t> read = 0;
};

class TimedSnapshot final : public Snapshot {
 public:
  TimedSnapshot(std::unique_ptr<Snapshot> inner, Spent& spent) : inner_(std::move(inner)), spent_(spent) {}
  [[nodiscard]] const Revision& revision() const override { return inner_->revision(); }
  [[nodiscard]] const std::vector<SourceFile>& files() const override { return inner_->files(); }
  [[nodiscard]] SkippedFiles skipped() const override { return inner_->skipped(); }
  [[nodiscard]] std::vector<std::string> notices() const override { return inner_->notices(); }
  [[nodiscard]] tl::expected<std::string, SourceError> contentOf(const SourceFile& file,
                                                                 std::uint64_t limit) override {
    const auto began = steady_clock::now();
    auto content = inner_->contentOf(file, limit);
    spent_.contents += nanoseconds(steady_clock::now() - began).count();
    ++spent_.read;
    return content;
  }
  [[nodiscard]] tl::expected<void, SourceError> verify() override { return inner_->verify(); }

 private:
  const std::unique_ptr<Snapshot> inner_;
  Spent& spent_;
};

class TimedSource final : public ManifestSource {
 public:
  TimedSource(ManifestSource& inner, Spent& spent) : inner_(inner), spent_(spent) {}
  [[nodiscard]] tl::expected<std::unique_ptr<Snapshot>, SourceError> open() override {
    const auto began = steady_clock::now();
    auto snapshot = inner_.open();
    spent_.opening += steady_clock::now() - began;
    if (!snapshot) return snapshot;
    return std::make_unique<TimedSnapshot>(std::move(*snapshot), spent_);
  }
  [[nodiscard]] std::string description() const override { return inner_.description(); }

 private:
  ManifestSource& inner_;
  Spent& spent_;
};

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// One reading, told on standard output; false where it failed.
bool read(SetReader& reader, PathSource& source) {
  Spent spent;
  TimedSource timed(source, spent);
  const auto began = steady_clock::now();
  const auto reading = reader.read(timed);
  const nanoseconds all = steady_clock::now() - began;
  if (!reading) {
    std::cerr << "source-reading: " << reading.error().message << "\n";
    return false;
  }
  std::printf(
      R"({"seconds": %.9f, "opening": %.9f, "contents": %.9f, "read": %zu, "files": %zu, "clients": %zu, "invalid": %zu, "revision": "%s"})"
      "\n",
      seconds(all), seconds(spent.opening), seconds(nanoseconds(spent.contents)), spent.read.load(),
      reading->set->files, reading->set->manifests.size(), reading->set->invalid.size(),
      reading->revision.id.c_str());
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: source-reading PATH [FOLDER]\n";
    return 64;
  }
  PathSourceOptions options;
  options.path = argv[1];
  if (argc == 3) options.git.inside = argv[2];
  auto reader = std::make_unique<SetReader>(hydra_clients::manifest::ReadingOptions{});
  auto source = std::make_unique<PathSource>(options);
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "anew") {
      reader = std::make_unique<SetReader>(hydra_clients::manifest::ReadingOptions{});
      source = std::make_unique<PathSource>(options);
    }
    if (!read(*reader, *source)) return 1;
  }
}
