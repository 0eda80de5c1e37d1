#pragma once

#include <string>
#include <vector>

#include "client/json.h"
#include "manifest/schema.h"

namespace hydra_clients::manifest {

/// One error as valijson reports it: a path such as {"<root>", "[redirect_uris]", "[0]"} and a sentence.
struct RawSchemaError {
  std::vector<std::string> context;
  std::string description;
};

/// What a person should be told of valijson's errors: one finding a fault, the deepest place only, with what
/// the schema allows there. Never quotes the value. Never empty: where nothing can be told apart, one finding
/// says that `client` does not fit. `shipped`: the schema is our own, whose fields have advice of their own.
[[nodiscard]] std::vector<SchemaFinding> explainSchemaErrors(const std::vector<RawSchemaError>& errors,
                                                             const json::Value& schema,
                                                             const json::Value& client, bool shipped);

}  // namespace hydra_clients::manifest
