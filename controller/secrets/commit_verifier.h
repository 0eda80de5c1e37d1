#pragma once

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <tl/expected.hpp>

#include "secrets/pgp_options.h"
#include "secrets/public_keyring.h"
#include "secrets/signature_check.h"

namespace hydra_clients::secrets {

/// `--require-signed-commits`: whether a commit is signed by a key of a keyring that is a file. It is read
/// when the first commit is to be checked, and again when it changes.
///
///     CommitVerifier verifier("/etc/hydra-clients/people.asc");
///     if (auto good = verifier.check(content, signature); !good) say(good.error().words);
///
/// Used by one thread.
class CommitVerifier {
 public:
  explicit CommitVerifier(std::string keyringFile, PgpOptions gpg = {});

  /// `signature`: the armored block; "" for a commit that is not signed. `content`: what it signs, as
  /// `git verify-commit` takes it. gpg is asked once of the same pair: a verdict stands until the keyring's
  /// file changes or the signature's time is over.
  [[nodiscard]] tl::expected<GoodSignature, SignatureFault> check(std::string_view content,
                                                                  std::string_view signature);

 private:
  using Verdict = tl::expected<GoodSignature, SignatureFault>;
  using Digest = std::array<unsigned char, 32>;  ///< SHA-256 of content and signature
  static Digest digestOf(std::string_view content, std::string_view signature);

  /// Loads the keyring where its file has changed, or could not be had a while ago.
  void refresh();
  [[nodiscard]] tl::expected<std::unique_ptr<PublicKeyring>, std::string> load() const;
  [[nodiscard]] Verdict ask(std::string_view content, std::string_view signature);

  const std::string file_;
  const PgpOptions gpg_;
  bool tried_ = false;
  struct stat state_ {};  ///< of the file, when it was read
  std::chrono::steady_clock::time_point loadedAt_;
  tl::expected<std::unique_ptr<PublicKeyring>, std::string> keyring_;
  std::map<Digest, Verdict> verdicts_;  ///< by this keyring; none that is undecided
};

}  // namespace hydra_clients::secrets
