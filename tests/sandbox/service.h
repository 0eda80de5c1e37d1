// One request in, one answer out: the sandbox without its sockets.
//
//   FaultPlan plan = service.begin(request);       // which faults hit it
//   … wait plan.delay_before, drop, …
//   Answer answer = service.answer(request, plan, connection);
//
// Used from one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "admin_api.h"
#include "faults.h"
#include "options.h"
#include "request_log.h"
#include "router.h"
#include "store.h"

namespace sandbox {

class Service {
 public:
  explicit Service(const Options& options);

  /// The faults that hit this request; none for the sandbox's own paths.
  FaultPlan begin(const Request& request);
  /// The answer, with the plan's changes of its content. What concerns time and the wire is the caller's.
  Answer answer(const Request& request, const FaultPlan& plan, std::uint64_t connection);
  /// A request that was dropped before anything was done with it.
  void note_dropped(const Request& request, std::uint64_t connection);

  /// Called by POST /sandbox/disconnect: ends every connection but the one of that number.
  std::function<void(std::uint64_t)> disconnect_others = [](std::uint64_t) {};
  /// For GET /sandbox/state.
  std::function<std::size_t()> open_connections = [] { return std::size_t{0}; };

 private:
  friend class Control;

  Answer route_and_handle(const Request& request, std::string& endpoint, bool& stored);
  Answer within_base(const Request& request, std::string& endpoint, bool& stored);
  Answer handle(const Request& request, const Route& route, bool& stored);
  Response version() const;
  Response metrics() const;

  const Options options_;
  const Dialect& dialect_;
  Store store_;
  AdminApi api_;
  Faults faults_;
  RequestLog log_;
  /// As its metrics tell it: a minute ago, like a process that waited for its database.
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now() - std::chrono::minutes(1);
};

}  // namespace sandbox
