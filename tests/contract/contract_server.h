#pragma once

// The server that the contract is held against, and the few things that every case does with it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/hydra_version.h"
#include "hydra/admin_api.h"

namespace hydra_clients::contract {

/// From CONTRACT_ENDPOINT (`http://…` or `unix:///…`) and CONTRACT_SERVER (`sandbox:v2.3`, `hydra:v1.11.10`).
class Server {
 public:
  /// "" or what is missing, in words. Once, before any test.
  static std::string start();
  static Server& get();

  [[nodiscard]] hydra::AdminApi& api() { return *api_; }
  [[nodiscard]] hydra::Transport& transport() { return *transport_; }
  /// What CONTRACT_SERVER says it is; a part that it leaves out is HydraVersion::kNewestOfLine.
  [[nodiscard]] const HydraVersion& version() const { return version_; }
  [[nodiscard]] bool isV1() const { return version_.major == 1; }
  [[nodiscard]] bool takesChosenIds() const { return isV1() || version_ >= HydraVersion{2, 2, 0}; }

 private:
  std::unique_ptr<hydra::Transport> transport_;
  std::unique_ptr<hydra::AdminApi> api_;
  HydraVersion version_;
};

using CreateResult = tl::expected<ClientId, hydra::AdminError>;

/// POSTs a JSON object of fields, with that id where one is given.
CreateResult post(std::string_view fields, const std::optional<std::string>& id = std::nullopt,
                  const std::string& secret = "contract-secret");
/// POSTs it under an id of its own where this Hydra takes chosen ids, else under Hydra's.
CreateResult postAnywhere(std::string_view fields);

/// The answer's JSON to such a POST, secrets included; null where it is none.
json::Value answerToPost(std::string_view fields, const std::string& secret = "contract-secret");

/// "contract-<what>-<random>": two runs against one server do not meet.
std::string freshId(std::string_view what);

/// The live client of that id: by URL where the dialect can, else from the list.
std::optional<json::Value> readBack(const ClientId& id);

/// "" where the call went well, else its error; for messages.
template <typename T>
std::string why(const tl::expected<T, hydra::AdminError>& result) {
  return result ? std::string() : result.error().message;
}

}  // namespace hydra_clients::contract
