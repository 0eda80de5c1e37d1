#pragma once

// What the system's calls leave to their callers: going on after a part and after a signal, and giving a file
// a name without taking another's place. Failures are told by errno. Thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace hydra_clients {

/// Writes all bytes.
[[nodiscard]] bool writeAll(int file, std::string_view bytes);

/// Reads until the end or until `buffer` is full; the number of bytes, or -1.
[[nodiscard]] ssize_t readAll(int file, std::string& buffer);

/// Makes a folder for this user alone (mode 0700) where there is none, durably. What it stands in must be
/// there.
[[nodiscard]] bool makePrivateFolder(const std::string& path);

/// Gives a file of that name this content, durably: whoever reads it, after a crash too, finds the old one or
/// the new one, whole. Its mode is 0600.
[[nodiscard]] bool replaceDurably(const std::string& folder, const std::string& name, std::string_view bytes);

/// How a file can be renamed without taking another's place. What a file system does not know (NFS, FUSE and
/// gVisor lack the first, some FUSE file systems the second as well) is done in the next way.
enum class Renaming : std::uint8_t {
  kExclusive,  ///< renameat2(RENAME_NOREPLACE): at once
  kByLink,     ///< link(2), then unlink(2): a process that dies between leaves the file under both names
  kChecked,    ///< looked whether the name is free, then renamed: sound among those who hold one lock
};

/// Renames a file to a name that is free; EEXIST where it is taken, by whatever it is.
[[nodiscard]] bool renameToFree(int fromFolder, const std::string& from, int toFolder, const std::string& to,
                                Renaming way = Renaming::kExclusive);

}  // namespace hydra_clients
