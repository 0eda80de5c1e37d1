#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace hydra_clients::manifest {

/// The keys that a file in the form of OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) states
/// for one server. Names may be hashed, and marked @revoked; patterns (*, ?, !) and @cert-authority mean
/// nothing, as to libssh2.
class KnownHosts {
 public:
  /// The error begins with the file's name.
  [[nodiscard]] static tl::expected<KnownHosts, std::string> read(const std::string& file, std::string host,
                                                                  std::uint16_t port);

  /// Whether `key`, as RFC 4253 §6.6 encodes it, is one of the server's; why not, with its fingerprint and
  /// what to do.
  [[nodiscard]] tl::expected<void, std::string> check(std::string_view key) const;

  /// A known_hosts of the keys that the server is to be asked for: libgit2 asks for one type alone, that of
  /// the first key which it finds. "" where none is known.
  [[nodiscard]] std::string toAskFor() const;

  /// "ssh-ed25519": the type that is asked for; "" where none is known.
  [[nodiscard]] std::string typeToAskFor() const;

 private:
  struct Key {
    std::string type;
    std::string base64;
    bool revoked = false;
  };
  KnownHosts(std::string file, std::string host, std::uint16_t port)
      : file_(std::move(file)), host_(std::move(host)), port_(port) {}
  /// "git.example.org", "[git.example.org]:2222".
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string scan() const;

  std::string file_;
  std::string host_;
  std::uint16_t port_;
  std::vector<Key> keys_;
};

/// "SHA256:…", as ssh-keygen -l shows a key.
[[nodiscard]] std::string fingerprintOf(std::string_view key);

}  // namespace hydra_clients::manifest
