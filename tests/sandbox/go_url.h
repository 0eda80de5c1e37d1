// Go's net/url, as far as Hydra asks it: which text is a URL, its parts, and how it is written again.
// Hydra checks redirect URIs with ParseRequestURI and CORS origins with Parse, and pages with Values.Encode.
// The rules are those of Go 1.26, which builds the real servers of the contract suite; releases built with an
// older Go differ in a few verdicts (`https://a:1:2/`, `https://[name]/`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace sandbox::go_url {

struct Userinfo {
  std::string username;
  std::string password;
  bool password_set = false;
};

struct Url {
  std::string scheme;  // in lower case
  std::string opaque;
  std::optional<Userinfo> user;
  std::string host;  // with the port
  std::string path;  // decoded
  std::string raw_path;
  std::string raw_query;
  std::string fragment;  // decoded
  std::string raw_fragment;
  bool force_query = false;
  bool omit_host = false;

  std::string hostname() const;
  std::string port() const;
  std::string escaped_path() const;
  /// URL.String(): not always the text that was parsed.
  std::string text() const;
};

/// url.Parse and url.ParseRequestURI; the error is Go's text ("parse \"…\": invalid …").
tl::expected<Url, std::string> parse(std::string_view text);
tl::expected<Url, std::string> parse_request_uri(std::string_view text);

std::string user_text(const Userinfo& user);

/// url.QueryEscape, url.PathEscape, and url.PathUnescape (nothing when Go refuses it).
std::string query_escape(std::string_view text);
std::string path_escape(std::string_view text);
std::optional<std::string> path_unescape(std::string_view text);

/// url.Values, in the order of the text; pairs that Go refuses are left out.
using Query = std::vector<std::pair<std::string, std::string>>;
Query parse_query(std::string_view text);
/// The first value of `name`, or "".
std::string query_value(const Query& query, std::string_view name);
/// Values.Set: one value for `name`.
void query_set(Query& query, std::string_view name, std::string value);
/// Values.Encode: sorted by name.
std::string encode_query(Query query);

}  // namespace sandbox::go_url
