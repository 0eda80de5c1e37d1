#pragma once

// What a person can do where a live client is not as its manifest says. This program never changes one.

#include <string>

#include "hydra/curl.h"
#include "hydra/dialect.h"
#include "manifest/manifest.h"

namespace hydra_clients::reconcile {

/// Where a person finds the manifests' files.
struct ManifestPlace {
  std::string repository;  ///< for `git -C`; "" where they are files
  std::string revision;    ///< the commit
};

/// A pipeline for a POSIX shell, with curl, jq (1.6) and, for a commit, git, that changes the live client to
/// what its manifest declares, and nothing else of it; "" where this Hydra cannot address the id by URL. A
/// client_secret that the manifest states is set with it.
[[nodiscard]] std::string updateCommand(const manifest::Manifest& manifest, const ManifestPlace& place,
                                        const hydra::Dialect& dialect, const hydra::Curl& curl);

/// The same for the secret alone, read from where the manifest says, below `secretsRoot` where that is a
/// file; "" where it is to be generated or is encrypted.
[[nodiscard]] std::string secretCommand(const manifest::Manifest& manifest, const ManifestPlace& place,
                                        const hydra::Dialect& dialect, const hydra::Curl& curl,
                                        const std::string& secretsRoot);

/// The two ways out of a conflict (design §2), in words: the manifest's own, with the command that shows what
/// Hydra at `endpoint` holds as a manifest, and updateCommand().
[[nodiscard]] std::string conflictHint(const manifest::Manifest& manifest, const hydra::Dialect& dialect,
                                       const std::string& endpoint);

}  // namespace hydra_clients::reconcile
