#include "manifest/sources/fetch/ssh_key.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <fcntl.h>

#include "client/base64.h"
#include "client/file_descriptor.h"
#include "client/file_io.h"
#include "client/secret.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kMostBytes = 64u << 10;

/// The text between the lines that begin and end a block of PEM, without line breaks.
std::string bodyOf(std::string_view pem, std::string_view label) {
  const std::size_t begin = pem.find("-----BEGIN " + std::string(label) + "-----");
  const std::size_t end = pem.find("-----END " + std::string(label) + "-----");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  const std::size_t first = std::min(pem.find('\n', begin), end);
  std::string body(pem.substr(first, end - first));
  std::erase_if(body, [](char c) { return c == '\n' || c == '\r'; });
  return body;
}

bool holds(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

/// Whether these bytes stand in a key of OpenSSH's own form, as it is before base64.
bool holdsInside(std::string_view pem, std::string_view bytes) {
  std::string body = bodyOf(pem, "OPENSSH PRIVATE KEY");
  std::string inside = decodeBase64(body).value_or("");
  wipe(body);
  const bool found = holds(inside, bytes);
  wipe(inside);
  return found;
}

bool isRsa(std::string_view pem) {
  return holds(pem, "BEGIN RSA PRIVATE KEY") ||
         holdsInside(pem, "ssh-rsa");  // its public half is not encrypted
}

bool isPublic(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBegins{"ssh-", "ecdsa-", "sk-", "---- BEGIN SSH2 PUBLIC KEY"};
  return holds(text, "PUBLIC KEY-----") ||
         std::ranges::any_of(kBegins, [&](std::string_view begin) { return text.starts_with(begin); });
}

/// How OpenSSH's PROTOCOL.key begins where there is no passphrase: the name of the cipher, after its length.
constexpr std::string_view kPlain{"openssh-key-v1\0\0\0\0\4none", 23};

bool hasPassphrase(std::string_view pem) {
  if (holds(pem, "BEGIN OPENSSH PRIVATE KEY")) return !holdsInside(pem, kPlain);
  return holds(pem, "BEGIN ENCRYPTED PRIVATE KEY") || holds(pem, "Proc-Type: 4,ENCRYPTED");
}

std::string faultOf(std::string_view text) {
  if (isPublic(text)) return "is a public key: the private one is wanted, whose name has no .pub at its end";
  if (!holds(text, "PRIVATE KEY-----")) return "holds no private key";
  if (!hasPassphrase(text)) return "";
  return "has a passphrase, and nobody is here to type it: it must be a key without a passphrase";
}

/// Its text, which is to be wiped; errno where it cannot be read.
tl::expected<std::string, int> readKey(const std::string& file) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened.valid()) return tl::unexpected(errno);
  std::string text(kMostBytes, '\0');
  const ssize_t got = readAll(opened.get(), text);
  if (got < 0) return tl::unexpected(errno);
  text.resize(static_cast<std::size_t>(got));
  return text;
}

}  // namespace

tl::expected<void, std::string> checkKey(const std::string& file) {
  auto text = readKey(file);
  if (!text) {
    return tl::unexpected(text.error() == ENOENT
                              ? "is not there"
                              : "cannot be read: " + std::generic_category().message(text.error()));
  }
  std::string fault = faultOf(*text);
  wipe(*text);
  if (!fault.empty()) return tl::unexpected(std::move(fault));
  return {};
}

std::string hintForKey(const std::string& file) {
  auto pem = readKey(file);
  if (!pem) return "";
  const bool rsa = isRsa(*pem);
  wipe(*pem);
  if (!rsa) return "";
  return ": an RSA key is used with SHA-1 by Debian 12's libssh2, which servers refuse by now; make one with "
         "ssh-keygen -t ed25519";
}

}  // namespace hydra_clients::manifest
