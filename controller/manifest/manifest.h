#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_id.h"
#include "client/declared_fields.h"
#include "client/secret_source.h"
#include "manifest/fault.h"

namespace hydra_clients::manifest {

/// One declared client: immutable, canonical from birth. Shared between cycles by its file's content.
struct Manifest {
  /// "" only for `import`, where a client may leave its id to be made up.
  ClientId id;
  DeclaredFields declared;
  SecretSource secret;
  /// Hydra's own fields as JSON, without client_id, client_secret and the extension keys: see makePostBody.
  std::string fields;
  /// Whether `metadata` can carry the stamp of a generated secret (absent, null, or an object).
  bool canBeStamped = true;
  Location from;           ///< of the client object
  std::size_t idLine = 0;  ///< where client_id's value stands; 0 where there is none
  std::size_t idColumn = 0;

  /// The names of the declared fields whose live value differs, in the table's order; empty where in sync.
  [[nodiscard]] std::vector<std::string_view> differingFrom(const json::Value& liveClient,
                                                            const HydraVersion& version) const;
};

using ManifestPtr = std::shared_ptr<const Manifest>;

/// An element that is no client: what is wrong with it, and the id where one could be read.
struct InvalidManifest {
  std::optional<ClientId> id;
  Location from;
  std::size_t idLine = 0;
  std::size_t idColumn = 0;
  std::vector<Fault> faults;  ///< its warnings too
};

/// A client_id that stands in more than one element, valid or not. None of them is in the set's other lists.
struct DuplicateId {
  ClientId id;
  std::vector<Location> places;  ///< of the client_ids, sorted
  std::vector<Fault> faults;     ///< what else is wrong with the invalid ones
};

/// All manifests of one snapshot.
struct ManifestSet {
  /// Valid and unique, sorted by id (for `import`: in the order of the files).
  std::vector<ManifestPtr> manifests;
  std::vector<InvalidManifest> invalid;  ///< sorted by place
  std::vector<DuplicateId> duplicates;   ///< sorted by id
  std::vector<Fault> warnings;           ///< of valid manifests and of files, sorted by place
  std::size_t files = 0;

  [[nodiscard]] bool faultless() const { return invalid.empty() && duplicates.empty(); }
  /// Errors and warnings of everything, sorted by place: what `validate` prints.
  [[nodiscard]] std::vector<Fault> allFaults() const;
};

using ManifestSetPtr = std::shared_ptr<const ManifestSet>;

}  // namespace hydra_clients::manifest
