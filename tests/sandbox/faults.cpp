#include "faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <functional>
#include <map>

#include "errors.h"
#include "go_json.h"
#include "go_text.h"
#include "paging.h"

namespace sandbox {
namespace {

using go_json::Kind;
using Fault = std::string;
using Read = tl::expected<void, Fault>;

tl::unexpected<Fault> fault(std::string text) { return tl::unexpected<Fault>(std::move(text)); }

const std::map<std::string, FaultKind, std::less<>>& kinds() {
  static const std::map<std::string, FaultKind, std::less<>> table = {
      {"delay", FaultKind::delay},
      {"drop", FaultKind::drop},
      {"status", FaultKind::status},
      {"rate-limit", FaultKind::status},
      {"concurrent-update", FaultKind::status},
      {"truncate", FaultKind::truncate},
      {"slow", FaultKind::slow},
      {"huge", FaultKind::huge},
      {"html", FaultKind::html},
      {"redirect", FaultKind::redirect},
      {"no-next", FaultKind::no_next},
      {"repeat-next", FaultKind::repeat_next},
      {"endless-next", FaultKind::endless_next},
      {"close", FaultKind::close},
  };
  return table;
}

constexpr int kBadGateway = 502;
constexpr int kGatewayTimeout = 504;

/// What nginx answers for a server behind it.
std::string gateway_page(int status) {
  const std::string title =
      std::to_string(status) + (status == kGatewayTimeout ? " Gateway Time-out" : " Bad Gateway");
  return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
         "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
}

/// What a rule that gives no body answers with. 502 and 504 are no answers of Hydra's: their page is a
/// gateway's.
void fill_in_body(FaultRule& rule, bool has_content_type) {
  if (rule.status == kBadGateway || rule.status == kGatewayTimeout) {
    rule.body = gateway_page(rule.status);
    if (!has_content_type) rule.content_type = "text/html";
  } else {
    rule.body = error_response(unrecognizable()).body;
  }
}

/// Go's http.TimeFormat: "Mon, 02 Jan 2006 15:04:05 GMT".
std::string http_date(std::int64_t seconds_from_now) {
  const std::time_t when = std::time(nullptr) + seconds_from_now;
  std::tm utc{};
  gmtime_r(&when, &utc);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

/// The presets: kinds that are a `status` with its members filled in.
Read begin_rule(FaultRule& rule, const std::string& name) {
  const auto kind = kinds().find(name);
  if (kind == kinds().end()) {
    std::string known;
    for (const auto& [word, unused] : kinds()) known += (known.empty() ? "" : ", ") + word;
    return fault("unknown fault \"" + name + "\"; known are " + known);
  }
  rule.kind = kind->second;
  if (name == "rate-limit") {
    rule.status = 429;
    rule.body = "{\"error\":\"rate limited\"}\n";
  } else if (name == "concurrent-update") {
    const Response answer = error_response(concurrent_update());
    rule.status = answer.status;
    rule.body = answer.body;
    rule.method = "POST";
  } else if (name == "html") {
    rule.status = kBadGateway;
    rule.body = gateway_page(kBadGateway);
    rule.content_type = "text/html";
  } else if (name == "redirect") {
    rule.status = 307;
  }
  return {};
}

Read read_when(FaultRule& rule, const std::string& word) {
  if (word == "accept") {
    rule.when = When::accept;
  } else if (word == "before") {
    rule.when = When::before;
  } else if (word == "after") {
    rule.when = When::after;
  } else {
    return fault("\"when\" must be accept, before or after");
  }
  return {};
}

Read read_headers(FaultRule& rule, std::string_view value) {
  if (go_json::kind_of(value) != Kind::object) return fault("\"headers\" must be an object of strings");
  for (const auto& member : go_json::members(value)) {
    if (go_json::kind_of(member.value) != Kind::string)
      return fault("\"headers\" must be an object of strings");
    rule.headers.emplace_back(member.name, go_json::unquote(member.value));
  }
  return {};
}

bool set_text(FaultRule& rule, const std::string& name, const std::string& text) {
  static const std::map<std::string, std::string FaultRule::*, std::less<>> members = {
      {"method", &FaultRule::method},       {"path", &FaultRule::path_contains},
      {"client_id", &FaultRule::client_id}, {"body", &FaultRule::body},
      {"location", &FaultRule::location},   {"content_type", &FaultRule::content_type},
  };
  const auto member = members.find(name);
  if (member == members.end()) return false;
  rule.*(member->second) = text;
  return true;
}

bool set_number(FaultRule& rule, const std::string& name, std::string_view literal) {
  static const std::map<std::string, std::int64_t FaultRule::*, std::less<>> members = {
      {"ms", &FaultRule::milliseconds},
      {"skip", &FaultRule::skip},
      {"count", &FaultRule::count},
      {"bytes", &FaultRule::bytes},
      {"bytes_per_second", &FaultRule::bytes_per_second},
  };
  double decimal = 0;
  std::from_chars(literal.data(), literal.data() + literal.size(), decimal);
  const std::int64_t whole = parse_int(literal).value_or(static_cast<std::int64_t>(decimal));
  if (name == "probability") {
    rule.probability = decimal;
  } else if (name == "fraction") {
    rule.fraction = decimal;
  } else if (name == "status") {
    rule.status = static_cast<int>(whole);
  } else if (name == "retry_after") {
    rule.headers.emplace_back("Retry-After", std::string(literal));
  } else if (name == "retry_after_date") {
    rule.headers.emplace_back("Retry-After", http_date(whole));
  } else if (const auto member = members.find(name); member != members.end()) {
    rule.*(member->second) = whole;
  } else {
    return false;
  }
  return true;
}

Read read_rule_member(FaultRule& rule, const go_json::Member& member) {
  const Kind kind = go_json::kind_of(member.value);
  const auto unknown = [&] {
    return fault("unknown member \"" + member.name + "\", or a value of the wrong type");
  };
  if (member.name == "headers") return read_headers(rule, member.value);
  if (member.name == "reset" || member.name == "cut_json") {
    if (kind != Kind::boolean) return fault("\"" + member.name + "\" must be true or false");
    (member.name == "reset" ? rule.reset : rule.cut_json) = member.value == "true";
    return {};
  }
  if (kind == Kind::number) return set_number(rule, member.name, member.value) ? Read{} : unknown();
  if (kind != Kind::string) return unknown();
  const std::string text = go_json::unquote(member.value);
  if (member.name == "when") return read_when(rule, text);
  if (member.name == "retry_after") {
    rule.headers.emplace_back("Retry-After", text);
    return {};
  }
  return set_text(rule, member.name, text) ? Read{} : unknown();
}

tl::expected<FaultRule, Fault> parse_rule(std::string_view json) {
  if (go_json::kind_of(json) != Kind::object) return fault("a fault must be an object");
  FaultRule rule;
  go_json::append_compact(rule.source, json);
  const auto members = go_json::members(json);
  const auto find = [&](std::string_view wanted) {
    return std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.name == wanted; });
  };
  const auto name = find("fault");
  if (name == members.end() || go_json::kind_of(name->value) != Kind::string)
    return fault("\"fault\" names the kind");
  if (auto begun = begin_rule(rule, go_json::unquote(name->value)); !begun)
    return tl::unexpected(begun.error());
  for (const auto& member : members) {
    if (member.name == "fault") continue;
    if (auto read = read_rule_member(rule, member); !read) return tl::unexpected(read.error());
  }
  if (go_json::unquote(name->value) == "status" && find("body") == members.end()) {
    fill_in_body(rule, find("content_type") != members.end());
  }
  return rule;
}

Response response_of(const FaultRule& rule) {
  Response response{.status = rule.status, .headers = rule.headers, .body = rule.body};
  if (rule.kind == FaultKind::redirect) {
    response.set_header("Location", rule.location);
  } else {
    response.set_header("Content-Type", rule.content_type);
  }
  return response;
}

void add_to_plan(const FaultRule& rule, FaultPlan& plan) {
  const bool after = rule.when == When::after;
  switch (rule.kind) {
    case FaultKind::delay:
      (after ? plan.delay_after : plan.delay_before) += std::chrono::milliseconds(rule.milliseconds);
      break;
    case FaultKind::drop:
      (after ? plan.drop_after : plan.drop_before) = true;
      plan.reset = plan.reset || rule.reset || rule.when == When::accept;
      break;
    case FaultKind::status:
    case FaultKind::html:
    case FaultKind::redirect:
      (after ? plan.instead_after : plan.instead_before) = response_of(rule);
      break;
    case FaultKind::truncate:
      if (rule.cut_json) {
        plan.cut_json_at = rule.bytes >= 0 ? static_cast<double>(rule.bytes) + 1 : rule.fraction;
      } else {
        plan.cut_wire_at = rule.bytes;
        plan.cut_wire_fraction = rule.fraction;
      }
      break;
    case FaultKind::slow:
      plan.bytes_per_second = std::max<std::int64_t>(rule.bytes_per_second, 1);
      break;
    case FaultKind::huge:
      plan.pad_bytes += std::max<std::int64_t>(rule.bytes, 0);
      break;
    case FaultKind::no_next:
      plan.drop_next = true;
      break;
    case FaultKind::repeat_next:
      plan.repeat_next = true;
      break;
    case FaultKind::endless_next:
      plan.endless_next = true;
      break;
    case FaultKind::close:
      plan.close_after = true;
      break;
  }
}

/// One link of a Link header: `<target>; rel="name"`.
struct Link {
  std::string target;
  std::string relation;
};

std::vector<Link> read_links(const std::string& header) {
  std::vector<Link> links;
  for (std::size_t at = 0; (at = header.find('<', at)) != std::string::npos;) {
    const auto end = header.find('>', at);
    const auto open = header.find('"', end);
    const auto close = header.find('"', open + 1);
    links.push_back({header.substr(at + 1, end - at - 1), header.substr(open + 1, close - open - 1)});
    at = close;
  }
  return links;
}

void change_links(const FaultPlan& plan, const Request& request, const Dialect& dialect, Response& response) {
  std::string header;
  for (const auto& [name, value] : response.headers) {
    if (same_token(name, "Link")) header = value;
  }
  auto links = read_links(header);
  std::string target;
  if (plan.repeat_next) target = request.path + (request.raw_query.empty() ? "" : "?" + request.raw_query);
  if (plan.endless_next) {
    const auto next =
        std::find_if(links.begin(), links.end(), [](const Link& l) { return l.relation == "next"; });
    target = next == links.end() ? link_behind(request, dialect) : next->target;
  }
  std::erase_if(links, [](const Link& l) { return l.relation == "next"; });
  if (!target.empty()) links.push_back({target, "next"});
  std::string changed;
  for (const Link& link : links) {
    changed += (changed.empty() ? "<" : ",<") + link.target + ">; rel=\"" + link.relation + "\"";
  }
  std::erase_if(response.headers, [](const auto& h) { return same_token(h.first, "Link"); });
  if (!changed.empty()) response.set_header("Link", changed);
}

}  // namespace

tl::expected<std::vector<FaultRule>, std::string> parse_faults(std::string_view json) {
  const auto value = go_json::only_value(json);
  if (!value) return tl::unexpected(value.error());
  std::vector<std::string_view> given = {*value};
  if (go_json::kind_of(*value) == Kind::array) given = go_json::elements(*value);
  std::vector<FaultRule> rules;
  for (const auto one : given) {
    auto rule = parse_rule(one);
    if (!rule) return tl::unexpected(rule.error());
    rules.push_back(std::move(*rule));
  }
  return rules;
}

void Faults::add(std::vector<FaultRule> rules) {
  rules_.insert(rules_.end(), std::make_move_iterator(rules.begin()), std::make_move_iterator(rules.end()));
}

FaultPlan Faults::plan(const Request& request, const std::string& client_id) {
  FaultPlan plan;
  for (FaultRule& rule : rules_) {
    const bool fits =
        (rule.method.empty() || rule.method == request.method) &&
        (rule.path_contains.empty() || request.path.find(rule.path_contains) != std::string::npos) &&
        (rule.client_id.empty() || rule.client_id == client_id);
    if (!fits || rule.count == 0) continue;
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    if (rule.probability < 1 && std::uniform_real_distribution<double>(0, 1)(random_) >= rule.probability)
      continue;
    if (rule.count > 0) --rule.count;
    ++rule.hits;
    add_to_plan(rule, plan);
  }
  return plan;
}

std::string Faults::as_json() const {
  std::string out = "[";
  for (const FaultRule& rule : rules_) {
    if (out.size() > 1) out += ',';
    out += "{\"rule\":" + rule.source + ",\"hits\":" + std::to_string(rule.hits) +
           ",\"left\":" + (rule.count < 0 ? std::string("null") : std::to_string(rule.count)) + "}";
  }
  return out + "]";
}

void apply_to_response(const FaultPlan& plan, const Request& request, const Dialect& dialect,
                       Response& response) {
  if (plan.drop_next || plan.repeat_next || plan.endless_next) change_links(plan, request, dialect, response);
  if (plan.cut_json_at) {
    const double at = *plan.cut_json_at;
    const auto size = at > 1 ? static_cast<std::size_t>(at - 1)
                             : static_cast<std::size_t>(at * static_cast<double>(response.body.size()));
    response.body.resize(std::min(response.body.size(), size));
  }
}

}  // namespace sandbox
