// Faults on demand: rules that make the sandbox late, absent, wrong or endless, each with a filter, a count
// and a chance. Set at start (--fault) or over HTTP (/sandbox/faults). README.md lists every kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "dialect.h"
#include "message.h"

namespace sandbox {

enum class FaultKind {
  delay,
  drop,
  status,
  truncate,
  slow,
  huge,
  html,
  redirect,
  no_next,
  repeat_next,
  endless_next,
  close,
};

enum class When {
  accept,  // before the request is looked at: the connection is reset
  before,  // before the handler: nothing is stored
  after,   // after the handler: stored, but the answer is not its own
};

struct FaultRule {
  FaultKind kind = FaultKind::delay;
  When when = When::before;
  // Which requests: all of these must fit. Empty fits everything.
  std::string method;
  std::string path_contains;
  std::string client_id;
  std::int64_t skip = 0;    // so many fitting requests go through first
  std::int64_t count = -1;  // then so many are hit; -1: no end
  double probability = 1;
  // What it does.
  std::int64_t milliseconds = 0;
  int status = 503;
  std::string body;
  std::string content_type = "application/json";
  Headers headers;
  std::string location;
  std::int64_t bytes = -1;  // truncate: kept; huge: added
  double fraction = 0.5;    // truncate: kept, where `bytes` is not given
  bool cut_json = false;    // truncate: the HTTP message is whole, its JSON is not
  std::int64_t bytes_per_second = 0;
  bool reset = false;  // drop: with a TCP reset
  std::string source;  // the rule as it was given
  std::int64_t hits = 0;
};

/// What the rules make of one request.
struct FaultPlan {
  std::chrono::milliseconds delay_before{0};
  std::chrono::milliseconds delay_after{0};
  bool drop_before = false;
  bool drop_after = false;
  bool reset = false;
  std::optional<Response> instead_before;  // in place of the handler
  std::optional<Response> instead_after;   // in place of its answer
  bool drop_next = false;
  bool repeat_next = false;
  bool endless_next = false;
  std::optional<double> cut_json_at;  // a fraction, or a number of bytes when above 1
  std::optional<std::int64_t>
      cut_wire_at;  // body bytes on the wire, then the connection ends; -1: the fraction
  double cut_wire_fraction = 0.5;
  std::int64_t pad_bytes = 0;
  std::int64_t bytes_per_second = 0;
  bool close_after = false;  // after a whole answer, without saying so
};

/// One rule, or a JSON array of them. The error says which member is wrong and what is allowed.
tl::expected<std::vector<FaultRule>, std::string> parse_faults(std::string_view json);

class Faults {
 public:
  explicit Faults(std::uint64_t seed) : random_(seed) {}

  void add(std::vector<FaultRule> rules);
  void clear() { rules_.clear(); }
  /// Counts the request against every rule that fits it. `client_id` is the one in its path or body.
  FaultPlan plan(const Request& request, const std::string& client_id);
  bool any() const { return !rules_.empty(); }
  /// The rules with their hits, as JSON.
  std::string as_json() const;

 private:
  std::vector<FaultRule> rules_;
  std::mt19937_64 random_;
};

/// Applies what concerns the content of an answer (links, cut JSON).
void apply_to_response(const FaultPlan& plan, const Request& request, const Dialect& dialect,
                       Response& response);

}  // namespace sandbox
