// Which clients a list request gets, and the headers that point to the next page: three styles, with the
// traps of each (an offset rounded down, an unreadable token that means page one, `next` on an empty
// database).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dialect.h"
#include "errors.h"
#include "message.h"
#include "store.h"

namespace sandbox {

struct Page {
  std::vector<const StoredClient*> clients;
  std::optional<std::string> total;  // X-Total-Count
  std::string link;                  // Link
  bool panics = false;               // v1 with limit=0 divides by zero: the connection ends without an answer
};

/// `max_page_size` overrides the dialect's where it is above 0. `path` is what the links name.
tl::expected<Page, ApiError> list_page(const Request& request, const std::string& path, const Store& store,
                                       const Dialect& dialect, int max_page_size);

/// The link to the page behind the one that `request` asks for, whether there is anything or not.
std::string link_behind(const Request& request, const Dialect& dialect);

/// The token of v2.0-v2.3 for an offset, and of v25+ for the last id of a page.
std::string offset_token(long long offset);
std::string keyset_token(const std::string& last_id);

}  // namespace sandbox
