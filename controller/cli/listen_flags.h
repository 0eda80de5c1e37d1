#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "telemetry/status_server.h"

namespace hydra_clients::cli {

/// Where `run` listens, and for whom.
struct ListenFlags {
  std::string listen = "127.0.0.1:9464";
  std::vector<std::string> hosts;
  std::string tokenFile;
  std::string tlsCertificateFile;
  std::string tlsKeyFile;
  std::string metricsListen;

  void addTo(CLI::App& command);

  /// Throws UsageError for a mistake that no file need be read to see.
  void check() const;

  /// Worth a warning each: a token that goes in the clear to other than this machine.
  [[nodiscard]] std::vector<std::string> warnings() const;

  /// Of each server, with the name of its flag.
  struct Server {
    std::string flag;
    telemetry::ListenOptions options;
  };
  [[nodiscard]] std::vector<Server> servers() const;
};

}  // namespace hydra_clients::cli
