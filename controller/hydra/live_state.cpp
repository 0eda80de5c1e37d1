#include "hydra/live_state.h"

#include <algorithm>
#include <utility>

#include "client/side_by_side.h"
#include "hydra/service_watch.h"

namespace hydra_clients::hydra {
namespace {

/// Whether what is wrong is the list's alone, as far as can be said.
bool concernsListOnly(const AdminError& error) {
  using enum AdminError::Kind;
  return error.kind == kServerFault || error.kind == kMalformed || error.kind == kTruncated;
}

AdminError stoppedWhileReading() {
  AdminError error;
  error.kind = AdminError::Kind::kStopped;
  error.message = "stopped while the clients were read";
  return error;
}

}  // namespace

bool LiveState::tooLong(std::size_t wanted) const { return seenAtLeast_ > mostListed(wanted); }

void LiveState::begin(std::optional<std::size_t> expected) {
  list_.reset();
  if (const auto total = api_.takeTotal()) {
    remember(*total);
  } else if (seenAtLeast_ > 0 && ++readingsSince_ > kReadingsUntilListedAgain) {
    seenAtLeast_ = 0;
  }
  if (!expected || !tooLong(*expected)) list_.emplace(api_.list());
}

void LiveState::remember(std::uint64_t clients) {
  seenAtLeast_ = clients;
  readingsSince_ = 0;
}

tl::expected<LiveStateSummary, AdminError> LiveState::finish(const Wanted& wanted,
                                                             const LiveStateVisitor& visitor,
                                                             const std::stop_token& stop) {
  std::optional<ClientList> list = std::exchange(list_, std::nullopt);
  std::optional<AdminError> listFault;
  if (wanted.others || !tooLong(wanted.ids.size())) {
    if (!list) list.emplace(api_.list());
    const std::uint64_t most = wanted.others ? AdminApi::kNoLimit : mostListed(wanted.ids.size());
    std::uint64_t done = 0;
    const auto visit = [&](const LiveClient& client) {
      visitor.client(client);
      if (visitor.progress) visitor.progress(++done, list->total());
    };
    const auto summary = list->visit(visit, stop, most);
    if (summary && summary->whole) return LiveStateSummary{summary->clients, std::nullopt};
    if (summary) remember(summary->clients);
    if (!summary && !concernsListOnly(summary.error())) return tl::unexpected(summary.error());
    if (!summary) listFault = summary.error();
  }
  list.reset();  // waits for a page that nobody needs any more, so that the GETs have Hydra to themselves
  auto read = readById(wanted.ids, visitor, stop);
  if (read) read->listFault = std::move(listFault);
  return read;
}

tl::expected<LiveStateSummary, AdminError> LiveState::readById(std::span<const ClientId* const> ids,
                                                               const LiveStateVisitor& visitor,
                                                               const std::stop_token& stop) {
  ServiceWatch service;
  const auto mayGoOn = [&] { return !stop.stop_requested(); };
  std::uint64_t done = 0;
  const std::size_t threads = std::min(lookUps_, 1 + ids.size() / kLookUpsPerThread);
  sideBySide(ids.size(), threads, mayGoOn, [&](std::size_t i) {
    auto found = api_.find(*ids[i]);
    const std::scoped_lock lock(mutex_);
    if (visitor.progress) visitor.progress(++done, ids.size());
    if (found) {
      service.served();
      if (*found) visitor.client(**found);
      return true;
    }
    visitor.unread(*ids[i], found.error());
    return !service.failed(found.error());
  });
  if (stop.stop_requested()) return tl::unexpected(stoppedWhileReading());
  if (auto nobody = service.verdict()) return tl::unexpected(std::move(*nobody));
  return LiveStateSummary{};
}

}  // namespace hydra_clients::hydra
