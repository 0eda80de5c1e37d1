#include "manifest/sources/fetch/known_hosts.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <libssh2.h>
#include <openssl/evp.h>

#include "client/base64.h"
#include "client/file_descriptor.h"
#include "client/file_io.h"
#include "manifest/sources/folder_walk.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kMostBytes = 4u << 20;
constexpr std::uint16_t kSshPort = 22;
constexpr std::string_view kRevoked = "@revoked";

/// What is asked for first. libssh2 1.10 proves an RSA key by SHA-1 alone, which servers refuse by now.
constexpr std::array<std::string_view, 6> kTypes{
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "ssh-dss"};

/// The name that stands at the beginning of a key; "" of what is none.
std::string typeOf(std::string_view key) {
  constexpr std::size_t kLength = 4;
  if (key.size() < kLength) return "";
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLength; ++i) length = length << 8 | static_cast<unsigned char>(key[i]);
  return length <= key.size() - kLength ? std::string(key.substr(kLength, length)) : "";
}

struct SessionFree {
  void operator()(LIBSSH2_SESSION* session) const { libssh2_session_free(session); }
};
struct HostsFree {
  void operator()(LIBSSH2_KNOWNHOSTS* hosts) const { libssh2_knownhost_free(hosts); }
};

/// libssh2's reading of single lines.
class LineReader {
 public:
  LineReader() {
    static const int kReady = libssh2_init(0);
    session_.reset(kReady == 0 ? libssh2_session_init() : nullptr);
    if (!session_) throw std::runtime_error("libssh2 cannot start");
  }

  /// The key, in base64, that the line states for a name; nullopt where it is another's, or no such line.
  [[nodiscard]] std::optional<std::string> keyFor(const std::string& name, const std::string& line) const {
    const std::unique_ptr<LIBSSH2_KNOWNHOSTS, HostsFree> hosts(libssh2_knownhost_init(session_.get()));
    if (!hosts || libssh2_knownhost_readline(hosts.get(), line.data(), line.size(),
                                             LIBSSH2_KNOWNHOST_FILE_OPENSSH) != 0)
      return std::nullopt;
    // A key that nobody has: where the name is known, libssh2 shows the one that it should have been.
    constexpr int kAnyType = LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW;
    libssh2_knownhost* found = nullptr;
    const int verdict = libssh2_knownhost_check(hosts.get(), name.c_str(), "", 1, kAnyType, &found);
    if (verdict != LIBSSH2_KNOWNHOST_CHECK_MISMATCH || found == nullptr) return std::nullopt;
    return std::string(found->key);
  }

 private:
  std::unique_ptr<LIBSSH2_SESSION, SessionFree> session_;
};

tl::expected<std::string, std::string> contentOf(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  std::string content(kMostBytes, '\0');
  const ssize_t got = file.valid() ? readAll(file.get(), content) : -1;
  if (got < 0) return tl::unexpected(path + ": cannot be read: " + describeErrno(errno));
  if (static_cast<std::size_t>(got) == content.size())
    return tl::unexpected(path + ": is larger than the " + std::to_string(kMostBytes) +
                          " bytes that it may have");
  content.resize(static_cast<std::size_t>(got));
  return content;
}

}  // namespace

std::string fingerprintOf(std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(key.data(), key.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string digits = base64({reinterpret_cast<const char*>(digest.data()), length});
  while (digits.ends_with('=')) digits.pop_back();
  return "SHA256:" + digits;
}

tl::expected<KnownHosts, std::string> KnownHosts::read(const std::string& file, std::string host,
                                                       std::uint16_t port) {
  auto content = contentOf(file);
  if (!content) return tl::unexpected(std::move(content.error()));
  KnownHosts known(file, std::move(host), port);
  const LineReader reader;
  const std::string name = known.name();
  std::string_view rest = *content;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.pop_back();
    const bool revoked = line.starts_with(kRevoked);
    if (revoked) line.erase(0, kRevoked.size());
    if (line.starts_with('@')) continue;
    auto key = reader.keyFor(name, line);
    if (!key) continue;
    std::string type = typeOf(decodeBase64(*key).value_or(""));
    known.keys_.push_back({std::move(type), std::move(*key), revoked});
  }
  return known;
}

std::string KnownHosts::name() const {
  return port_ == kSshPort ? host_ : '[' + host_ + "]:" + std::to_string(port_);
}

std::string KnownHosts::scan() const {
  return "ssh-keyscan " + (port_ == kSshPort ? "" : "-p " + std::to_string(port_) + ' ') + host_ + " >> " +
         file_;
}

tl::expected<void, std::string> KnownHosts::check(std::string_view key) const {
  const std::string digits = base64(key);
  const std::string type = typeOf(key);
  const std::string shown = "the host key of " + name() + ", " + type + ' ' + fingerprintOf(key) + ',';
  bool isKnown = false, hasType = false;
  for (const Key& known : keys_) {
    if (known.base64 == digits && known.revoked)
      return tl::unexpected(shown + " is marked as revoked in " + file_);
    isKnown = isKnown || known.base64 == digits;
    hasType = hasType || (known.type == type && !known.revoked);
  }
  if (isKnown) return {};
  if (hasType) {
    return tl::unexpected(
        shown + " is not the one that " + file_ +
        " holds: another server may be answering in its place. Where its key was replaced, take "
        "the old one out (ssh-keygen -f " +
        file_ + " -R '" + name() + "') and add the new one: " + scan());
  }
  return tl::unexpected(
      shown + " is unknown: " + file_ +
      " does not hold it. Compare the fingerprint with the one that the server's owner states, "
      "then add it: " +
      scan());
}

std::string KnownHosts::typeToAskFor() const {
  for (const std::string_view type : kTypes) {
    const bool isKnown =
        std::ranges::any_of(keys_, [&](const Key& key) { return key.type == type && !key.revoked; });
    if (isKnown) return std::string(type);
  }
  return "";
}

std::string KnownHosts::toAskFor() const {
  const std::string type = typeToAskFor();
  std::string lines;
  for (const Key& key : keys_) {
    if (!type.empty() && key.type == type && !key.revoked)
      lines += name() + ' ' + key.type + ' ' + key.base64 + '\n';
  }
  return lines;
}

}  // namespace hydra_clients::manifest
