#include "hydra/page_fetcher.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "hydra/admin_error.h"
#include "hydra/link_header.h"

namespace hydra_clients::hydra {
namespace {

constexpr int kHttpOk = 200;
/// A page is likely as large as the one before it, and this part of it more.
constexpr std::size_t kLikelyMore = 16;

/// RFC 4648 §5 without padding.
std::string base64Url(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += kAlphabet[(bits >> (held - 6)) & 0x3FU];
  }
  if (held > 0) text += kAlphabet[(bits << (6 - held)) & 0x3FU];
  return text;
}

/// A Hydra without clients names a next page all the same.
bool isEmptyList(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '[' &&
         body.find_first_not_of(" \t\r\n", first + 1) == body.find(']', first);
}

}  // namespace

PageFetcher::PageFetcher(Transport& transport, const Dialect& dialect, int pageSize)
    : transport_(transport), dialect_(dialect), pageSize_(pageSize) {
  fetch("");
}

void PageFetcher::restartInOrder() {
  underWay_.clear();
  linked_.clear();
  fault_.reset();
  begun_ = mayCount_ = counting_ = blind_ = false;
  rowsBefore_ = 0;
  fetch("");
}

std::string PageFetcher::target(const Place& place) const {
  const bool v1 = dialect_.family == Family::kV1;
  std::string out(dialect_.clientsPath());
  out += (v1 ? "?limit=" : "?page_size=") + std::to_string(pageSize_);
  if (!place.empty()) out += (v1 ? "&offset=" : "&page_token=") + percentEncode(place);
  return out;
}

/// v2's is ory/x pagination/tokenpagination's token, v2.0 to v2.3.
PageFetcher::Place PageFetcher::placeOf(std::uint64_t offset) const {
  if (offset == 0) return "";
  if (dialect_.family == Family::kV1) return std::to_string(offset);
  return base64Url(R"({"offset":")" + std::to_string(offset) + R"(","v":2})");
}

std::optional<PageFetcher::Place> PageFetcher::linkedPlace(const Response& page) const {
  const auto link = nextLink(page.headers.link);
  if (!link) return std::nullopt;
  auto place = queryParameter(*link, dialect_.family == Family::kV1 ? "offset" : "page_token");
  return place && !place->empty() ? place : std::nullopt;
}

bool PageFetcher::canCount(const Response& firstPage) const {
  if (!mayCount_ || dialect_.family == Family::kV25 || !firstPage.headers.totalCount) return false;
  const auto linked = linkedPlace(firstPage);
  return !linked || *linked == placeOf(static_cast<std::uint64_t>(pageSize_));
}

void PageFetcher::fetch(const Place& place, std::uint64_t offset) {
  Request request;
  request.target = target(place);
  request.likelyBytes = likelyBytes_;
  underWay_.push_back(
      {place, offset, std::async(std::launch::async, [this, request] { return transport_.send(request); })});
}

void PageFetcher::lookAheadByOffset() {
  for (; underWay_.size() < kSideBySide && nextOffset_ < total_;
       nextOffset_ += static_cast<std::uint64_t>(pageSize_)) {
    fetch(placeOf(nextOffset_), nextOffset_);
  }
}

void PageFetcher::lookAhead(const Response& page) {
  if (!begun_) {
    counting_ = canCount(page);
    nextOffset_ = static_cast<std::uint64_t>(pageSize_);
  }
  if (counting_) {
    total_ = page.headers.totalCount.value_or(total_);
    lookAheadByOffset();
    return;
  }
  blind_ = page.headers.link.empty();
  const auto place = linkedPlace(page);
  if (!place || isEmptyList(page.body)) return;
  if (linked_.insert(*place).second) {
    fetch(*place);
  } else {
    AdminError error;
    error.kind = AdminError::Kind::kTruncated;
    error.status = kHttpOk;
    error.message =
        transport_.endpoint() + ": the list of clients cannot be trusted: a page token came a second time";
    fault_ = std::move(error);
  }
}

/// By a divisor of the size, so that an offset so far is a multiple of the new size too: Hydra rounds it down
/// to one.
void PageFetcher::makePagesSmaller(const Fetch& from) {
  underWay_.clear();
  pageSize_ /= pageSize_ % 5 == 0 ? 5 : pageSize_ % 2 == 0 ? 2 : pageSize_;
  likelyBytes_ = 0;
  nextOffset_ = from.offset + static_cast<std::uint64_t>(pageSize_);
  fetch(from.place, from.offset);
}

bool PageFetcher::mayGoOnBlindly(std::uint64_t rowsSoFar) const {
  return begun_ && blind_ && !fault_ && dialect_.family != Family::kV25 &&
         rowsSoFar - rowsBefore_ == static_cast<std::uint64_t>(pageSize_);
}

tl::expected<std::optional<Response>, AdminError> PageFetcher::next(std::uint64_t rowsSoFar) {
  // bounded: each turn but the last makes the pages smaller
  for (;;) {
    if (underWay_.empty() && mayGoOnBlindly(rowsSoFar)) fetch(placeOf(rowsSoFar));
    if (underWay_.empty()) {
      if (fault_) return tl::unexpected(*fault_);
      return std::nullopt;
    }
    Fetch fetched = std::move(underWay_.front());
    underWay_.pop_front();
    Answer answer = fetched.answer.get();
    if (!answer && answer.error().kind == TransportError::Kind::kTooLarge && pageSize_ > 1) {
      makePagesSmaller(fetched);
      continue;
    }
    if (!answer) {
      underWay_.clear();
      return tl::unexpected(fromTransport(answer.error()));
    }
    if (answer->status != kHttpOk) {
      underWay_.clear();
      return tl::unexpected(fromResponse(Call::kList, *answer, dialect_, transport_.endpoint()));
    }
    likelyBytes_ = answer->body.size() + answer->body.size() / kLikelyMore;
    lookAhead(*answer);
    begun_ = true;
    rowsBefore_ = rowsSoFar;
    return std::optional<Response>(std::move(*answer));
  }
}

}  // namespace hydra_clients::hydra
