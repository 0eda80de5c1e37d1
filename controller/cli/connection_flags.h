#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <tl/expected.hpp>

#include "hydra/endpoint.h"
#include "hydra/transport.h"

namespace hydra_clients::cli {

/// The flags of every command that talks to Hydra.
class ConnectionFlags {
 public:
  void addTo(CLI::App& command);

  /// What the flags say; the error is a usage error in words.
  [[nodiscard]] tl::expected<hydra::ConnectionOptions, std::string> options() const;

  /// Things worth one warning: a token over plain HTTP, verification switched off.
  [[nodiscard]] static std::vector<std::string> warnings(const hydra::ConnectionOptions& options);

  std::size_t parallelism = 0;  ///< 0: as many as are found to be best

 private:
  std::string endpoint_;
  std::string caFile_;
  std::string clientCertFile_;
  std::string clientKeyFile_;
  bool skipTlsVerify_ = false;
  bool fakeTlsTermination_ = false;
  std::string accessToken_;
  std::string accessTokenFile_;
  std::vector<std::string> headers_;
  std::chrono::milliseconds timeout_{10'000};
};

}  // namespace hydra_clients::cli
