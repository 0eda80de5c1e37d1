#pragma once

// libgit2, once for the process: owners of its handles, and its errors in words.

#include <memory>
#include <string>
#include <string_view>

#include <git2.h>

namespace hydra_clients::manifest {

/// Makes libgit2 ready, on the first call. Its owner check is off, since git-sync runs under another user id
/// and nothing of a repository is run (design §5); no configuration but the repository's own is read.
/// Thread-safe. Throws std::runtime_error where libgit2 cannot start.
void useGit();

/// What libgit2 says of the last failure on this thread, on one line; never empty.
[[nodiscard]] std::string gitErrorText();

template <auto Free>
struct GitFree {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using RepositoryHandle = std::unique_ptr<git_repository, GitFree<git_repository_free>>;
using ObjectHandle = std::unique_ptr<git_object, GitFree<git_object_free>>;
using CommitHandle = std::unique_ptr<git_commit, GitFree<git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, GitFree<git_tree_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, GitFree<git_tree_entry_free>>;
using OdbHandle = std::unique_ptr<git_odb, GitFree<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, GitFree<git_odb_object_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, GitFree<git_reference_free>>;
using RemoteHandle = std::unique_ptr<git_remote, GitFree<git_remote_free>>;
using StatusListHandle = std::unique_ptr<git_status_list, GitFree<git_status_list_free>>;
using IndexHandle = std::unique_ptr<git_index, GitFree<git_index_free>>;
using ConfigHandle = std::unique_ptr<git_config, GitFree<git_config_free>>;
using ConfigIteratorHandle = std::unique_ptr<git_config_iterator, GitFree<git_config_iterator_free>>;

/// A buffer that libgit2 fills.
class GitBuffer {
 public:
  GitBuffer() = default;
  ~GitBuffer() { git_buf_dispose(&buffer_); }
  GitBuffer(const GitBuffer&) = delete;
  GitBuffer& operator=(const GitBuffer&) = delete;
  [[nodiscard]] git_buf* out() { return &buffer_; }
  [[nodiscard]] std::string text() const { return {buffer_.ptr == nullptr ? "" : buffer_.ptr, buffer_.size}; }

 private:
  git_buf buffer_ = GIT_BUF_INIT;
};

/// 40 hexadecimal digits.
[[nodiscard]] std::string hexOf(const git_oid& id);

/// Whether a text is a whole commit id: 40 hexadecimal digits in lower case.
[[nodiscard]] bool isCommitId(std::string_view text);

}  // namespace hydra_clients::manifest
