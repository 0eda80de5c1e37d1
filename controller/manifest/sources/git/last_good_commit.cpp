#include "manifest/sources/git/last_good_commit.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>

#include "client/file_descriptor.h"
#include "client/file_io.h"
#include "manifest/sources/folder_walk.h"
#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {
namespace {

constexpr const char* kName = "last-good-commit";
constexpr std::size_t kLongest = 4096;  ///< an id, a blank and a ref

}  // namespace

LastGoodCommit::LastGoodCommit(std::string folder, std::string ref, Access access)
    : folder_(std::move(folder)), ref_(std::move(ref)), keeps_(access == Access::kKeeps && !folder_.empty()) {
  if (folder_.empty()) {
    whyNone_ = "no earlier commit is known: --state-dir names a folder that keeps the last good one";
  } else {
    recall();
  }
}

void LastGoodCommit::recall() {
  // Neither a link nor a pipe is a file of ours.
  const FileDescriptor opened(::open(file().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::string text(kLongest, '\0');
  const ssize_t got = opened.valid() ? readAll(opened.get(), text) : -1;
  if (got < 0) {
    whyNone_ = errno == ENOENT ? "no earlier commit is known in " + folder_
                               : file() + ": cannot be read: " + describeErrno(errno);
    return;
  }
  text.resize(static_cast<std::size_t>(got));
  const std::string id = text.substr(0, GIT_OID_HEXSZ);
  if (isCommitId(id) && text == id + ' ' + ref_ + '\n') {
    id_ = id;
    kept_ = true;
  } else {
    whyNone_ = file() + " names no commit of " + ref_;
  }
}

std::string LastGoodCommit::file() const { return folder_ + '/' + kName; }

tl::expected<void, std::string> LastGoodCommit::remember(const std::string& id) {
  kept_ = kept_ && id == id_;
  id_ = id;
  if (!keeps_ || kept_) return {};
  kept_ = makePrivateFolder(folder_) && replaceDurably(folder_, kName, id + ' ' + ref_ + '\n');
  if (kept_) return {};
  return tl::unexpected(file() + ": cannot be written: " + describeErrno(errno) +
                        "; after a restart a commit that is not signed would leave nothing in force");
}

}  // namespace hydra_clients::manifest
