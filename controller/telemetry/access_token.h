#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "telemetry/file_identity.h"

namespace hydra_clients::telemetry {

/// The bearer token (RFC 6750) that a caller must show, from a file that is read again when it changes. Only
/// its digest is kept. Used by one thread.
class AccessToken {
 public:
  /// The error says what is wrong with the file.
  [[nodiscard]] static tl::expected<std::unique_ptr<AccessToken>, std::string> fromFile(std::string path);

  /// Whether this value of the header Authorization shows the token: "Bearer TOKEN", or as the password of
  /// "Basic …" (RFC 7617), which is all that a URL can hold, as git-sync's webhook has one. How long it takes
  /// tells nothing of the token. While the file cannot be read, the last token holds.
  [[nodiscard]] bool isShownBy(std::string_view authorization);

 private:
  static constexpr std::size_t kDigestBytes = 32;
  using Digest = std::array<unsigned char, kDigestBytes>;

  explicit AccessToken(std::string path) : path_(std::move(path)) {}
  static Digest digestOf(std::string_view token);
  /// The problem, in words, where the file holds no token now.
  std::optional<std::string> read();
  void readAgain();

  std::string path_;
  std::optional<FileIdentity> seen_;
  Digest digest_{};
};

}  // namespace hydra_clients::telemetry
