#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "manifest/element_check.h"
#include "manifest/manifest.h"
#include "manifest/rules/severities.h"

namespace hydra_clients::manifest {

/// Puts elements together to a set: an id that stands in more than one, valid or not, makes a duplicate of
/// all of them. `keepOrder`: the manifests stay in the order of the elements instead of being sorted by id.
class SetBuilder {
 public:
  /// `severities` outlives it.
  explicit SetBuilder(const RuleSeverities& severities) : severities_(severities) {}
  /// So many elements or a few more will come.
  void expect(std::size_t elements) { entries_.reserve(elements); }
  void add(const CheckedElement& element);
  void add(const DuplicateId& duplicate);
  /// What is wrong with a file that is not read, as its rule's severity is.
  void add(Fault ofFile);
  [[nodiscard]] ManifestSet build(bool keepOrder) &&;

 private:
  struct Entry {
    ManifestPtr valid;
    InvalidPtr invalid;
  };
  /// An entry by its id.
  struct Named {
    std::string_view id;
    std::size_t entry;
  };
  [[nodiscard]] static const ClientId* idOf(const Entry& entry);
  [[nodiscard]] std::vector<Named> named() const;
  /// Takes the entries whose id stands in another one too out of entries_, which leaves theirs empty.
  [[nodiscard]] std::vector<DuplicateId> takeDuplicates(const std::vector<Named>& byId);
  static void addTo(DuplicateId& duplicate, Entry& entry);

  const RuleSeverities& severities_;
  std::vector<Entry> entries_;
  std::vector<DuplicateId> duplicates_;
  std::vector<Fault> warnings_;
};

/// The place of the client_id itself; of the client where it has none.
[[nodiscard]] Location placeOfId(const Location& from, std::size_t idLine, std::size_t idColumn);

}  // namespace hydra_clients::manifest
