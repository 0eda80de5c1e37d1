#include "paging.h"

#include <algorithm>
#include <chrono>

#include "go_json.h"
#include "go_text.h"

namespace sandbox {
namespace {

constexpr std::string_view kTokenMark = "hydra-sandbox-keyset:";
constexpr std::int64_t kTokenLifeSeconds = 3600;

std::int64_t now_seconds() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

struct Link {
  std::string relation;
  go_url::Query query;
};

std::string link_header(const std::string& path, const std::vector<Link>& links) {
  std::string header;
  for (const auto& link : links) {
    if (!header.empty()) header += ',';
    header += "<" + path + "?" + go_url::encode_query(link.query) + ">; rel=\"" + link.relation + "\"";
  }
  return header;
}

/// The clients that the filters `client_name` and `owner` leave; v1.9 knows no filters.
std::vector<const StoredClient*> filtered(const Request& request, const Store& store,
                                          const Dialect& dialect) {
  const auto& all = store.in_order();
  const std::string name = go_url::query_value(request.query, "client_name");
  const std::string owner = go_url::query_value(request.query, "owner");
  if (dialect.version == Version::v1_9 || (name.empty() && owner.empty())) return all;
  std::vector<const StoredClient*> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some), [&](const StoredClient* c) {
    return (name.empty() || c->name == name) && (owner.empty() || c->owner == owner);
  });
  return some;
}

std::vector<const StoredClient*> slice(const std::vector<const StoredClient*>& all, std::int64_t offset,
                                       std::int64_t count) {
  const auto size = static_cast<std::int64_t>(all.size());
  if (offset >= size) return {};
  return {all.begin() + offset, all.begin() + std::min(size, offset + count)};
}

/// ory/x pagination/header.go: the relations that a page by offset gets. `total` counts every client,
/// whatever the filters leave.
std::vector<std::pair<std::string, std::int64_t>> relations(std::int64_t total, std::int64_t size,
                                                            std::int64_t offset,
                                                            bool full_page_is_only_first) {
  const std::int64_t last = total % size == 0 ? total - size : total / size * size;
  const std::int64_t next = (offset / size + 1) * size;
  const std::int64_t previous = (offset / size - 1) * size;
  if (offset >= last) {
    if (total == 0) return {{"first", 0}, {"next", next}, {"prev", previous}};
    if (total < size || (full_page_is_only_first && total == size)) return {{"first", 0}};
    return {{"first", 0}, {"prev", last - size}};
  }
  if (offset < size) return {{"next", size}, {"last", last}};
  return {{"first", 0}, {"next", next}, {"prev", previous}, {"last", last}};
}

std::int64_t number_or(const Request& request, std::string_view name, std::int64_t fallback) {
  return parse_int(go_url::query_value(request.query, name)).value_or(fallback);
}

Page by_limit(const Request& request, const std::string& path, const Store& store, const Dialect& dialect,
              std::int64_t max_size) {
  const std::int64_t limit =
      std::clamp<std::int64_t>(number_or(request, "limit", dialect.default_page_size), 0, max_size);
  const std::int64_t offset = std::max<std::int64_t>(number_or(request, "offset", 0), 0);
  Page page;
  if (limit == 0) {
    page.panics = true;
    return page;
  }
  // Paginate(offset/limit+1, limit): the offset is rounded down to a multiple of the limit.
  page.clients = slice(filtered(request, store, dialect), offset / limit * limit, limit);
  const auto total = static_cast<std::int64_t>(store.size());
  page.total = std::to_string(total);
  std::vector<Link> links;
  for (const auto& [relation, at] : relations(total, limit, offset, /*full_page_is_only_first=*/false)) {
    const bool only_first = relation == "first" && total > 0 && total < limit;
    go_url::Query query = request.query;
    go_url::query_set(query, "limit", std::to_string(only_first ? total : limit));
    go_url::query_set(query, "offset", std::to_string(at));
    links.push_back({relation, std::move(query)});
  }
  page.link = link_header(path, links);
  return page;
}

/// The offset in a token; 0 for one that cannot be read, which is the trap.
std::int64_t offset_of(const std::string& token) {
  const auto bytes = decode_base64url(token);
  if (!bytes) return 0;
  const auto value = go_json::first_value(*bytes);
  if (!value || go_json::kind_of(*value) != go_json::Kind::object) return 0;
  for (const auto& member : go_json::members(*value)) {
    if (member.name != "offset") continue;
    const bool quoted = go_json::kind_of(member.value) == go_json::Kind::string;
    return parse_int(quoted ? go_json::unquote(member.value) : std::string(member.value)).value_or(0);
  }
  return 0;
}

Page by_offset_token(const Request& request, const std::string& path, const Store& store,
                     const Dialect& dialect, std::int64_t max_size) {
  const std::int64_t size = std::max<std::int64_t>(
      std::min(number_or(request, "page_size", dialect.default_page_size), max_size), 1);
  const std::int64_t wanted = offset_of(go_url::query_value(request.query, "page_token"));
  const std::int64_t offset = wanted > 0 ? wanted / size * size : 0;
  Page page;
  page.clients = slice(filtered(request, store, dialect), offset, size);
  const auto total = static_cast<std::int64_t>(store.size());
  page.total = std::to_string(total);
  std::vector<Link> links;
  for (const auto& [relation, at] : relations(total, size, offset, /*full_page_is_only_first=*/true)) {
    const bool only_first = relation == "first" && total > 0 && total <= size;
    go_url::Query query = request.query;
    go_url::query_set(query, "page_size", std::to_string(only_first ? total : size));
    go_url::query_set(query, "page_token", offset_token(at));
    links.push_back({relation, std::move(query)});
  }
  page.link = link_header(path, links);
  return page;
}

/// The id after which a page begins; nothing for a token that was not made here, or too long ago.
std::optional<std::string> id_of(const std::string& token) {
  const auto bytes = decode_base64url(token);
  if (!bytes || !bytes->starts_with(kTokenMark)) return std::nullopt;
  const std::string rest = bytes->substr(kTokenMark.size());
  const auto colon = rest.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto issued = parse_int(rest.substr(0, colon));
  if (!issued || now_seconds() - *issued > kTokenLifeSeconds) return std::nullopt;
  return rest.substr(colon + 1);
}

tl::expected<Page, ApiError> by_keyset(const Request& request, const std::string& path, const Store& store,
                                       const Dialect& dialect, std::int64_t max_size) {
  std::int64_t size = dialect.default_page_size;
  if (const std::string given = go_url::query_value(request.query, "page_size"); !given.empty()) {
    const auto number = parse_int(given);
    if (!number) {
      return tl::unexpected(bad_request("Unable to parse pagination parameters: strconv.Atoi: parsing " +
                                        go_quote(given) + ": invalid syntax"));
    }
    if (*number > 0) size = *number;
  }
  size = std::min(size, max_size);
  std::string after;
  if (const std::string token = go_url::query_value(request.query, "page_token"); !token.empty()) {
    const auto id = id_of(token);
    if (!id) return tl::unexpected(bad_request("Unable to parse pagination parameters: invalid page token"));
    after = *id;
  }
  const auto all = filtered(request, store, dialect);
  const auto begin =
      std::upper_bound(all.begin(), all.end(), after,
                       [](const std::string& id, const StoredClient* c) { return id < c->order_key; });
  Page page;
  page.clients = slice(all, begin - all.begin(), size);
  const auto link = [&](const char* relation, const std::string& last) {
    go_url::Query query = request.query;
    go_url::query_set(query, "page_size", std::to_string(size));
    go_url::query_set(query, "page_token", keyset_token(last));
    return Link{relation, std::move(query)};
  };
  std::vector<Link> links = {link("first", "")};
  const bool more = all.end() - begin > static_cast<std::ptrdiff_t>(page.clients.size());
  if (more && !page.clients.empty()) links.push_back(link("next", page.clients.back()->order_key));
  page.link = link_header(path, links);
  return page;
}

}  // namespace

std::string link_behind(const Request& request, const Dialect& dialect) {
  go_url::Query query = request.query;
  const bool by_limits = dialect.paging == Paging::limit_offset;
  const char* const size_name = by_limits ? "limit" : "page_size";
  const std::int64_t size = std::clamp<std::int64_t>(number_or(request, size_name, dialect.default_page_size),
                                                     1, dialect.max_page_size);
  go_url::query_set(query, size_name, std::to_string(size));
  switch (dialect.paging) {
    case Paging::limit_offset:
      go_url::query_set(query, "offset", std::to_string(number_or(request, "offset", 0) + size));
      break;
    case Paging::offset_token: {
      const std::int64_t offset = offset_of(go_url::query_value(request.query, "page_token"));
      go_url::query_set(query, "page_token", offset_token(offset + size));
      break;
    }
    case Paging::keyset_token:
      go_url::query_set(query, "page_token", keyset_token("\xF4\x8F\xBF\xBF"));  // U+10FFFF: behind every id
      break;
  }
  return std::string(dialect.clients_path) + "?" + go_url::encode_query(std::move(query));
}

std::string offset_token(long long offset) {
  return encode_base64url("{\"offset\":\"" + std::to_string(offset) + "\",\"v\":2}");
}

std::string keyset_token(const std::string& last_id) {
  return encode_base64url(std::string(kTokenMark) + std::to_string(now_seconds()) + ":" + last_id);
}

tl::expected<Page, ApiError> list_page(const Request& request, const std::string& path, const Store& store,
                                       const Dialect& dialect, int max_page_size) {
  const std::int64_t max_size = max_page_size > 0 ? max_page_size : dialect.max_page_size;
  switch (dialect.paging) {
    case Paging::limit_offset:
      return by_limit(request, path, store, dialect, max_size);
    case Paging::offset_token:
      return by_offset_token(request, path, store, dialect, max_size);
    case Paging::keyset_token:
      break;
  }
  return by_keyset(request, path, store, dialect, max_size);
}

}  // namespace sandbox
