#pragma once

// From a source to a manifest set: JSON, limits, schema, rules, duplicates. Everything that stands between a
// file and a client that may be imported is decided here, before anything is sent.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/hydra_version.h"
#include "client/json.h"
#include "manifest/manifest.h"
#include "manifest/rules/severities.h"
#include "manifest/source.h"

namespace hydra_clients::manifest {

class Schema;

struct ReadingOptions {
  json::Limits limits;
  std::size_t fileBytes = 256u << 20;
  std::size_t manifests = 100'000;
  HydraVersion hydra = kNewestKnownHydra;  ///< whose fields are known
  /// `import`: a client without client_id is allowed, and read-only fields are dropped with a warning.
  bool forImport = false;
  /// Nothing is to be sent or compared: a valid manifest keeps its id and its place alone.
  bool verdictOnly = false;
  /// What the name of client_secret_from's variable must begin with.
  std::string secretsEnvPrefix{kSecretsEnvPrefix};
  /// `validate`: a client that needs a secret and states none is told of, and one that states it in the
  /// clear. `run` and `plan` say the first by the client's outcome, and `import` makes one up; the second is
  /// a matter of what is committed, not of what is imported.
  bool warnOfSecrets = false;
  /// A stricter schema of the user's own, checked after the shipped one.
  std::shared_ptr<const Schema> extraSchema;
  RuleSeverities severities;
};

/// What one reading of a source gave.
struct Reading {
  ManifestSetPtr set;  ///< never null
  Revision revision;
  std::vector<std::string> notices;    ///< see Snapshot::notices
  std::optional<SourceError> refused;  ///< see Snapshot::newestRefused
  StillProven proof;                   ///< see Snapshot::proof
};

/// Reads snapshots into manifest sets. Files whose identity did not change are neither read nor parsed again;
/// where nothing changed the same set is returned (pointer-equal). Used by one thread.
class SetReader {
 public:
  explicit SetReader(ReadingOptions options);
  ~SetReader();
  SetReader(SetReader&&) noexcept;
  SetReader& operator=(SetReader&&) noexcept;

  /// By whose rules manifests are judged from now on. Where it is another Hydra than before, all of them are
  /// judged anew.
  void judgeFor(const HydraVersion& hydra);

  /// Called as files are read, on the calling thread, with how many of them are; false: kStopped.
  using GoOn = std::function<bool(std::size_t read, std::size_t files)>;
  /// A torn snapshot is read again, up to kTornRetries times.
  [[nodiscard]] tl::expected<Reading, SourceError> read(ManifestSource& source, const GoOn& goOn = {});

  static constexpr int kTornRetries = 5;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// One text to a set of its own: `import`'s files and standard input, `validate -`. `path` names it in
/// faults.
[[nodiscard]] ManifestSet readText(const std::string& path, std::string_view text,
                                   const ReadingOptions& options);

/// Several sets to one, the ids that meet made duplicates. The order of the parts is kept.
[[nodiscard]] ManifestSet joinSets(std::vector<ManifestSet> parts, const RuleSeverities& severities);

}  // namespace hydra_clients::manifest
