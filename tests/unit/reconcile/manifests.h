#pragma once

// Manifests for tests, through the real reading.

#include <memory>
#include <string>
#include <vector>

#include "manifest/set_reader.h"

namespace hydra_clients::test {

inline manifest::ManifestSetPtr setOf(const std::string& json, bool forImport = false) {
  manifest::ReadingOptions options;
  options.forImport = forImport;
  return std::make_shared<const manifest::ManifestSet>(manifest::readText("clients.json", json, options));
}

/// A public client that needs no secret, with further members (each ends with a comma).
inline std::string publicClient(const std::string& id, const std::string& members = "") {
  return R"({"client_id":")" + id + R"(",)" + members +
         R"("scope":"openid","token_endpoint_auth_method":"none"})";
}

inline std::string arrayOf(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) text += (text.size() > 1 ? "," : "") + element;
  return text + "]";
}

}  // namespace hydra_clients::test
