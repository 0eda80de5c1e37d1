#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "client/file_descriptor.h"

namespace hydra_clients::manifest {

/// Where what is fetched comes from. What came from another URL, or for another ref, does not count.
struct FetchOrigin {
  std::string url;
  std::string ref;  ///< "" for the remote's HEAD
};

/// "https://HOST/PATH, main": for people, and to tell one origin from another.
[[nodiscard]] std::string shown(const FetchOrigin& origin);

/// The link that leads to the repository in force, for people: it stays where repositories come and go.
[[nodiscard]] std::string repositoryLink(const std::string& stateFolder);

/// The ref of our own that a fetch moves as its last step; HEAD of the repositories below leads to it.
inline constexpr const char* kFetchedRef = "refs/heads/fetched";

/// The repository that holds what was fetched from an origin, a real path; nullopt where nothing was yet.
/// Thread-safe.
[[nodiscard]] std::optional<std::string> fetchedRepository(const std::string& stateFolder,
                                                           const FetchOrigin& origin);

/// What is kept of a remote below the state folder, as the one process that fetches at a time sees it:
///
///     repository.git     a link to the bare repository in force
///     repositories/N/    that repository, and its successor while that is being fetched
///     fetch.lock         locked while a process fetches
///
/// A process that is killed leaves nothing that hinders the next. Used by one thread.
class FetchStorage {
 public:
  /// Waits for another process's fetch to end; `waits` is called before. The state folder is made, for this
  /// user alone, where it is not there. Where another process holds it (`holdsState`: not the one that this
  /// is for), what that one has in force is not replaced by what is from elsewhere. The error is in words.
  [[nodiscard]] static tl::expected<FetchStorage, std::string> open(const std::string& stateFolder,
                                                                    const FetchOrigin& origin,
                                                                    const std::function<void()>& waits,
                                                                    bool holdsState = false);

  /// The repository in force; nullopt where there is none of this origin.
  [[nodiscard]] const std::optional<std::string>& current() const { return current_; }

  /// Whether the last fetch was to bring all anew and came to nothing: that is costly, and this one goes the
  /// usual way.
  [[nodiscard]] bool successorFailed() const { return successorFailed_; }

  /// Whether so much has been fetched into the repository in force, bit by bit, that it should be fetched
  /// anew as a whole. False after successorFailed().
  [[nodiscard]] bool isOvergrown() const;

  /// An empty bare repository, not in force yet.
  [[nodiscard]] tl::expected<std::string, std::string> makeSuccessor();

  /// From now on it is this one. The one before is removed.
  [[nodiscard]] tl::expected<void, std::string> putInForce(const std::string& successor);
  /// It came to nothing. `hadBegun`: objects were on their way already, and the next fetch is not to ask for
  /// all of them again.
  static void abandon(const std::string& successor, bool hadBegun);

  /// A home folder without anything in it but, for ssh, this as its known_hosts.
  [[nodiscard]] tl::expected<std::string, std::string> makeHome(const std::string& knownHosts) const;

  static constexpr std::size_t kMostPacks = 256;
  static constexpr std::uint64_t kAllowedGrowth = 64u << 20;  ///< beyond the largest pack, in bytes

 private:
  FetchStorage(std::string folder, FetchOrigin origin)
      : folder_(std::move(folder)), origin_(std::move(origin)) {}
  [[nodiscard]] std::string repositories() const;
  [[nodiscard]] tl::expected<void, std::string> lock(const std::function<void()>& waits);
  /// Who holds the state folder and has the repository of another origin in force there, in words; "" where
  /// nobody does.
  [[nodiscard]] std::string otherUser() const;
  /// What a fetch that was killed left.
  void clearLeftovers();

  std::string folder_;
  FetchOrigin origin_;
  FileDescriptor lock_;
  std::optional<std::string> current_;
  bool successorFailed_ = false;
};

}  // namespace hydra_clients::manifest
