// The command line of hydra-sandbox.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dialect.h"
#include "faults.h"
#include "validate.h"

namespace sandbox {

struct TcpAddress {
  std::string host;
  std::uint16_t port = 0;
};
struct UnixAddress {
  std::string path;
};

struct Options {
  const Dialect* dialect = nullptr;
  std::variant<TcpAddress, UnixAddress> listen;
  ServerSettings server;
  std::string version;  // what /version says; "": the dialect's release
  std::string public_url = "http://127.0.0.1:4444";
  int max_page_size = 0;
  std::string bearer_token;
  std::string base_path;
  bool require_forwarded_proto = false;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  std::vector<FaultRule> faults;
  std::uint64_t seed = 1;
};

/// The options, or the exit code of a program that is to end at once (help was shown, or a usage error).
std::variant<Options, int> parse_options(int argc, char** argv);

}  // namespace sandbox
