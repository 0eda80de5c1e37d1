#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client/json.h"

namespace hydra_clients::manifest {

/// A schema's plain part as a table, for the common case of a value that fits: one walk, nothing allocated.
///
///     AcceptTable table(schemaDocument);
///     if (!table.accepts(client)) ask valijson, which also says why
///
/// It only ever says "fits" or "cannot say": what it cannot judge (any keyword beyond `type`, `enum` of
/// scalars, `properties`, `additionalProperties` of true or false, `required`, one schema for `items`, the
/// bounds of properties and items) is left to valijson. So it changes how fast a verdict is reached, and
/// never the verdict. Thread-safe once made. `schema` may go away.
class AcceptTable {
 public:
  explicit AcceptTable(const json::Value& schema);

  /// True only where valijson accepts the value too.
  [[nodiscard]] bool accepts(const json::Value& value) const { return accepts(root_, value); }

 private:
  using NodeIndex = std::uint32_t;
  static constexpr NodeIndex kAnything = UINT32_MAX;
  static constexpr NodeIndex kCannotSay = UINT32_MAX - 1;

  struct Node {
    std::uint8_t kinds = 0xFF;                        ///< one bit a json::Kind
    bool othersAllowed = true;                        ///< members that `properties` does not name
    std::uint64_t minimum = 0, maximum = UINT64_MAX;  ///< of properties, or of items
    NodeIndex items = kAnything;
    std::vector<json::Value> oneOf;                             ///< `enum`; empty: anything
    std::vector<std::pair<std::string, NodeIndex>> properties;  ///< sorted by name
    std::vector<std::string> required;
  };

  NodeIndex compile(const json::Value& schema, std::size_t depth);
  bool compileKeyword(Node& node, const json::Member& keyword, std::size_t depth);
  bool compileProperties(Node& node, const json::Value& properties, std::size_t depth);
  [[nodiscard]] bool accepts(NodeIndex index, const json::Value& value) const;
  [[nodiscard]] bool acceptsMembers(const Node& node, const json::Value& object) const;

  std::vector<Node> nodes_;
  NodeIndex root_ = kCannotSay;
};

}  // namespace hydra_clients::manifest
