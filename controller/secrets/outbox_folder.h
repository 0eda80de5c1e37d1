#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "client/file_descriptor.h"

namespace hydra_clients::secrets {

/// Whether an outbox is begun where there is none yet. A process that has had one begins no other in its
/// place: an empty folder may be what lies below a volume that was unmounted, and hides that it was.
enum class Beginning : std::uint8_t { kAllowed, kForbidden };

/// An outbox's folder, held by this process alone.
///
///     DIR/.lock           locked while it is held; the holder's process id, and its host's name
///     DIR/.format         "hydra-clients outbox 1"
///     DIR/.pending/       secrets of imports whose end is not known
///     DIR/*.asc           secrets of clients that are in Hydra
///
/// It belongs to the user of this process and nobody else may enter it: mode 0700. Where it is an outbox
/// already, or is empty, bits for others are taken away, with a warning: Kubernetes gives a volume's folders
/// to the pod's fsGroup at every start (kubelet: SetVolumeOwnership). A folder of another user, one that
/// everybody may write, and one that holds other things and no `.format` are refused and left as they are; so
/// is one of a newer format.
///
/// Thread-safe after its opening (it does not change). Errors are in words and name the folder.
class OutboxFolder {
 public:
  /// Makes the folder where it is missing and that is allowed; its parent must be there.
  static tl::expected<OutboxFolder, std::string> open(const std::string& path, Beginning beginning);

  [[nodiscard]] const std::string& path() const { return path_; }  ///< without a slash at its end
  [[nodiscard]] int descriptor() const { return folder_.get(); }
  [[nodiscard]] int pending() const { return pending_.get(); }  ///< the folder `.pending`
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// Whether what stands under the path is still what is held: not moved away, replaced, mounted over, and
  /// its lock file not removed. Otherwise nobody would find what is written here, or another process may
  /// write here too. Costs a few calls of stat(2).
  [[nodiscard]] tl::expected<void, std::string> stillStands() const;

 private:
  OutboxFolder() = default;
  std::string path_;
  FileDescriptor folder_;
  FileDescriptor pending_;
  FileDescriptor lock_;
  std::vector<std::string> warnings_;
};

/// The folders of an outbox that is only read: no lock, nothing is made or changed.
struct ReadFolders {
  std::string path;  ///< without a slash at its end
  FileDescriptor folder;
  FileDescriptor pending;  ///< not valid where there is none
};
[[nodiscard]] tl::expected<ReadFolders, std::string> openOutboxToRead(const std::string& path);

}  // namespace hydra_clients::secrets
