#pragma once

// A list's pages in their order, fetched ahead of whoever reads them. Inside this room only.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <optional>
#include <string>
#include <unordered_set>

#include <tl/expected.hpp>

#include "hydra/admin_api.h"
#include "hydra/dialect.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// Where the pages can be counted (offsets: v1, and v2.0 to v2.3, whose page tokens are offsets) several are
/// fetched side by side; elsewhere the next one while the last is read. A page that is too large for the
/// transport makes the pages smaller. Used by one thread; the requests run on threads of their own, at most
/// kSideBySide at once, and each holds one page at most. Its destructor waits for them.
class PageFetcher {
 public:
  /// Begins with the first page at once.
  PageFetcher(Transport& transport, const Dialect& dialect, int pageSize);

  /// The next page, with status 200; nullopt after the last. `rowsSoFar`: of the pages given before. An error
  /// is the list's end.
  [[nodiscard]] tl::expected<std::optional<Response>, AdminError> next(std::uint64_t rowsSoFar);
  /// Whether next() has given a page.
  [[nodiscard]] bool begun() const { return begun_; }
  /// Whether pages are fetched side by side. Then one may be older than the one before it, and a client that
  /// an insertion has moved from the one to the other stands in neither.
  [[nodiscard]] bool sideBySide() const { return counting_; }
  /// From the first page again, and from now on each page after the one before it.
  void restartInOrder();

  static constexpr std::size_t kSideBySide = 3;

 private:
  using Answer = tl::expected<Response, TransportError>;
  /// v1's offset or v2's page token; "" is the first page.
  using Place = std::string;
  struct Fetch {
    Place place;
    std::uint64_t offset = 0;  ///< counting: of its first row
    std::future<Answer> answer;
  };

  void fetch(const Place& place, std::uint64_t offset = 0);
  /// Begins with what is certain to follow `page`.
  void lookAhead(const Response& page);
  void lookAheadByOffset();
  void makePagesSmaller(const Fetch& from);
  /// Where a proxy has dropped all that says whether there is more: a full page means that there may be.
  [[nodiscard]] bool mayGoOnBlindly(std::uint64_t rowsSoFar) const;
  [[nodiscard]] std::string target(const Place& place) const;
  [[nodiscard]] Place placeOf(std::uint64_t offset) const;
  [[nodiscard]] std::optional<Place> linkedPlace(const Response& page) const;
  /// Whether pages may be asked for by offset: their number is known, and the offsets mean what we think.
  [[nodiscard]] bool canCount(const Response& firstPage) const;

  Transport& transport_;
  const Dialect dialect_;
  int pageSize_;
  std::size_t likelyBytes_ = 0;  ///< of the next page; 0 where none has come yet
  bool begun_ = false;
  bool mayCount_ = true;
  bool counting_ = false;
  std::uint64_t nextOffset_ = 0;      ///< counting: of the first page that is not asked for
  std::uint64_t total_ = 0;           ///< counting: as the newest page tells it
  std::unordered_set<Place> linked_;  ///< not counting: the places that pages have named
  bool blind_ = false;                ///< not counting: the last page had no Link header
  std::uint64_t rowsBefore_ = 0;      ///< of all pages but the last one given
  std::optional<AdminError> fault_;   ///< to be told after the pages that are under way
  std::deque<Fetch> underWay_;        ///< in the order of the list
};

}  // namespace hydra_clients::hydra
