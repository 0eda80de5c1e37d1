#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <tl/expected.hpp>

#include "secrets/pgp.h"

namespace hydra_clients::cli {

/// `--pgp-key`, `--pgp-key-file`, `--pgp-key-url`, `--keybase`, `--pgp-key-fingerprint`: for whom secrets are
/// encrypted.
///
///     PgpFlags pgp;
///     pgp.addTo(command);
///     ...
///     if (pgp.given()) auto started = pgp.start(caFile, stop);
class PgpFlags {
 public:
  /// Which keys count where several are given. Files always do.
  enum class Precedence {
    kAll,   ///< every one is a recipient
    kFirst  ///< of pgp-key, pgp-key-url and keybase the first, as with Hydra's own `import` (v1.9 to v1.11)
  };

  explicit PgpFlags(Precedence precedence = Precedence::kAll) : precedence_(precedence) {}

  void addTo(CLI::App& command);
  [[nodiscard]] bool given() const {
    return !key_.empty() || !files_.empty() || !url_.empty() || !keybaseUser_.empty();
  }

  /// Throws UsageError where a fingerprint is given and no key: nothing would be encrypted.
  void check() const;

  /// GnuPG with all the recipients' keys, ready to encrypt. The error says what is wrong with which key and
  /// where it came from; then no recipient is used. `caFile`: PEM certificates to trust instead of the
  /// system's; may be "". `stop` ends the wait for a key that is fetched.
  [[nodiscard]] tl::expected<std::unique_ptr<secrets::Pgp>, std::string> start(
      const std::string& caFile, const std::stop_token& stop) const;

 private:
  struct Source {
    std::string from;  ///< for people
    std::function<tl::expected<std::string, std::string>()> read;
  };
  /// Why this key may be no recipient; "" where it may.
  [[nodiscard]] std::string refusalOf(const secrets::Recipient& recipient) const;
  /// Of every key that counts.
  [[nodiscard]] std::vector<Source> sources(const std::string& caFile, const std::stop_token& stop) const;

  Precedence precedence_;
  std::string key_;
  std::vector<std::string> files_;
  std::vector<std::string> fingerprints_;
  std::string url_;
  std::string keybaseUser_;
  std::string keybaseBase_ = "https://keybase.io";
  bool plainHttp_ = false;
};

/// What is to be said of recipients' keys that end soon, each a line on standard error by itself.
[[nodiscard]] std::vector<std::string> expiryWarnings(const secrets::Pgp& pgp);

}  // namespace hydra_clients::cli
