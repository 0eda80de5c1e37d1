#pragma once

// People with keys of the real gpg, a keyring of some of them, and a verifier that reads it.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gnupg.h"
#include "secrets/commit_verifier.h"

namespace hydra_clients::secrets {

inline constexpr const char* kContent =
    "tree 0155eb4229851634a0f03eb265b69f5a2d56f341\nauthor Alice <a@e.org> 1700000000 +0000\n\nclients\n";
inline constexpr const char* kLongAgo = "20200101T000000";
inline constexpr const char* kThatDay = "20200101T010000";

class VerifiesCommits : public ::testing::Test {
 protected:
  /// Made once for all tests, since each key takes a while.
  static void SetUpTestSuite() {
    people_ = std::make_unique<tests::Gnupg>();
    alice_ = people_->makeKey("Alice <alice@example.com>", "ed25519", "sign");
    bob_ = people_->makeKey("Bob <bob@example.com>", "rsa2048", "cert");
    addSigningKey(bob_, "never");
    stranger_ = people_->makeKey("Stranger <stranger@example.com>", "ed25519", "sign");
    old_ =
        people_->makeKey("Old <old@example.com>", "ed25519", "sign", "1d", {"--faked-system-time", kLongAgo});
  }
  static void TearDownTestSuite() { people_.reset(); }

  static void addSigningKey(const std::string& key, const std::string& expires,
                            const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = options;
    arguments.insert(arguments.end(), {"--quick-add-key", key, "ed25519", "sign", expires});
    EXPECT_EQ(people_->gpg(arguments).status, 0);
  }
  /// What `gpg --edit-key` asks is answered by `answers`, a line each.
  static void editKey(const std::string& key, const std::string& answers) {
    (void)people_->gpg({"--command-fd", "0", "--no-tty", "--edit-key", key}, answers);
  }
  /// As git has it made.
  static std::string signedBy(const std::string& key, const std::string& content = kContent,
                              const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = options;
    arguments.insert(arguments.end(), {"--local-user", key, "--armor", "--detach-sign"});
    const tests::Output made = people_->gpg(arguments, content);
    EXPECT_EQ(made.status, 0) << "gpg does not sign";
    return made.text;
  }
  /// The certificate that gpg put aside when the key was made.
  static std::string revocationOf(const std::string& key) {
    std::string text = tests::runProgram({"cat", people_->home() + "/openpgp-revocs.d/" + key + ".rev"}).text;
    return text.replace(text.find(":-----BEGIN"), 1, "");
  }
  static std::string publicKey(const std::string& key) { return people_->exportKey(key); }

  void keyring(const std::string& content) const { folder_.write("people.asc", content); }
  [[nodiscard]] std::string file() const { return folder_.path() + "/people.asc"; }
  CommitVerifier& verifier() {
    if (!verifier_) verifier_ = std::make_unique<CommitVerifier>(file(), PgpOptions{"", {homes_.path()}});
    return *verifier_;
  }
  /// "good", or the words; "undecided: " before them where there is no verdict.
  std::string verdict(const std::string& signature, const std::string& content = kContent) {
    const auto checked = verifier().check(content, signature);
    if (checked) return "good";
    return (checked.error().undecided ? "undecided: " : "") + checked.error().words;
  }
  [[nodiscard]] std::vector<std::string> homes() const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(homes_.path()))
      paths.push_back(entry.path());
    return paths;
  }

  static inline std::unique_ptr<tests::Gnupg> people_;
  static inline std::string alice_, bob_, stranger_, old_;  // fingerprints
  tests::TemporaryFolder folder_;
  tests::TemporaryFolder homes_;
  std::unique_ptr<CommitVerifier> verifier_;
};

}  // namespace hydra_clients::secrets
