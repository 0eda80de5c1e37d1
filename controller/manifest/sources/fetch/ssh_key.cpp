#include "manifest/sources/fetch/ssh_key.h"

#include <algorithm>
#include <string_view>

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

bool isRsa(std::string_view pem) {
  if (pem.find("BEGIN RSA PRIVATE KEY") != std::string_view::npos) return true;
  std::string body = bodyOf(pem, "OPENSSH PRIVATE KEY");
  std::string bytes = decodeBase64(body).value_or("");
  wipe(body);
  const bool found = bytes.find("ssh-rsa") != std::string::npos;  // its public half is not encrypted
  wipe(bytes);
  return found;
}

}  // namespace

std::string hintForKey(const std::string& file) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened.valid()) return "";
  std::string pem(kMostBytes, '\0');
  (void)readAll(opened.get(), pem);
  const bool rsa = isRsa(pem);
  wipe(pem);
  if (!rsa) return "";
  return ": an RSA key is used with SHA-1 by Debian 12's libssh2, which servers refuse by now; make one with "
         "ssh-keygen -t ed25519";
}

}  // namespace hydra_clients::manifest
