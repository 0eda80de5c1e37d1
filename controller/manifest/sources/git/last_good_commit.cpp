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

LastGoodCommit::LastGoodCommit(std::string folder, std::string ref)
    : folder_(std::move(folder)), ref_(std::move(ref)) {
  if (folder_.empty()) return;
  const FileDescriptor opened(::open(file().c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.valid()) return;
  std::string text(kLongest, '\0');
  const ssize_t got = readAll(opened.get(), text);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::string id = text.substr(0, GIT_OID_HEXSZ);
  if (isCommitId(id) && text == id + ' ' + ref_ + '\n') id_ = id;
}

std::string LastGoodCommit::file() const { return folder_ + '/' + kName; }

tl::expected<void, std::string> LastGoodCommit::remember(const std::string& id) {
  if (id == id_) return {};
  id_ = id;
  if (folder_.empty() || replaceDurably(folder_, kName, id + ' ' + ref_ + '\n')) return {};
  return tl::unexpected(file() + ": cannot be written: " + describeErrno(errno) +
                        "; after a restart a commit that is not signed would leave nothing in force");
}

}  // namespace hydra_clients::manifest
