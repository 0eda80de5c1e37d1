#include "client/folder_format.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/types.h>

#include "client/file_descriptor.h"
#include "client/file_error.h"
#include "client/file_io.h"
#include "client/one_line.h"

namespace hydra_clients {
namespace {

constexpr std::size_t kMaxFormatBytes = 256;

std::string prefixOf(const FolderFormat& format) { return "hydra-clients " + std::string(format.kind) + ' '; }

}  // namespace

std::string FolderFormat::line() const { return prefixOf(*this) + std::string(version) + '\n'; }

tl::expected<bool, std::string> hasFormat(int folder, const FolderFormat& format) {
  const std::string name(format.file);
  const FileDescriptor file(
      ::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file.valid() && errno == ENOENT) return false;
  std::string text(kMaxFormatBytes, '\0');
  const ssize_t size = file.valid() ? readAll(file.get(), text) : -1;
  if (size < 0) return tl::unexpected("its file " + name + " cannot be read: " + fileError(errno));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('\n')) text.pop_back();

  const std::string prefix = prefixOf(format);
  if (!text.starts_with(prefix)) {
    return tl::unexpected("its file " + name + " does not say that it is the " + std::string(format.kind) +
                          " folder of this program: name another folder");
  }
  const std::string version = text.substr(prefix.size());
  if (version == format.version) return true;
  return tl::unexpected("it has format " + onOneLine(version.substr(0, 20)) +
                        ", and this version of the program knows only " + std::string(format.version) +
                        ": use a newer one, or another folder");
}

}  // namespace hydra_clients
