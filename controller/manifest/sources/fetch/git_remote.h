#pragma once

// The other side of a fetch: what a remote offers, and its objects, by libgit2. Blocks for as long as the
// remote likes: libgit2 1.5 knows no time limit, so the process that fetches has one.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "manifest/sources/fetch/git_login.h"
#include "manifest/sources/fetch/git_url.h"
#include "manifest/sources/fetch/known_hosts.h"
#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {

/// How a remote is reached, and what it may bring.
struct RemoteOptions {
  GitUrl url;
  std::optional<GitLogin> login;  ///< of http(s)
  std::string loginFile;          ///< where it is from, for messages
  std::string sshKeyFile;
  std::optional<KnownHosts> knownHosts;  ///< of ssh, always
  std::size_t maxBytes = 1u << 30;
};

/// A branch, a tag or HEAD of a remote.
struct RemoteRef {
  std::string name;  ///< "refs/heads/main", "HEAD"
  git_oid id{};      ///< of a commit, or of an annotated tag
};

/// Why objects did not come.
struct DownloadFault {
  std::string message;
  bool isOfObjects = false;  ///< one could not be found or read that was to be there: most likely of ours
};

/// One connection, for one fetch into one repository, both of which outlive it. Errors are in words, without
/// the URL.
class GitRemote {
 public:
  GitRemote(git_repository* repository, const RemoteOptions& options)
      : repository_(repository), options_(options) {}
  GitRemote(const GitRemote&) = delete;
  GitRemote& operator=(const GitRemote&) = delete;

  [[nodiscard]] tl::expected<void, std::string> connect();

  /// A branch or, where there is none of that name, a tag; "" for the remote's HEAD; a whole name that begins
  /// with "refs/".
  [[nodiscard]] tl::expected<RemoteRef, std::string> find(const std::string& ref) const;

  /// Brings the ref's objects, those that the repository has not got, in one pack. No ref is written.
  [[nodiscard]] tl::expected<void, DownloadFault> download(const RemoteRef& ref);

 private:
  struct Callbacks;  ///< what libgit2 calls, which has nothing but a pointer to this

  [[nodiscard]] git_remote_callbacks callbacks();
  [[nodiscard]] tl::unexpected<std::string> failed(int error) const;
  [[nodiscard]] std::string explained(const std::string& reason) const;
  /// Our own words for why the call that is under way fails; they win over libgit2's.
  int refuse(std::string words);
  int giveLogin(git_credential** out, unsigned allowed);
  int giveKey(git_credential** out, const char* user, unsigned allowed);
  int checkHost(const git_cert& certificate);
  int checkSize(std::size_t received);

  git_repository* const repository_;
  const RemoteOptions& options_;
  RemoteHandle remote_;
  int asked_ = 0;        ///< how often the remote asked who we are
  std::string refusal_;  ///< the last of refuse()
};

}  // namespace hydra_clients::manifest
