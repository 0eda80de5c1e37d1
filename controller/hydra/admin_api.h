#pragma once

// Hydra's admin API for OAuth 2.0 clients, as far as this program uses it: detect, list, read one, create.
// There is no update and no delete, here or anywhere else in the program.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "client/client_id.h"
#include "client/secret.h"
#include "hydra/dialect.h"
#include "hydra/live_client.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// What an answer of Hydra's, or of what stands in front of it, means for the caller.
struct AdminError {
  enum class Kind {
    kUnreachable,  ///< transport: resolve, connect, timeout, closed
    kNotHydra,  ///< a proxy's page, a wrong path, a redirect, TLS that will not stand: nobody could be served
    kUnauthorized,  ///< 401 or 403 that is not v1.9's "no such client"
    kRefused,       ///< Hydra's own 400: this client, as it is, is not taken
    kExists,        ///< 409
    kBusy,  ///< 408, 429, 502, 503, 504, or the 400 "concurrent update": the same request may be tried again
    kServerFault,  ///< 500 and what else is unclassified
    kMalformed,    ///< the answer is not what this API answers
    kTruncated,    ///< a list that cannot be complete: endless, repeated or cut pages
    kStopped,      ///< the caller asked to stop
  };
  Kind kind = Kind::kUnreachable;
  int status = 0;              ///< HTTP status, 0 where there was none
  bool mayHaveArrived = true;  ///< as TransportError
  bool hydrasOwn = false;  ///< an answer in Hydra's own form, not a gateway's: Hydra is done with the request
  std::string message;     ///< for a person: what happened and what to do. Never holds a secret
  std::optional<std::chrono::milliseconds> retryAfter;

  /// Whether the same request may succeed a moment later without anyone changing anything. A kServerFault of
  /// a POST may have created the client all the same, and up to v2.1 it may be a refusal: read back first.
  [[nodiscard]] bool transient() const;
  /// Whether this answer means that no client could be served (design §2: the cycle is `failed`).
  [[nodiscard]] bool concernsEverybody() const;
};

/// A page's clients, one at a time, each valid until the visit ends. Each id is visited once, even where
/// offset paging shows it twice.
using LiveClientVisitor = std::function<void(const LiveClient& client)>;

struct ListSummary {
  std::uint64_t clients = 0;  ///< of a list that was given up: at least so many
  std::uint64_t pages = 0;
  bool whole = true;  ///< false: it was given up, since it holds more clients than the caller wanted to read
};

/// A client to be created.
struct NewClient {
  SharedSecret body;    ///< the request's JSON
  ClientId id;          ///< that stands in it; "" where Hydra is to assign it
  SharedSecret secret;  ///< that stands in it: withheld where an answer repeats it; may be null
};

struct AdminOptions {
  int pageSize = 0;  ///< of lists; 0, and more than it takes, is the largest of the dialect
};

class ClientList;
class ListLookUp;

/// Calls to one Hydra. Thread-safe after detect(); each call blocks its thread. No call retries by itself:
/// see retry.h and the callers.
class AdminApi {
 public:
  explicit AdminApi(Transport& transport, const AdminOptions& options = {});
  ~AdminApi();

  /// Finds the dialect by asking (hydra-admin-api §1), never by following a redirect. Keeps it: as long as
  /// Hydra tells the same version, that is all that it is asked for again.
  /// Where Hydra does not tell its version (a plain build says "master"), v2.0/v2.1 and v2.2/v2.3 are told
  /// apart by a client that exists, or by the first create() that was refused for its id; else it is taken
  /// for v2.3.
  [[nodiscard]] tl::expected<Dialect, AdminError> detect();
  [[nodiscard]] const Dialect& dialect() const { return dialect_; }
  /// How many clients Hydra holds, as the last detect() learned, once; nullopt where it did not ask, or Hydra
  /// does not tell (v25 and newer).
  [[nodiscard]] std::optional<std::uint64_t> takeTotal() { return std::exchange(total_, std::nullopt); }

  /// The live clients, being read from now on, which may overlap with other work. Needs detect().
  [[nodiscard]] ClientList list();

  /// All live clients, page by page. Stops in words (kTruncated) at a page token that was seen before, at
  /// more than kMaxPages, and at a list that is shorter than its X-Total-Count says. Since clients may come
  /// and go while pages are read, a list that does not add up is first read again, up to kMaxReadings times
  /// in all.
  [[nodiscard]] tl::expected<ListSummary, AdminError> visitClients(const LiveClientVisitor& visit,
                                                                   const std::stop_token& stop);

  /// One client by id, kept; nullopt where Hydra says it is not there. Needs dialect().addressable(id).
  [[nodiscard]] tl::expected<std::optional<LiveClient>, AdminError> find(const ClientId& id);

  /// The same for any id: one that no URL can hold is looked for in the list, by a reading that begins after
  /// this call and that all who look up such ids meanwhile share.
  [[nodiscard]] tl::expected<std::optional<LiveClient>, AdminError> lookUp(const ClientId& id);

  /// One POST, sent at most once. Gives the client's id, as Hydra says. An answer that names another client
  /// than the one that was sent is not Hydra's: nobody could be served.
  [[nodiscard]] tl::expected<ClientId, AdminError> create(const NewClient& client);

  /// GET /health/ready answered 200.
  [[nodiscard]] bool ready();

  static constexpr std::uint64_t kMaxPages = 200'000;
  static constexpr int kMaxReadings = 3;
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

 private:
  /// nullopt where the answer tells none.
  [[nodiscard]] tl::expected<std::optional<HydraVersion>, AdminError> askVersion();
  [[nodiscard]] tl::expected<Dialect, AdminError> detectFromScratch();

  Transport& transport_;
  AdminOptions options_;
  Dialect dialect_;
  bool detected_ = false;
  std::optional<std::uint64_t> total_;
  const std::unique_ptr<ListLookUp> listLookUp_;
  std::atomic<bool> refusedChosenId_ = false;  ///< seen by create(): it is v2.0 or v2.1
};

}  // namespace hydra_clients::hydra
