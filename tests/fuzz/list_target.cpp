// The list of live clients, as any server may answer: pages, Link headers, totals that lie.
//
// An input is parts: a byte for Hydra's family and a total ("0" to "3", then digits or nothing), then for
// each page a Link header and a body.

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "client/client_id.h"
#include "client/json.h"
#include "client/json_raw.h"
#include "hydra/client_list.h"
#include "hydra/link_header.h"
#include "memory_bound.h"
#include "property.h"

namespace hydra_clients::fuzz {
namespace {

using hydra::AdminError;
using hydra::Family;

constexpr std::size_t kMostPages = 6;
/// Up to PageFetcher::kSideBySide pages are held while one is read, and the input is held once as pages.
constexpr std::size_t kMemoryMultiple = 600;
/// The threads and futures of the requests under way.
constexpr std::size_t kFixedBytes = 256 << 10;

struct Page {
  std::string link;
  std::string body;
};

struct Script {
  hydra::Dialect dialect;
  std::optional<std::uint64_t> total;
  std::vector<Page> pages;
};

constexpr std::array kDialects = std::to_array<hydra::Dialect>({
    {Family::kV1, {1, 11, 10}, true},
    {Family::kV2_0, {2, 1, 2}, true},
    {Family::kV2_2, {2, 3, 0}, true},
    {Family::kV25, {26, 2, 0}, true},
});

Script scriptOf(std::string_view input) {
  const auto parts = partsOf(input, 1 + 2 * kMostPages);
  Script script;
  std::string_view head = parts.front();
  script.dialect = kDialects[head.empty() ? 0 : static_cast<unsigned char>(head.front()) % kDialects.size()];
  head.remove_prefix(std::min<std::size_t>(head.size(), 1));
  std::uint64_t total = 0;
  const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), total);
  if (error == std::errc{} && end == head.data() + head.size()) script.total = total;
  for (std::size_t i = 1; i + 1 < parts.size(); i += 2) {
    script.pages.push_back({std::string(parts[i]), std::string(parts[i + 1])});
  }
  if (script.pages.empty()) script.pages.push_back({});
  return script;
}

/// Answers by what is asked for, in whatever order that happens; without an end of its own.
class ScriptedPages final : public hydra::Transport {
 public:
  explicit ScriptedPages(const Script& script) : script_(script) {}

  tl::expected<hydra::Response, hydra::TransportError> send(const hydra::Request& request) override {
    ++asked_;
    require(isOneLine(request.target) && request.target.find(' ') == std::string::npos,
            "what is asked for can stand in a request line", request.target);
    const bool v1 = script_.dialect.family == Family::kV1;
    const std::string place =
        hydra::queryParameter(request.target, v1 ? "offset" : "page_token").value_or("");
    const Page& page = script_.pages[indexOf(place)];
    hydra::Response response{200, {}, page.body};
    response.headers.link = page.link;
    response.headers.totalCount = script_.total;
    return response;
  }
  void cancelAll() override {}
  [[nodiscard]] std::string endpoint() const override { return "http://hydra:4445"; }
  [[nodiscard]] std::size_t asked() const { return asked_; }

 private:
  [[nodiscard]] std::size_t indexOf(const std::string& place) const {
    if (place.empty()) return 0;
    return std::hash<std::string>()(place) % script_.pages.size();
  }

  const Script& script_;
  std::atomic<std::size_t> asked_ = 0;
};

/// The ids that the page shows to a reader of JSON; nullopt where it is no list of clients, of one id each.
std::optional<std::set<ClientId>> idsOn(const Page& page) {
  const auto list = json::parse(page.body);
  if (!list || !list->isArray()) return std::nullopt;
  std::set<ClientId> ids;
  for (const json::Value& client : list->items) {
    const json::Value* const id = client.find("client_id");
    if (id == nullptr || !id->isString() || id->text.empty()) return std::nullopt;
    if (std::ranges::count(client.members, "client_id", &json::Member::name) > 1) return std::nullopt;
    ids.insert(id->text);
  }
  return ids;
}

void requireError(const AdminError& error) {
  using Kind = AdminError::Kind;
  require(error.kind == Kind::kMalformed || error.kind == Kind::kTruncated || error.kind == Kind::kNotHydra,
          "a list that was answered is no list of Hydra's, cannot be trusted, or is read");
  require(!error.message.empty() && isOneLine(error.message), "an error is one line", error.message);
}

void requireList(const Script& script) {
  std::set<ClientId> visited;
  const auto visit = [&](const hydra::LiveClient& client) {
    const ClientId id(client.id());
    require(!id.empty() && visited.insert(id).second, "a client is visited once", id);
    const hydra::LiveClient kept = client.kept();
    require(kept.id() == id && kept.raw() == client.raw(), "a client that is kept is the same", id);
    const auto value = client.value();
    if (!value) return require(isOneLine(value.error()), "an error is one line", value.error());
    const json::Value* const own = value->find("client_id");
    require(own != nullptr && own->text == id, "a client is visited by its own id", id);
    require(value->find("client_secret") == nullptr && value->find("registration_access_token") == nullptr,
            "secrets are gone from what is visited");
  };
  ScriptedPages pages(script);
  const auto result = hydra::ClientList(pages, script.dialect, 2).visit(visit, std::stop_token());
  const std::size_t mostAsked =
      hydra::AdminApi::kMaxReadings * (script.pages.size() + 6);  // those that are under way, and the last
  require(pages.asked() <= mostAsked, "reading a list ends", std::to_string(pages.asked()) + " requests");
  const auto first = idsOn(script.pages.front());
  if (!result) return requireError(result.error());
  require(result->clients == visited.size(), "what is counted was visited");
  std::size_t rows = 0;
  require(!json::splitArray(script.pages.front().body, [&](std::string_view) { ++rows; }),
          "only a list is read as one", script.pages.front().body);
  require(!first || std::ranges::includes(visited, *first), "all clients of the first page are visited");
  require(!script.total || visited.size() >= *script.total || rows == 0,
          "a list that is shorter than its total is not trusted");
}

void requireLinks(std::string_view header) {
  const auto next = hydra::nextLink(header);
  if (next) {
    require(header.find("<" + *next + ">") != std::string_view::npos, "a link stands in its header", *next);
    requireEqual(hydra::nextLink("<" + *next + ">; rel=\"next\"").value_or("none"), *next,
                 "a link can be read from a header of its own");
    if (const auto token = hydra::queryParameter(*next, "page_token")) {
      requireEqual(hydra::queryParameter("/?page_token=" + percentEncode(*token), "page_token").value_or(""),
                   *token, "a page token is sent as it came");
    }
  }
  requireEqual(hydra::queryParameter("/?a=b&name=" + percentEncode(header) + "#f", "name").value_or("none"),
               header, "what is percent-encoded can be decoded");
}

void run(std::string_view input) {
  const Script script = scriptOf(input);
  for (const Page& page : script.pages) requireLinks(page.link);
  requireList(script);
}

}  // namespace
}  // namespace hydra_clients::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace hydra_clients::fuzz;  // NOLINT(google-build-using-namespace)
  const MemoryBound bound(size, kMemoryMultiple, kFixedBytes);
  run(asText(bytes, size));
  return 0;
}
