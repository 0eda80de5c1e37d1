#include "client/file_error.h"

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace hydra_clients {

std::string fileError(int error) {
  std::string words = std::generic_category().message(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "the disk is full (" + words + "): make room on it";
    case EROFS:
      return "its file system is read-only: mount it so that it can be written";
    case EACCES:
    case EPERM:
      return "this process may not (" + words +
             "): the folder and all in it must belong to the user that it runs as (" +
             std::to_string(::geteuid()) + ")";
    case ENOENT:
      return "it, or its folder, is not there (any more)";
    case ELOOP:
      return "it is a symbolic link: put a file or a folder in its place";
    case ENOTDIR:
      return "it is not a folder";
    case EFBIG:
      return "a limit on the size of files (ulimit -f) is in the way";
    case EIO:
      return "the disk failed (" + words + ")";
    default:
      return words;
  }
}

}  // namespace hydra_clients
