#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hydra_clients {

/// Why a secret's bytes are taken out of their type. Every place that may do so names its reason here,
/// so that `grep Purpose::` lists them all.
enum class Purpose {
  kPostBody,        ///< the request that creates the client
  kEncryption,      ///< the plaintext that GPGME seals
  kUnsealing,       ///< a private key, its passphrase, and what is inside a message of client_secret_from
  kImportOutput,    ///< `import`'s line for a generated secret without a PGP recipient
  kComparison,      ///< whether a manifest's secret changed, or an answer repeats it; nothing is kept
  kAuthentication,  ///< a bearer token or an extra header on a request to Hydra, a login at a Git server
};

/// Bytes that must not leak: no `operator<<`, no conversion, wiped when they go.
///
///     Secret secret(std::move(bytes));
///     send(secret.reveal(Purpose::kPostBody));
///
/// Not thread-safe for writing; `reveal` may be called from several threads.
class Secret {
 public:
  Secret() = default;
  /// Takes the bytes over and wipes what `bytes` held.
  explicit Secret(std::string&& bytes);
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The bytes, for one named purpose. The view ends with this object.
  [[nodiscard]] std::string_view reveal(Purpose) const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] Secret copy() const;

 private:
  std::string bytes_;
};

using SharedSecret = std::shared_ptr<const Secret>;

/// Overwrites `bytes` and empties it. For buffers that held a secret in passing.
void wipe(std::string& bytes);

/// Overwrites what the calls that have just returned left on this thread's stack, 16 KiB deep: for after a
/// call into a library that had a secret in its local variables (GPGME reads gpg's output into one).
void wipeStack();

}  // namespace hydra_clients
