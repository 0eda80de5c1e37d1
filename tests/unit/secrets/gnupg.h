#pragma once

// The real gpg, as a recipient has it: a keyring of its own in a temporary folder, with an agent for its
// secret keys.

#include <filesystem>
#include <string>
#include <vector>

namespace hydra_clients::tests {

/// A folder that is gone with the object. Short paths: an agent's socket must fit below it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes a file below the folder (parents are made) and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

struct Output {
  int status = -1;
  std::string text;  ///< standard output
};

/// Runs a program, found in PATH, with `input` on its standard input. Its standard error is thrown away.
Output runProgram(const std::vector<std::string>& arguments, const std::string& input = "");

/// Processes whose command line holds `text`.
std::vector<int> processesWith(const std::string& text);

/// Writes a gpg that answers `--version` and then does as `script` (of sh) says; returns its path.
std::string writeGpg(const TemporaryFolder& folder, const std::string& script);

class Gnupg {
 public:
  Gnupg() = default;
  ~Gnupg();
  Gnupg(const Gnupg&) = delete;
  Gnupg& operator=(const Gnupg&) = delete;

  [[nodiscard]] const std::string& home() const { return home_.path(); }
  /// gpg in this keyring, without questions.
  [[nodiscard]] Output gpg(std::vector<std::string> arguments, const std::string& input = "") const;
  /// Makes a key; `usage` and `expires` as `--quick-generate-key` takes them. Returns its fingerprint.
  [[nodiscard]] std::string makeKey(const std::string& name, const std::string& algorithm,
                                    const std::string& usage, const std::string& expires = "never",
                                    const std::vector<std::string>& options = {}) const;
  /// A primary key that signs, and an encryption subkey.
  [[nodiscard]] std::string makePair(const std::string& name, const std::string& primary,
                                     const std::string& subkey) const;
  [[nodiscard]] std::string exportKey(const std::string& key, bool armored = true) const;
  /// What `gpg -d` prints; fails the test where it does not open the message.
  [[nodiscard]] std::string decrypt(const std::string& message) const;

 private:
  TemporaryFolder home_;
};

}  // namespace hydra_clients::tests
