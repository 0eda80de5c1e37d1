#pragma once

// The manifests as people write them: their revisions, and what each declares.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chance.h"

namespace simulate {

/// One client as a manifest declares it.
struct Declared {
  enum class Kind {
    kPublic,     ///< needs no secret
    kStated,     ///< its secret stands in it
    kGenerated,  ///< the controller makes its secret
    kInvalid,
    kDuplicate,  ///< twice, valid both times
  };
  Kind kind = Kind::kPublic;
  std::string name;  ///< client_name: what a person changes

  [[nodiscard]] bool maySend() const { return kind != Kind::kInvalid && kind != Kind::kDuplicate; }
  bool operator==(const Declared&) const = default;
};

/// By client_id.
using DeclaredSet = std::map<std::string, Declared>;
using Revision = std::shared_ptr<const DeclaredSet>;

/// The files of a revision: their content by path.
[[nodiscard]] std::map<std::string, std::string> filesOf(const DeclaredSet& set);

/// The client_id of the n-th client; of every fifth one only a list shows it, before v25.
[[nodiscard]] std::string idOf(std::size_t number);
[[nodiscard]] std::string statedSecretOf(const std::string& id);

/// `count` clients of any kind.
[[nodiscard]] DeclaredSet firstSet(std::size_t count, Chance& chance);
/// The same after one change by a person, which is described.
[[nodiscard]] DeclaredSet edited(DeclaredSet set, std::size_t count, Chance& chance, std::string& change);

}  // namespace simulate
