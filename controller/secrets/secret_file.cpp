#include "secrets/secret_file.h"

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "client/file_io.h"
#include "client/utf8.h"

namespace hydra_clients::secrets {
namespace {

using Read = tl::expected<Secret, std::string>;

constexpr std::size_t kNewline = 2;  // CRLF

tl::unexpected<std::string> because(std::string why) { return tl::make_unexpected(std::move(why)); }

std::string tooLarge(std::size_t maxBytes) {
  return "is larger than the " + std::to_string(maxBytes) + " bytes that it may have";
}

bool sameVersion(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

/// The bytes, in `bytes`, which the caller wipes. One buffer: growing it would leave copies behind.
tl::expected<void, std::string> readInto(std::string& bytes, int file, std::size_t maxBytes,
                                         std::size_t maxShown) {
  struct stat before {};
  struct stat after {};
  if (fstat(file, &before) != 0) return because("cannot be read");
  if (S_ISDIR(before.st_mode)) return because("is a folder, not a file");
  if (!S_ISREG(before.st_mode)) return because("is not a regular file");
  if (static_cast<std::uintmax_t>(before.st_size) > maxBytes) return because(tooLarge(maxShown));
  bytes.resize(maxBytes + 1);
  const ssize_t n = readAll(file, bytes);
  if (n < 0) return because("cannot be read: " + std::generic_category().message(errno));
  bytes.resize(static_cast<std::size_t>(n));
  if (fstat(file, &after) != 0 || !sameVersion(before, after)) return because("is being written just now");
  if (bytes.size() > maxBytes) return because(tooLarge(maxShown));
  return {};
}

/// JSON carries only UTF-8, and no manifest holds a NUL.
bool isText(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos && firstInvalidUtf8(bytes) == std::string_view::npos;
}

void dropNewline(std::string& bytes) {
  if (bytes.ends_with('\n')) bytes.resize(bytes.size() - (bytes.ends_with("\r\n") ? 2 : 1));
}

}  // namespace

std::string faultOfSecret(std::string_view bytes, std::size_t maxBytes) {
  if (bytes.empty()) return "is empty: the secret is not there yet";
  if (bytes.size() > maxBytes) return tooLarge(maxBytes);
  if (!isText(bytes)) return "is not text in UTF-8, so it cannot be sent as a secret";
  if (bytes.size() < kShortestSecret) return "is too short: Hydra takes no secret of fewer than 6 bytes";
  return "";
}

Read readBytes(const FileDescriptor& file, std::size_t maxBytes) {
  std::string bytes;
  const auto read = readInto(bytes, file.get(), maxBytes, maxBytes);
  Secret secret(std::move(bytes));  // wiped, whatever it is
  if (!read) return because(read.error());
  return secret;
}

Read readLine(const FileDescriptor& file, std::size_t maxBytes) {
  std::string bytes;
  const auto read = readInto(bytes, file.get(), maxBytes + kNewline, maxBytes);
  dropNewline(bytes);
  const bool fits = bytes.size() <= maxBytes;
  Secret secret(std::move(bytes));
  if (!read || !fits) return because(fits ? read.error() : tooLarge(maxBytes));
  return secret;
}

Read readSecret(const FileDescriptor& file, std::size_t maxBytes) {
  auto secret = readLine(file, maxBytes);
  if (!secret) return secret;
  if (const std::string fault = faultOfSecret(secret->reveal(Purpose::kComparison), maxBytes); !fault.empty())
    return because(fault);
  return secret;
}

Read readFile(const std::string& path, Read (*reader)(const FileDescriptor&, std::size_t),
              std::size_t maxBytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) {
    const int error = errno;
    const bool absent = error == ENOENT || error == ENOTDIR;
    return because(
        path + (absent ? " is not there" : " cannot be opened: " + std::generic_category().message(error)));
  }
  auto content = reader(file, maxBytes);
  if (!content) return because(path + " " + content.error());
  return content;
}

}  // namespace hydra_clients::secrets
