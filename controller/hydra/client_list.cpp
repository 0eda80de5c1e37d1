#include "hydra/client_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "client/json_raw.h"
#include "hydra/admin_error.h"
#include "hydra/page_fetcher.h"
#include "hydra/seen_ids.h"

namespace hydra_clients::hydra {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpBadRequest = 400;
static_assert(AdminApi::kMaxReadings <= SeenIds::kMostReadings);

/// One page as it was answered, its clients already visited.
struct Page {
  std::uint64_t rows = 0;
  std::uint64_t fresh = 0;  ///< rows whose id this reading had not shown before
  ResponseHeaders headers;
};

/// Why a reading has to be done again.
struct Doubt {
  std::string why;
  bool mustNotPass = true;  ///< false: after the last reading it is taken as it is
};

}  // namespace

class ClientList::Reading {
 public:
  Reading(Transport& transport, const Dialect& dialect, int pageSize)
      : transport_(transport), pages_(transport, dialect, pageSize) {}

  tl::expected<ListSummary, AdminError> run(const LiveClientVisitor& visit, const std::stop_token& stop,
                                            std::uint64_t mostClients);
  [[nodiscard]] std::optional<std::uint64_t> total() const { return total_; }

 private:
  /// One pass over the pages; nullopt where it adds up, or was given up.
  [[nodiscard]] tl::expected<std::optional<Doubt>, AdminError> readOnce(const LiveClientVisitor& visit,
                                                                        const std::stop_token& stop);
  [[nodiscard]] tl::expected<Page, AdminError> takePage(Response&& response, const LiveClientVisitor& visit);
  [[nodiscard]] AdminError truncated(std::string_view why) const;

  Transport& transport_;
  PageFetcher pages_;
  std::uint64_t mostClients_ = AdminApi::kNoLimit;
  unsigned reading_ = 0;
  ListSummary summary_;
  std::optional<std::uint64_t> total_;  ///< as the newest page tells
  SeenIds seen_;                        ///< what is shown twice is visited once
};

AdminError ClientList::Reading::truncated(std::string_view why) const {
  AdminError error;
  error.kind = AdminError::Kind::kTruncated;
  error.status = kHttpOk;
  error.message = transport_.endpoint() + ": the list of clients cannot be trusted: " + std::string(why);
  return error;
}

tl::expected<Page, AdminError> ClientList::Reading::takePage(Response&& response,
                                                             const LiveClientVisitor& visit) {
  Page page;
  page.headers = std::move(response.headers);
  if (page.headers.totalCount) total_ = page.headers.totalCount;
  bool isList = true;
  const auto fault = json::splitArray(response.body, [&](std::string_view raw) {
    const auto client = isList ? LiveClient::of(raw) : std::nullopt;
    isList = client.has_value();
    if (!isList) return;
    ++page.rows;
    const SeenIds::Sighting sighting = seen_.note(client->id(), reading_);
    if (sighting.firstOfReading) ++page.fresh;
    if (!sighting.first) return;
    ++summary_.clients;
    visit(*client);
  });
  if (!fault && isList) return page;
  const bool cut = fault && fault->kind != json::RawFault::Kind::kNoArray;
  return tl::unexpected(malformed(Call::kList, response, transport_.endpoint(),
                                  cut ? "a list of clients that is cut or broken, at byte " +
                                            std::to_string(fault->offset) + " of " +
                                            std::to_string(response.body.size())
                                      : "JSON that is no list of clients"));
}

tl::expected<std::optional<Doubt>, AdminError> ClientList::Reading::readOnce(const LiveClientVisitor& visit,
                                                                             const std::stop_token& stop) {
  std::uint64_t rows = 0;
  std::uint64_t distinct = 0;
  std::optional<std::uint64_t> least;  // of the totals that the pages told: clients may be added meanwhile
  std::optional<std::uint64_t> most;
  bool shrank = false;
  for (;;) {  // bounded by kMaxPages
    if (stop.stop_requested()) {
      AdminError stopped;
      stopped.kind = AdminError::Kind::kStopped;
      stopped.message = "stopped while the list of clients was read";
      return tl::unexpected(std::move(stopped));
    }
    const bool first = !pages_.begun();
    auto response = pages_.next(rows);
    if (!response) {
      const bool expired = response.error().status == kHttpBadRequest && !first;
      if (expired) return std::optional<Doubt>({"Hydra no longer takes a page token that it gave", true});
      return tl::unexpected(std::move(response.error()));
    }
    if (!*response) break;
    const std::uint64_t atLeast = std::max(distinct, (*response)->headers.totalCount.value_or(0));
    if (atLeast > mostClients_) {
      summary_.whole = false;
      summary_.clients = atLeast;
      return std::optional<Doubt>();
    }
    if (++summary_.pages > AdminApi::kMaxPages) return tl::unexpected(truncated("it does not end"));
    const auto page = takePage(std::move(**response), visit);
    if (!page) return tl::unexpected(page.error());
    // So many were created before the place that was asked for that what stands there was read already.
    const bool grew = most && page->headers.totalCount && *page->headers.totalCount > *most;
    if (const auto total = page->headers.totalCount) {
      shrank = shrank || (least && *total < *least);
      least = std::min(least.value_or(*total), *total);
      most = std::max(most.value_or(*total), *total);
    }
    if (page->rows == 0) break;
    if (page->fresh == 0 && !grew) return std::optional<Doubt>({"a page came a second time", true});
    rows += page->rows;
    distinct += page->fresh;
  }
  if (pages_.sideBySide() && (least != most || distinct != least)) {
    return std::optional<Doubt>({"clients came or went while its pages were read side by side", true});
  }
  if (least && distinct < *least) {
    return std::optional<Doubt>({"it held " + std::to_string(distinct) + " of the " + std::to_string(*least) +
                                     " clients that X-Total-Count names",
                                 true});
  }
  // Rows that went away moved the later ones forward, past the page that was about to be read.
  if (shrank) return std::optional<Doubt>({"clients were deleted while it was read", false});
  return std::optional<Doubt>();
}

tl::expected<ListSummary, AdminError> ClientList::Reading::run(const LiveClientVisitor& visit,
                                                               const std::stop_token& stop,
                                                               std::uint64_t mostClients) {
  mostClients_ = mostClients;
  std::optional<Doubt> doubt;
  for (reading_ = 1; reading_ <= AdminApi::kMaxReadings; ++reading_) {
    if (reading_ > 1) pages_.restartInOrder();
    auto result = readOnce(visit, stop);
    if (!result) return tl::unexpected(result.error());
    doubt = std::move(*result);
    if (!doubt) return summary_;
  }
  if (!doubt->mustNotPass) return summary_;
  return tl::unexpected(
      truncated(doubt->why + ", " + std::to_string(AdminApi::kMaxReadings) + " times in a row"));
}

ClientList::ClientList(Transport& transport, const Dialect& dialect, int pageSize)
    : reading_(std::make_unique<Reading>(transport, dialect, pageSize)) {}
ClientList::~ClientList() = default;
ClientList::ClientList(ClientList&&) noexcept = default;
ClientList& ClientList::operator=(ClientList&&) noexcept = default;

tl::expected<ListSummary, AdminError> ClientList::visit(const LiveClientVisitor& visit,
                                                        const std::stop_token& stop,
                                                        std::uint64_t mostClients) {
  return reading_->run(visit, stop, mostClients);
}

std::optional<std::uint64_t> ClientList::total() const { return reading_->total(); }

ClientList AdminApi::list() {
  const int largest = dialect_.maxPageSize();
  const int pageSize = options_.pageSize > 0 ? std::min(options_.pageSize, largest) : largest;
  return ClientList(transport_, dialect_, pageSize);
}

tl::expected<ListSummary, AdminError> AdminApi::visitClients(const LiveClientVisitor& visit,
                                                             const std::stop_token& stop) {
  return list().visit(visit, stop);
}

}  // namespace hydra_clients::hydra
