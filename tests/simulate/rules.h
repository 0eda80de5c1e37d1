#pragma once

// What must be true whatever happens. Each rule that is broken is a line of the history.

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/json.h"
#include "declared.h"
#include "hydra_model.h"
#include "model_transport.h"
#include "settings.h"

namespace simulate {

class Replica;

class Rules {
 public:
  Rules(Scheduler& scheduler, History& history, HydraModel& hydra, const Settings& settings)
      : scheduler_(scheduler), history_(history), hydra_(hydra), settings_(settings) {}

  void watch(Replica& replica);

  // What a replica does.
  void sent(int replica, const hydra_clients::hydra::Request& request);
  void ended(int replica, const hydra_clients::hydra::Request& request, const Ending& ending,
             const hydra_clients::hydra::Response* response);
  void created(int replica, const std::string& id, const std::string& body);
  /// Its process begins: it remembers nothing.
  void begins(int replica);
  /// A cycle of it that began then is at its end; what it says of it is given to the result.
  [[nodiscard]] std::function<void(const std::string& status)> cycleEnds(int replica, Moment began);
  /// Hydra's process ended: whoever was held back may be tried at once.
  void hydraEnded();

  /// Whether every replica said of a cycle after calmAt that all is done, or a rule is broken.
  [[nodiscard]] bool settled() const;
  /// Once it is settled.
  void atTheEnd();

  /// A client of one replica is POSTed no more often: the waits of 100 ms, 200 ms, … of one cycle, and the
  /// first ones of the next.
  static constexpr std::size_t kMostPostsASecond = 10;
  /// From the first cycle after the last fault on: one that finds what was done late, one that imports what
  /// was held back until then, one in which another replica came first, and one that says so. Cycles in which
  /// somebody is still held back by a wait that a fault has caused do not count.
  static constexpr int kCyclesToSettle = 4;

 private:
  /// What is known of one client's POSTs by one process.
  struct Posts {
    std::deque<Moment> lately;
    Moment notBefore{0};   ///< Retry-After
    bool inDoubt = false;  ///< the last one may have been carried out, and nobody looked since
    std::string body;      ///< the last one
    bool inThisCycle = false;
    std::optional<Moment> toldOf;  ///< the creation that it said last that it was its own
  };
  struct State {
    Replica* replica = nullptr;
    Moment cycle{0};          ///< it has read nothing of Hydra that is older
    bool listFailed = false;  ///< in this cycle
    std::map<std::string, Posts> posts;
    int cyclesSinceCalm = 0;
    bool settled = false;
  };
  struct Generated {
    std::string secret;
    std::string stamp;
    int by = Scheduler::kNobody;
    Moment since{0};
  };

  State& of(int replica) { return states_[static_cast<std::size_t>(replica)]; }
  /// A cycle as a report tells of it.
  struct Cycle {
    Moment began{0};
    Moment from{0};  ///< of what it has read
    Moment to{0};
    Revision manifests;
  };

  void told(int replica, const std::string& status, const Cycle& cycle);
  void posted(int replica, const std::string& body);
  void checkBody(int replica, const std::string& id, const hydra_clients::json::Value& body);
  void checkPace(int replica, const std::string& id, Posts& posts, bool again);
  void checkSecret(const std::string& id, const Generated& generated);
  /// Of one client's line.
  void checkLine(int replica, const hydra_clients::json::Value& line, const Cycle& cycle);
  void checkSettled(int replica, const hydra_clients::json::Value& status, const DeclaredSet& set);
  [[nodiscard]] bool isSettled(int replica, const hydra_clients::json::Value& status,
                               const DeclaredSet& set) const;
  [[nodiscard]] const DeclaredSet& inForce(int replica) const;

  Scheduler& scheduler_;
  History& history_;
  HydraModel& hydra_;
  const Settings& settings_;
  std::vector<State> states_;
  std::map<std::string, Generated> inForce_;  ///< by client: the generated secret that Hydra last took
};

}  // namespace simulate
