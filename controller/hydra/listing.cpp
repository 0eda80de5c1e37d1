// All live clients, page by page, and the traps on the way (hydra-admin-api §4).

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "hydra/admin_api.h"
#include "hydra/admin_error.h"
#include "hydra/link_header.h"
#include "hydra/live_client.h"

namespace hydra_clients::hydra {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpBadRequest = 400;

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

class Listing {
 public:
  Listing(Transport& transport, const Dialect& dialect, int pageSize, const LiveClientVisitor& visit,
          const std::stop_token& stop)
      : transport_(transport), dialect_(dialect), pageSize_(pageSize), visit_(visit), stop_(stop) {}

  tl::expected<ListSummary, AdminError> run();

 private:
  /// One pass over the pages; nullopt where it adds up.
  [[nodiscard]] tl::expected<std::optional<Doubt>, AdminError> readOnce();
  [[nodiscard]] tl::expected<Page, AdminError> readPage(const std::string& position);
  [[nodiscard]] tl::expected<Page, AdminError> takePage(Response&& response);
  [[nodiscard]] std::optional<std::string> nextPosition(const Page& page, std::uint64_t rowsSoFar) const;
  [[nodiscard]] std::string target(const std::string& position) const;
  [[nodiscard]] AdminError truncated(std::string_view why) const;

  Transport& transport_;
  const Dialect& dialect_;
  int pageSize_;
  const LiveClientVisitor& visit_;
  const std::stop_token& stop_;

  int reading_ = 0;
  ListSummary summary_;
  std::unordered_map<std::size_t, int>
      lastReadingOf_;  ///< by the id's hash: what is shown twice is visited once
};

/// The position is v1's offset or v2's page token; "" is the first page.
std::string Listing::target(const std::string& position) const {
  const bool v1 = dialect_.family == Family::kV1;
  std::string out(dialect_.clientsPath());
  out += (v1 ? "?limit=" : "?page_size=") + std::to_string(pageSize_);
  if (!position.empty()) out += (v1 ? "&offset=" : "&page_token=") + percentEncode(position);
  return out;
}

std::optional<std::string> Listing::nextPosition(const Page& page, std::uint64_t rowsSoFar) const {
  const bool v1 = dialect_.family == Family::kV1;
  if (const auto link = nextLink(page.headers.link))
    return queryParameter(*link, v1 ? "offset" : "page_token");
  // A proxy may have dropped the Link header; v1's position can be counted, as long as the pages are full.
  const bool full = rowsSoFar % static_cast<std::uint64_t>(pageSize_) == 0;
  const bool more = page.headers.totalCount && rowsSoFar < *page.headers.totalCount;
  if (v1 && page.headers.link.empty() && full && more) return std::to_string(rowsSoFar);
  return std::nullopt;
}

AdminError Listing::truncated(std::string_view why) const {
  AdminError error;
  error.kind = AdminError::Kind::kTruncated;
  error.status = kHttpOk;
  error.message = transport_.endpoint() + ": the list of clients cannot be trusted: " + std::string(why);
  return error;
}

tl::expected<Page, AdminError> Listing::takePage(Response&& response) {
  Page page;
  page.headers = std::move(response.headers);
  bool isList = true;
  const auto fault =
      json::readElements(response.body, {}, json::Strictness::kLive, [&](json::Element&& element) {
        json::Value& client = element.value;
        const ClientId* found = idOf(client);
        isList = isList && element.inArray && found != nullptr;
        if (!isList) return;
        const ClientId id = *found;
        ++page.rows;
        const auto [entry, isNew] = lastReadingOf_.try_emplace(std::hash<ClientId>()(id), reading_);
        if (isNew || entry->second != reading_) ++page.fresh;
        entry->second = reading_;
        if (!isNew) return;
        ++summary_.clients;
        dropSecrets(client);
        visit_(id, std::move(client));
      });
  const std::string where = transport_.endpoint();
  if (fault) return tl::unexpected(malformed(response, where, "a list of clients that is cut or broken"));
  if (!isList || response.body.find('[') == std::string::npos) {
    return tl::unexpected(malformed(response, where, "JSON that is no list of clients"));
  }
  return page;
}

tl::expected<Page, AdminError> Listing::readPage(const std::string& position) {
  for (;;) {  // bounded: each turn makes the pages smaller
    auto answer = transport_.send({Method::kGet, target(position), nullptr});
    if (!answer) {
      const bool tooLarge = answer.error().kind == TransportError::Kind::kTooLarge;
      if (!tooLarge || pageSize_ == 1) return tl::unexpected(fromTransport(answer.error()));
      // A divisor, so that an offset so far is a multiple of the new size too: Hydra rounds it down to one.
      pageSize_ /= pageSize_ % 5 == 0 ? 5 : pageSize_ % 2 == 0 ? 2 : pageSize_;
      continue;
    }
    if (answer->status != kHttpOk) {
      return tl::unexpected(fromResponse(Call::kList, *answer, dialect_, transport_.endpoint()));
    }
    return takePage(std::move(*answer));
  }
}

tl::expected<std::optional<Doubt>, AdminError> Listing::readOnce() {
  std::unordered_set<std::string> positions;
  std::string position;
  std::uint64_t rows = 0;
  std::uint64_t distinct = 0;
  std::optional<std::uint64_t> least;  // of the totals that the pages told: clients may be added meanwhile
  bool shrank = false;
  for (;;) {  // bounded by kMaxPages
    if (stop_.stop_requested()) {
      AdminError stopped;
      stopped.kind = AdminError::Kind::kStopped;
      stopped.message = "stopped while the list of clients was read";
      return tl::unexpected(std::move(stopped));
    }
    if (++summary_.pages > AdminApi::kMaxPages) return tl::unexpected(truncated("it does not end"));
    const auto page = readPage(position);
    if (!page) {
      const bool expired = page.error().status == kHttpBadRequest && !position.empty();
      if (expired) return std::optional<Doubt>({"Hydra no longer takes a page token that it gave", true});
      return tl::unexpected(page.error());
    }
    if (page->rows > 0 && page->fresh == 0) return std::optional<Doubt>({"a page came a second time", true});
    rows += page->rows;
    distinct += page->fresh;
    if (const auto total = page->headers.totalCount) {
      shrank = shrank || (least && *total < *least);
      least = std::min(least.value_or(*total), *total);
    }
    const auto next =
        page->rows == 0 ? std::nullopt : nextPosition(*page, rows);  // an empty Hydra names a next page
    if (!next || next->empty()) break;
    if (!positions.insert(*next).second) return tl::unexpected(truncated("a page token came a second time"));
    position = *next;
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

tl::expected<ListSummary, AdminError> Listing::run() {
  std::optional<Doubt> doubt;
  for (reading_ = 1; reading_ <= AdminApi::kMaxReadings; ++reading_) {
    auto result = readOnce();
    if (!result) return tl::unexpected(result.error());
    doubt = std::move(*result);
    if (!doubt) return summary_;
  }
  if (!doubt->mustNotPass) return summary_;
  return tl::unexpected(
      truncated(doubt->why + ", " + std::to_string(AdminApi::kMaxReadings) + " times in a row"));
}

}  // namespace

tl::expected<ListSummary, AdminError> AdminApi::visitClients(const LiveClientVisitor& visit,
                                                             const std::stop_token& stop) {
  const int largest = dialect_.maxPageSize();
  const int pageSize = options_.pageSize > 0 ? std::min(options_.pageSize, largest) : largest;
  return Listing(transport_, dialect_, pageSize, visit, stop).run();
}

}  // namespace hydra_clients::hydra
