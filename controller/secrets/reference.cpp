#include "secrets/reference.h"

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "client/file_descriptor.h"
#include "secrets/confined_file.h"
#include "secrets/secret_file.h"

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
  auto secret = readSecret(FileDescriptor(file), options.maxBytes);
  if (!secret) return because(name + secret.error());
  return secret;
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
  if (const std::string fault = faultOfSecret(bytes, options.maxBytes); !fault.empty())
    return because(name + fault);
  return Secret(std::string(bytes));
}

tl::unexpected<std::string> noPrivateKey() {
  return because(
      "client_secret_from: the PGP message cannot be opened: name the private key's file with "
      "--pgp-private-key-file");
}

}  // namespace

Resolved resolve(const SecretReference& reference, std::string_view clientId,
                 const ReferenceOptions& options) {
  switch (reference.kind) {
    case SecretReference::Kind::kFile:
      return fromFile(reference.value, options);
    case SecretReference::Kind::kEnvironment:
      return fromEnvironment(reference.value, options);
    case SecretReference::Kind::kPgp:
      break;
  }
  if (options.decryptor == nullptr) return noPrivateKey();
  return options.decryptor->open(reference.value, clientId);
}

tl::expected<void, std::string> check(const SecretReference& reference, std::string_view clientId,
                                      const ReferenceOptions& options) {
  if (reference.kind == SecretReference::Kind::kPgp && options.decryptor != nullptr)
    return options.decryptor->check(reference.value, clientId);
  const auto secret = resolve(reference, clientId, options);
  if (!secret) return because(secret.error());
  return {};
}

}  // namespace hydra_clients::secrets
