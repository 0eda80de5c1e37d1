#include "cli/export_folder.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/client_id.h"
#include "client/file_io.h"

namespace hydra_clients::cli {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;

enum class Present { kNot, kSame, kOther };

/// What stands there under the name: a file of that text, or something else. A link is something else,
/// wherever it leads.
Present presentAs(int folder, const std::string& name, std::string_view text) {
  const int file = openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (file < 0) return errno == ENOENT ? Present::kNot : Present::kOther;
  std::string content(text.size() + 1, '\0');  // a byte more, to see that it ends
  const ssize_t size = readAll(file, content);
  close(file);
  content.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return size >= 0 && content == text ? Present::kSame : Present::kOther;
}

/// Gives the file its name. Without `overwrite` it takes nobody's place: somebody may have made one
/// meanwhile.
bool placeAs(int folder, const std::string& temporary, const std::string& name, bool overwrite) {
  if (overwrite) return renameat(folder, temporary.c_str(), folder, name.c_str()) == 0;
  return renameToFree(folder, temporary, folder, name);
}

}  // namespace

tl::expected<ExportFolder, std::string> ExportFolder::open(const std::string& path) {
  if (mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return tl::unexpected(path + " cannot be made: " + std::generic_category().message(errno));
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return tl::unexpected(path + " cannot be opened: " + std::generic_category().message(errno));
  return ExportFolder(path, descriptor);
}

ExportFolder::ExportFolder(ExportFolder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

ExportFolder::~ExportFolder() {
  if (descriptor_ >= 0) close(descriptor_);
}

tl::unexpected<std::string> ExportFolder::failed(const std::string& name) const {
  return tl::unexpected(path_ + "/" + name + " cannot be written: " + std::generic_category().message(errno));
}

tl::expected<ExportFolder::Outcome, std::string> ExportFolder::write(const std::string& name,
                                                                     std::string_view text, bool overwrite) {
  const Present present = presentAs(descriptor_, name, text);
  if (present == Present::kSame) return Outcome::kUnchanged;
  if (present == Present::kOther && !overwrite) return Outcome::kLeftAlone;
  const std::string temporary = ".export-" + randomUuid() + ".tmp";
  const int file =
      openat(descriptor_, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode);
  if (file < 0) return failed(name);
  // What takes another's place must be whole before; the rest comes to rest at once, in sync().
  const bool written = writeAll(file, text) && (!overwrite || fsync(file) == 0);
  const int error = errno;
  close(file);
  if (written && placeAs(descriptor_, temporary, name, overwrite)) return Outcome::kWritten;
  if (!written) errno = error;
  const bool isThereNow = written && errno == EEXIST;
  auto why = failed(name);
  unlinkat(descriptor_, temporary.c_str(), 0);
  if (isThereNow) return Outcome::kLeftAlone;
  return why;
}

tl::expected<void, std::string> ExportFolder::sync() {
  if (syncfs(descriptor_) != 0)
    return tl::unexpected(path_ + " cannot be written: " + std::generic_category().message(errno));
  return {};
}

}  // namespace hydra_clients::cli
