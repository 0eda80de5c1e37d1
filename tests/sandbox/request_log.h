// What the sandbox was asked: counts by endpoint and status, and every POST of a client. /sandbox/requests
// shows it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace sandbox {

class RequestLog {
 public:
  /// `outcome` is the status that went out, or 0 where the connection was dropped instead.
  void add(std::string_view method, std::string_view endpoint, int outcome);
  /// `stored`: the client is in the store because of this POST, whatever went out.
  void add_post(const std::string& client_id, bool stored, int outcome, std::uint64_t connection,
                const std::string& body);
  void clear();
  std::string as_json() const;

 private:
  static constexpr std::size_t kPostsKept = 200'000;
  static constexpr std::size_t kBodiesKept = 1'000;

  struct Post {
    std::string client_id;
    bool stored;
    int outcome;
    std::uint64_t connection;
    std::int64_t at_ms;
    std::string body;
  };

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::map<std::string, std::map<int, std::uint64_t>> counts_;
  std::uint64_t writes_ = 0;
  std::uint64_t total_ = 0;
  std::deque<Post> posts_;
};

}  // namespace sandbox
