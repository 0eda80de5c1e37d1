#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client/client_id.h"
#include "client/json.h"

namespace hydra_clients::hydra {

/// A client as Hydra sent it: a view into the page that is being read, compared at once and not kept (see
/// kept()). Only its id is read at first, since most live clients are as they were a moment ago, or nobody's.
class LiveClient {
 public:
  /// nullopt where `raw` shows no string `client_id`, or an empty one.
  [[nodiscard]] static std::optional<LiveClient> of(std::string_view raw);

  [[nodiscard]] std::string_view id() const {
    return idLength_ > 0 ? raw_.substr(kIdBegin, idLength_) : std::string_view(readId_);
  }
  /// Its bytes, without white space around them. Two of the same bytes are the same client in the same state.
  [[nodiscard]] std::string_view raw() const { return raw_; }
  /// Its fields, read now. `client_secret` and `registration_access_token` are gone from them. An error, in
  /// words without a value of the client: the bytes are no JSON, or name two ids.
  [[nodiscard]] tl::expected<json::Value, std::string> value() const;

  /// The same client with bytes of its own, which outlives the page.
  [[nodiscard]] LiveClient kept() const;

 private:
  static constexpr std::string_view kBeforeId = R"({"client_id":)";  ///< as every Hydra begins a client
  static constexpr std::size_t kIdBegin = kBeforeId.size() + 1;      ///< after the quote

  explicit LiveClient(std::string_view raw) : raw_(raw) {}
  [[nodiscard]] bool takeIdAsHydraWritesIt();

  std::shared_ptr<const std::string> bytes_;  ///< of one that is kept: what raw_ views
  std::string_view raw_;
  std::size_t idLength_ = 0;  ///< within raw_; 0: the id is readId_
  ClientId readId_;
};

}  // namespace hydra_clients::hydra
