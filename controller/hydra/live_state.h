#pragma once

// The clients that Hydra holds, as far as somebody needs them: read page by page, or asked for one by one,
// whichever costs Hydra less (design §2).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>

#include <tl/expected.hpp>

#include "hydra/admin_api.h"
#include "hydra/client_list.h"

namespace hydra_clients::hydra {

/// Which clients somebody needs to know of.
struct Wanted {
  std::span<const ClientId* const> ids;  ///< each addressable() by this Hydra
  bool others = false;                   ///< more than these, of ids that only a list shows
};

/// Each is called for one client at a time, not always on the same thread.
struct LiveStateVisitor {
  LiveClientVisitor client;  ///< may be called twice for one client, and for clients that nobody wanted
  /// A wanted client of which Hydra does not say whether it is there; the others are read.
  std::function<void(const ClientId& id, const AdminError& error)> unread;
  /// How many were read, of how many where that is known; may be empty.
  std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)> progress = nullptr;
};

struct LiveStateSummary {
  std::optional<std::uint64_t> clients;  ///< how many Hydra holds; nullopt: only the wanted ones were read
  std::optional<AdminError> listFault;   ///< why its list is of no use, where that is so
};

/// One reading at a time: begin(), then finish(). Used by one thread; while clients are asked for by id, as
/// many threads as `lookUps` says send requests.
class LiveState {
 public:
  /// `api` outlives it.
  LiveState(AdminApi& api, std::size_t lookUps) : api_(api), lookUps_(lookUps) {}

  /// After a detect(). Asks for the first page where a list seems the better way; `expected` is about how
  /// many clients will be wanted, if that is known. Does not wait for the answer.
  void begin(std::optional<std::size_t> expected);

  /// Reads what is wanted, after begin(). Where the list cannot be used (a stored client of anybody makes
  /// Hydra answer 500 to it, it is cut, it never ends) the wanted clients are asked for by id, and the others
  /// stay unknown. An error: Hydra cannot be reached, or says of nobody whether it is there.
  [[nodiscard]] tl::expected<LiveStateSummary, AdminError> finish(const Wanted& wanted,
                                                                  const LiveStateVisitor& visitor,
                                                                  const std::stop_token& stop);

  /// Where nobody says how many look-ups may run side by side.
  static constexpr std::size_t kLookUps = 8;
  /// Below that a thread costs more than it saves.
  static constexpr std::size_t kLookUpsPerThread = 4;

  /// Up to how many clients of Hydra a list is read for so many wanted ones: a GET costs Hydra about as much
  /// as eight clients of a page, and a page or two is worth it to know how many clients have no manifest.
  [[nodiscard]] static constexpr std::uint64_t mostListed(std::size_t wanted) {
    return kListedAnyway + kListedPerWanted * wanted;
  }
  static constexpr std::uint64_t kListedAnyway = 1000;
  static constexpr std::uint64_t kListedPerWanted = 8;
  /// A list that was too long is tried again after so many readings by id: it may have shrunk.
  static constexpr int kReadingsUntilListedAgain = 60;

 private:
  void remember(std::uint64_t clients);
  /// Whether a list is known beforehand to be too long for so many wanted clients.
  [[nodiscard]] bool tooLong(std::size_t wanted) const;
  [[nodiscard]] tl::expected<LiveStateSummary, AdminError> readById(std::span<const ClientId* const> ids,
                                                                    const LiveStateVisitor& visitor,
                                                                    const std::stop_token& stop);

  AdminApi& api_;
  const std::size_t lookUps_;
  std::optional<ClientList> list_;  ///< begun, not yet read
  std::uint64_t seenAtLeast_ = 0;   ///< clients, by Hydra's total or a list that was given up
  int readingsSince_ = 0;           ///< by id
  std::mutex mutex_;                ///< held while a visitor is called
};

}  // namespace hydra_clients::hydra
