#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <vector>

#include <gpgme.h>

namespace hydra_clients::secrets {

/// Runs the operations of one GPGME context to their end or to a deadline. GPGME's own waiting has none, and
/// its `gpgme_cancel_async` is seen only when gpg says something, so a gpg that hangs would hold its caller
/// for ever.
///
///     GpgmeLoop loop(context);
///     gpgme_op_import_start(context, data);
///     const gpgme_error_t error = loop.finish(std::chrono::seconds(30));
///
/// Not thread-safe: the one who holds the context holds this too. Must live as long as the context is used.
class GpgmeLoop {
 public:
  struct ReleaseKey {
    void operator()(gpgme_key_t key) const { gpgme_key_unref(key); }
  };
  using Key = std::unique_ptr<_gpgme_key, ReleaseKey>;

  explicit GpgmeLoop(gpgme_ctx_t context);
  GpgmeLoop(const GpgmeLoop&) = delete;
  GpgmeLoop& operator=(const GpgmeLoop&) = delete;

  /// Waits for the operation that was started last. GPG_ERR_TIMEOUT where it was cancelled at the deadline.
  [[nodiscard]] gpgme_error_t finish(std::chrono::milliseconds timeout);

  /// The keys that a listing has shown since the last call.
  [[nodiscard]] std::vector<Key> takeKeys();

 private:
  struct Watch {
    GpgmeLoop* loop;
    int file;
    bool reads;
    gpgme_io_cb_t call;
    void* argument;
    bool removed = false;  ///< freed after the round in which GPGME let go of it
  };
  static gpgme_error_t add(void* loop, int file, int reads, gpgme_io_cb_t call, void* argument, void** tag);
  static void remove(void* tag);
  static void event(void* loop, gpgme_event_io_t type, void* what);
  gpgme_error_t pollOnce(std::chrono::milliseconds left);

  static constexpr std::size_t kMaxKeys = 1000;
  gpgme_ctx_t context_;
  std::list<Watch> watches_;  // a list: GPGME holds their addresses
  std::vector<Key> keys_;
  bool done_ = false;
  gpgme_error_t result_ = GPG_ERR_NO_ERROR;
};

}  // namespace hydra_clients::secrets
