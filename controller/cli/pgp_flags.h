#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <CLI/CLI.hpp>
#include <tl/expected.hpp>

#include "secrets/pgp.h"

namespace hydra_clients::cli {

/// `--pgp-key`, `--pgp-key-url`, `--keybase`: the first of them that is given wins, in this order.
class PgpFlags {
 public:
  void addTo(CLI::App& command);
  [[nodiscard]] bool given() const { return !key_.empty() || !url_.empty() || !keybaseUser_.empty(); }

  /// GnuPG with the recipient's key, ready to encrypt. The error says what is wrong with the key and where it
  /// came from. `stop` ends the wait for one that is fetched.
  [[nodiscard]] tl::expected<std::unique_ptr<secrets::Pgp>, std::string> start(
      const std::string& caFile, const std::stop_token& stop) const;

 private:
  [[nodiscard]] tl::expected<std::string, std::string> fetchKey(const std::string& caFile,
                                                                const std::stop_token& stop) const;

  std::string key_;
  std::string url_;
  std::string keybaseUser_;
  std::string keybaseBase_ = "https://keybase.io";
};

}  // namespace hydra_clients::cli
