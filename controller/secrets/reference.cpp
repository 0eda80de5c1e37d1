#include "secrets/reference.h"

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "client/file_io.h"
#include "client/utf8.h"
#include "secrets/confined_file.h"

namespace hydra_clients::secrets {
namespace {

using Resolved = tl::expected<Secret, std::string>;

tl::unexpected<std::string> because(std::string why) { return tl::make_unexpected(std::move(why)); }

std::string whyNotOpened(int error, const std::string& root) {
  struct stat info {};
  if (stat(root.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return "--secrets-root (" + root + ") is not a folder that can be read";
  }
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "is not there yet";
    case EXDEV:
      return "leads out of --secrets-root (" + root + "); links below it must be relative and stay there";
    case ELOOP:
      return "is a circle of links";
    case EACCES:
    case EPERM:
      return "may not be read: give this process's user the permission";
    case ENXIO:
    case ENODEV:
      return "is not a regular file";
    default:
      return "cannot be opened: " + std::generic_category().message(error);
  }
}

bool sameVersion(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::string tooLarge(std::size_t maxBytes) {
  return "is larger than the " + std::to_string(maxBytes) + " bytes that a secret may have";
}

/// JSON carries only UTF-8, and no manifest holds a NUL.
bool isText(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos && firstInvalidUtf8(bytes) == std::string_view::npos;
}

/// What the reading of a regular file gives: its text, or why it is no secret. `bytes` is wiped by the
/// caller.
tl::expected<void, std::string> readSecret(int file, std::size_t maxBytes, std::string& bytes) {
  struct stat before {};
  struct stat after {};
  if (fstat(file, &before) != 0) return because("cannot be read");
  if (S_ISDIR(before.st_mode)) return because("is a folder, not a file");
  if (!S_ISREG(before.st_mode)) return because("is not a regular file");
  constexpr std::size_t kNewline = 2;  // CRLF
  if (static_cast<std::uintmax_t>(before.st_size) > maxBytes + kNewline) return because(tooLarge(maxBytes));
  bytes.resize(maxBytes + kNewline + 1);  // one buffer: growing it would leave copies behind
  const ssize_t n = readAll(file, bytes);
  if (n < 0) return because("cannot be read: " + std::generic_category().message(errno));
  bytes.resize(static_cast<std::size_t>(n));
  if (fstat(file, &after) != 0 || !sameVersion(before, after)) return because("is being written just now");
  if (bytes.ends_with('\n')) bytes.resize(bytes.size() - (bytes.ends_with("\r\n") ? 2 : 1));
  if (bytes.size() > maxBytes) return because(tooLarge(maxBytes));
  if (bytes.empty()) return because("is empty: the secret is not there yet");
  if (!isText(bytes)) return because("is not text in UTF-8, so it cannot be sent as a secret");
  return {};
}

Resolved fromFile(const std::string& path, const ReferenceOptions& options) {
  const std::string name = "client_secret_from: the file " + path + " ";
  if (options.root.empty())
    return because(name + "is not read: files are read only below --secrets-root, which is not set");
  if (path.empty() || path.find('\0') != std::string::npos)
    return because("client_secret_from: the file has no lawful name");
  const std::string relative = pathBelow(path, options.root);
  if (relative.empty()) return because(name + "is not below --secrets-root (" + options.root + ")");
  const int file = openConfined(options.root, relative);
  if (file < 0) return because(name + whyNotOpened(errno, options.root));
  std::string bytes;
  const auto read = readSecret(file, options.maxBytes, bytes);
  close(file);
  if (!read) {
    wipe(bytes);
    return because(name + read.error());
  }
  return Secret(std::move(bytes));
}

Resolved fromEnvironment(const std::string& variable, const ReferenceOptions& options) {
  const std::string name = "client_secret_from: the environment variable " + variable + " ";
  const bool lawful = variable.find('=') == std::string::npos && variable.find('\0') == std::string::npos;
  if (!lawful || variable.empty())
    return because("client_secret_from: the environment variable has no lawful name");
  if (!variable.starts_with(options.envPrefix)) {
    return because(name + "is not read: its name must begin with " + options.envPrefix +
                   " (--secrets-env-prefix)");
  }
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) return because(name + "is not set");
  const std::string_view bytes = value;
  if (bytes.empty()) return because(name + "is empty: the secret is not there yet");
  if (bytes.size() > options.maxBytes) return because(name + tooLarge(options.maxBytes));
  if (!isText(bytes)) return because(name + "is not text in UTF-8, so it cannot be sent as a secret");
  return Secret(std::string(bytes));
}

}  // namespace

Resolved resolve(const SecretReference& reference, const ReferenceOptions& options) {
  switch (reference.kind) {
    case SecretReference::Kind::kFile:
      return fromFile(reference.value, options);
    case SecretReference::Kind::kEnvironment:
      return fromEnvironment(reference.value, options);
    case SecretReference::Kind::kPgp:
      break;
  }
  return because(
      "client_secret_from: a pgp message needs a private key, which this version cannot take yet; use "
      "file or env");
}

}  // namespace hydra_clients::secrets
