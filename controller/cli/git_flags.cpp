#include "cli/git_flags.h"

#include <array>
#include <utility>

#include "cli/commands.h"
#include "cli/flags.h"
#include "manifest/sources/fetch/ssh_key.h"
#include "secrets/secret_file.h"

namespace hydra_clients::cli {
namespace {

using Scheme = manifest::GitUrl::Scheme;

constexpr const char* kGroup = "Fetching";
constexpr std::size_t kMostLoginBytes = 1u << 20;
constexpr Range<std::size_t> kFetchSizes{64u << 10, std::size_t{1} << 40};
constexpr std::chrono::milliseconds kShortestTimeout{100};

bool isWeb(Scheme scheme) { return scheme == Scheme::kHttps || scheme == Scheme::kHttp; }

/// A flag that has nothing to do with the URL's scheme may have been meant for something.
void refuse(const std::string& value, const char* flag, const char* of) {
  if (!value.empty()) throw UsageError(std::string(flag) + " is for " + of + ", and --git-url is none");
}

manifest::GitLogin readLogin(const manifest::GitUrl& url, const std::string& file) {
  const auto content = secrets::readFile(file, &secrets::readBytes, kMostLoginBytes);
  if (!content) throw Failure("--git-credentials-file: " + content.error());
  auto login = manifest::loginFor(url, *content);
  if (!login) throw Failure("--git-credentials-file: " + file + ' ' + login.error());
  return std::move(*login);
}

}  // namespace

void GitFlags::addTo(CLI::App& command) {
  const auto group = [](CLI::Option* option) { return option->group(kGroup); };
  group(addFlag(command, "git-url", url_,
                "fetch the manifests from this repository: https://HOST/PATH, ssh://USER@HOST/PATH, "
                "USER@HOST:PATH or file:///PATH"))
      ->type_name("URL");
  group(addFlag(command, "git-ref", ref_,
                "the branch or tag to fetch; without it the one that HEAD names there"))
      ->type_name("REF");
  group(
      addFlag(command, "git-credentials-file", credentialsFile_,
              "for https: a file with USER:PASSWORD or a token, or lines as of git's credential store; read "
              "at each fetch"))
      ->type_name("FILE");
  group(addFlag(command, "git-ssh-key-file", sshKeyFile_,
                "for ssh: the private key (Ed25519 or ECDSA, without a passphrase); read at each fetch"))
      ->type_name("FILE");
  group(addFlag(command, "git-known-hosts", knownHosts_,
                "for ssh: the host keys to trust, as ssh-keyscan prints them; read at each fetch"))
      ->type_name("FILE");
  group(addFlag(command, "git-ca-file", caFile_,
                "for https: PEM certificates to trust, instead of the system's"))
      ->type_name("FILE");
  group(addDurationFlag(command, "git-timeout", timeout_, "the longest that one fetch may take",
                        kShortestTimeout));
  group(addSizeFlag(command, "git-max-size", maxBytes_, "the most that one fetch may bring, packed",
                    kFetchSizes));
}

std::string GitFlags::firstOther() const {
  const std::array<std::pair<const std::string&, const char*>, 5> given{
      {{ref_, "--git-ref"},
       {credentialsFile_, "--git-credentials-file"},
       {sshKeyFile_, "--git-ssh-key-file"},
       {knownHosts_, "--git-known-hosts"},
       {caFile_, "--git-ca-file"}}};
  for (const auto& [value, flag] : given) {
    if (!value.empty()) return flag;
  }
  return "";
}

manifest::GitUrl GitFlags::url() const {
  auto url = manifest::GitUrl::parse(url_);
  if (!url) throw UsageError("--git-url " + url.error());
  return std::move(*url);
}

void GitFlags::check() const {
  const manifest::GitUrl url = this->url();
  if (url.scheme != Scheme::kSsh) {
    refuse(sshKeyFile_, "--git-ssh-key-file", "ssh");
    refuse(knownHosts_, "--git-known-hosts", "ssh");
  } else if (sshKeyFile_.empty()) {
    throw UsageError("--git-ssh-key-file is needed for ssh: the file of a private key");
  } else if (knownHosts_.empty()) {
    throw UsageError(
        "--git-known-hosts is needed for ssh: a file with the host keys to trust, as ssh-keyscan " +
        url.host + " prints them");
  }
  if (!isWeb(url.scheme)) refuse(credentialsFile_, "--git-credentials-file", "https");
  if (url.scheme != Scheme::kHttps) refuse(caFile_, "--git-ca-file", "https");
  if (url.scheme == Scheme::kHttp && !url.isLoopback() && !credentialsFile_.empty()) {
    throw UsageError(
        "--git-credentials-file is not sent over plain http, where anyone on the way can read it: use "
        "https");
  }
}

std::vector<std::string> GitFlags::warnings() const {
  if (!given()) return {};
  const manifest::GitUrl url = this->url();
  if (url.scheme != Scheme::kHttp || url.isLoopback()) return {};
  return {"--git-url is plain http: anyone on the way to " + url.host + " can change what is imported"};
}

manifest::FetchCommand GitFlags::command(const std::string& stateFolder, bool holdsState) const {
  manifest::FetchCommand command{
      {"--git-url=" + url_, "--state-dir=" + stateFolder, "--git-timeout=" + durationText(timeout_),
       "--git-max-size=" + std::to_string(maxBytes_)},
      timeout_,
      holdsState};
  const auto pass = [&](const char* flag, const std::string& value) {
    if (!value.empty()) command.flags.push_back(std::string(flag) + '=' + value);
  };
  pass("--git-ref", ref_);
  pass("--git-credentials-file", credentialsFile_);
  pass("--git-ssh-key-file", sshKeyFile_);
  pass("--git-known-hosts", knownHosts_);
  pass("--git-ca-file", caFile_);
  return command;
}

manifest::FetchOptions GitFlags::options(const std::string& stateFolder) const {
  check();
  manifest::FetchOptions options;
  options.remote.url = url();
  options.remote.sshKeyFile = sshKeyFile_;
  options.remote.maxBytes = maxBytes_;
  options.ref = ref_;
  options.caFile = caFile_;
  options.stateFolder = stateFolder;
  if (!credentialsFile_.empty()) {
    options.remote.login = readLogin(options.remote.url, credentialsFile_);
    options.remote.loginFile = credentialsFile_;
  }
  if (!sshKeyFile_.empty()) {
    if (const auto key = manifest::checkKey(sshKeyFile_); !key)
      throw Failure("--git-ssh-key-file: " + sshKeyFile_ + ' ' + key.error());
  }
  if (!knownHosts_.empty()) {
    auto known = manifest::KnownHosts::read(knownHosts_, options.remote.url.host, options.remote.url.port);
    if (!known) throw Failure("--git-known-hosts: " + known.error());
    options.remote.knownHosts = std::move(*known);
  }
  return options;
}

}  // namespace hydra_clients::cli
