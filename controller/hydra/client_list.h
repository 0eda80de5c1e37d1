#pragma once

// All live clients of one Hydra, page by page, and the traps on the way (hydra-admin-api §4).

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include <tl/expected.hpp>

#include "hydra/admin_api.h"

namespace hydra_clients::hydra {

/// A list of the live clients that is being read: from the moment it is made the first page is on its way.
/// Used by one thread.
class ClientList {
 public:
  ClientList(Transport& transport, const Dialect& dialect, int pageSize);
  ~ClientList();
  ClientList(ClientList&&) noexcept;
  ClientList& operator=(ClientList&&) noexcept;

  /// Visits each client once. To be called once; see AdminApi::visitClients. A list that shows, by its total
  /// or its pages, that it holds more than `mostClients` is given up there.
  [[nodiscard]] tl::expected<ListSummary, AdminError> visit(const LiveClientVisitor& visit,
                                                            const std::stop_token& stop,
                                                            std::uint64_t mostClients = AdminApi::kNoLimit);
  /// How many clients Hydra says it holds, as the newest page that was read tells; nullopt before the first,
  /// and where it does not say. May be asked by the visitor.
  [[nodiscard]] std::optional<std::uint64_t> total() const;

 private:
  class Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace hydra_clients::hydra
