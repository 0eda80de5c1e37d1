// One HTTP request and one response, apart from any connection.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "go_url.h"

namespace sandbox {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string raw_path;  // as sent, without the query
  std::string path;      // percent-decoded
  std::string raw_query;
  go_url::Query query;
  Headers headers;
  std::string body;

  /// The first header of that name (without case), or "".
  std::string header(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  /// Replaces the header of that name, or adds it.
  void set_header(std::string_view name, std::string value);
};

/// ASCII equality without case, as for header names.
bool same_token(std::string_view a, std::string_view b);

}  // namespace sandbox
