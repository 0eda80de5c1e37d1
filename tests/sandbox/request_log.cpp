#include "request_log.h"

#include "go_json.h"

namespace sandbox {

void RequestLog::add(std::string_view method, std::string_view endpoint, int outcome) {
  ++counts_[std::string(method) + " " + std::string(endpoint)][outcome];
  ++total_;
  if (method != "GET" && method != "HEAD" && method != "OPTIONS") ++writes_;
}

void RequestLog::add_post(const std::string& client_id, bool stored, int outcome, std::uint64_t connection,
                          const std::string& body) {
  using namespace std::chrono;
  if (posts_.size() >= kPostsKept) posts_.pop_front();
  if (posts_.size() >= kBodiesKept) posts_[posts_.size() - kBodiesKept].body = {};
  const auto at = duration_cast<milliseconds>(steady_clock::now() - began_).count();
  posts_.push_back({client_id, stored, outcome, connection, at, body});
}

void RequestLog::clear() {
  counts_.clear();
  posts_.clear();
  writes_ = 0;
  total_ = 0;
}

std::string RequestLog::as_json() const {
  std::string out =
      "{\"total\":" + std::to_string(total_) + ",\"writes\":" + std::to_string(writes_) + ",\"counts\":{";
  bool first = true;
  for (const auto& [name, outcomes] : counts_) {
    if (!first) out += ',';
    first = false;
    go_json::append_quoted(out, name);
    std::uint64_t sum = 0;
    std::string by_status;
    for (const auto& [status, count] : outcomes) {
      sum += count;
      by_status += ",\"" + std::to_string(status) + "\":" + std::to_string(count);
    }
    out += ":{\"all\":" + std::to_string(sum) + by_status + "}";
  }
  out += "},\"posts\":[";
  first = true;
  for (const Post& post : posts_) {
    if (!first) out += ',';
    first = false;
    out += "{\"client_id\":";
    go_json::append_quoted(out, post.client_id);
    out += std::string(",\"stored\":") + (post.stored ? "true" : "false") +
           ",\"status\":" + std::to_string(post.outcome) +
           ",\"connection\":" + std::to_string(post.connection) + ",\"at_ms\":" + std::to_string(post.at_ms) +
           ",\"body\":";
    go_json::append_quoted(out, post.body);
    out += '}';
  }
  return out + "]}\n";
}

}  // namespace sandbox
