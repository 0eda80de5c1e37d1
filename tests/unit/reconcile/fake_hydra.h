#pragma once

// A Hydra v2.3 in memory behind the Transport seam, for tests of what stands above it. What it answers is
// what the contract suite sees of real servers; faults are scripted by the test.

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "hydra/transport.h"

namespace hydra_clients::test {

class FakeHydra final : public hydra::Transport {
 public:
  using Answer = tl::expected<hydra::Response, hydra::TransportError>;
  /// May answer in the server's place; nullopt: let it answer. `commit` carries the request out.
  using Fault =
      std::function<std::optional<Answer>(const hydra::Request&, const std::function<Answer()>& commit)>;

  Answer send(const hydra::Request& request) override;
  void cancelAll() override {}

  /// Puts a client there by other hands. `json` is the stored form.
  void put(const std::string& id, const std::string& json);
  void remove(const std::string& id);
  void setFault(Fault fault);

  [[nodiscard]] std::size_t posts() const;
  [[nodiscard]] std::size_t clients() const;
  [[nodiscard]] std::optional<std::string> stored(const std::string& id) const;

  static hydra::Response response(int status, std::string body);
  static hydra::TransportError lost(bool mayHaveArrived);

 private:
  Answer answer(const hydra::Request& request);
  Answer list() const;
  Answer create(const hydra::Request& request);

  mutable std::mutex mutex_;  ///< guards all below
  std::map<std::string, std::string> clients_;
  std::size_t posts_ = 0;
  Fault fault_;
};

}  // namespace hydra_clients::test
