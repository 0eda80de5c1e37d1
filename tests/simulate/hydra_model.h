#pragma once

// One Hydra as it stands: the sandbox's handlers over a database in memory, its process that ends and begins,
// and what it held at which time.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "admin_api.h"
#include "client/file_descriptor.h"
#include "history.h"
#include "hydra/transport.h"
#include "store.h"

namespace simulate {

/// What Hydra knew of one client from a moment on.
struct Held {
  Moment since{0};
  bool present = false;
  std::string name;             ///< client_name
  bool isPublic = false;        ///< token_endpoint_auth_method "none"
  std::string stamp;            ///< metadata.hydra_clients.import
  int by = Scheduler::kNobody;  ///< the replica whose POST created it
};

/// Whether GET by id can find it: else only a list shows it, and what a list showed once is remembered.
[[nodiscard]] inline bool isAddressable(const std::string& id, const sandbox::Dialect& dialect) {
  return dialect.servemux || id.find('/') == std::string::npos;
}

class HydraModel {
 public:
  HydraModel(Scheduler& scheduler, History& history, const std::string& dialect, int mostOfAPage);

  [[nodiscard]] const sandbox::Dialect& dialect() const { return dialect_; }

  /// Does what the request asks for, whole, in this moment.
  hydra_clients::hydra::Response answer(const hydra_clients::hydra::Request& request, int by);
  /// Told of each client that a replica's POST created, with the body of the POST.
  std::function<void(int by, const std::string& id, const std::string& body)> onCreated;

  // A person's hands.
  void put(const std::string& id, const std::string& name);
  void remove(const std::string& id);

  // Its process.
  [[nodiscard]] bool isUp() const { return up_; }
  /// Counts its starts: what was under way in an earlier one is gone.
  [[nodiscard]] int process() const { return process_; }
  /// `loses`: its database was in memory.
  void stop(bool loses);
  void start();
  /// A connection that ends with the process; the caller's end of it.
  [[nodiscard]] hydra_clients::FileDescriptor connect();

  /// What it holds now.
  [[nodiscard]] const Held& held(const std::string& id) const;
  /// Whether it was ever like this between the two moments.
  [[nodiscard]] bool was(const std::string& id, Moment from, Moment to,
                         const std::function<bool(const Held&)>& like) const;
  /// When the last client that it held between the two moments was created by that replica; nullopt: it held
  /// none of its.
  [[nodiscard]] std::optional<Moment> createdBy(const std::string& id, int replica, Moment from,
                                                Moment to) const;
  /// The ids of all clients that it ever held.
  [[nodiscard]] std::vector<std::string> everHeld() const;
  [[nodiscard]] std::size_t size() const { return store_.size(); }

 private:
  [[nodiscard]] sandbox::Response handle(const sandbox::Request& request, int by);
  [[nodiscard]] sandbox::Response metrics() const;
  void changed(const std::string& id, Held now);

  Scheduler& scheduler_;
  History& history_;
  const sandbox::Dialect& dialect_;
  sandbox::Store store_;
  sandbox::AdminApi api_;
  bool up_ = true;
  int process_ = 1;
  Moment started_ = -std::chrono::hours(1);
  std::vector<hydra_clients::FileDescriptor> connections_;
  std::map<std::string, std::vector<Held>> past_;
};

}  // namespace simulate
