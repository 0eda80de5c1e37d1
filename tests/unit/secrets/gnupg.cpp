#include "gnupg.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hydra_clients::tests {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() : path_("/tmp/hc-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  const fs::path file = fs::path(path_) / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
  return file.string();
}

namespace {

/// Standard input comes from a file and goes to a file: no pipe can fill up and block.
std::string readAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string shellQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Output runProgram(const std::vector<std::string>& arguments, const std::string& input) {
  const TemporaryFolder folder;
  std::string command;
  for (const auto& argument : arguments) command += shellQuoted(argument) + " ";
  command += "<" + folder.write("in", input) + " >" + folder.path() + "/out 2>" + folder.path() + "/err";
  const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, readAll(folder.path() + "/out")};
}

std::vector<int> processesWith(const std::string& text) {
  std::vector<int> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (readAll(entry.path() / "cmdline").find(text) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

std::string writeGpg(const TemporaryFolder& folder, const std::string& script) {
  std::string path =
      folder.write("gpg", "#!/bin/sh\ncase \"$*\" in *--version*) exec gpg --version;; esac\n" + script);
  fs::permissions(path, fs::perms::owner_all);
  return path;
}

Gnupg::~Gnupg() { runProgram({"gpgconf", "--homedir", home_.path(), "--kill", "all"}); }

Output Gnupg::gpg(std::vector<std::string> arguments, const std::string& input) const {
  std::vector<std::string> all{"gpg",      "--homedir",    home_.path(),
                               "--batch",  "--yes",        "--pinentry-mode",
                               "loopback", "--passphrase", ""};
  all.insert(all.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  return runProgram(all, input);
}

std::string Gnupg::makeKey(const std::string& name, const std::string& algorithm, const std::string& usage,
                           const std::string& expires, const std::vector<std::string>& options) const {
  std::vector<std::string> arguments = options;
  arguments.insert(arguments.end(), {"--quick-generate-key", name, algorithm, usage, expires});
  EXPECT_EQ(gpg(arguments).status, 0) << "gpg cannot make the key " << name;
  std::istringstream lines(gpg({"--with-colons", "--list-keys", "=" + name}).text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("fpr:")) return line.substr(12, line.find_last_of(':') - 12);
  }
  ADD_FAILURE() << "gpg made no key for " << name;
  return "";
}

std::string Gnupg::makePair(const std::string& name, const std::string& primary,
                            const std::string& subkey) const {
  std::string fingerprint = makeKey(name, primary, "sign");
  EXPECT_EQ(gpg({"--quick-add-key", fingerprint, subkey, "encrypt"}).status, 0);
  return fingerprint;
}

std::string Gnupg::exportKey(const std::string& key, bool armored) const {
  return gpg(armored ? std::vector<std::string>{"--armor", "--export", key}
                     : std::vector<std::string>{"--export", key})
      .text;
}

std::string Gnupg::decrypt(const std::string& message) const {
  const Output output = gpg({"--decrypt"}, message);
  EXPECT_EQ(output.status, 0) << "gpg -d does not open the message";
  return output.text;
}

}  // namespace hydra_clients::tests
