#include "manifest/sources/fetch/git_remote.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>

#include "client/edit_distance.h"
#include "client/one_line.h"
#include "manifest/sources/fetch/connected_ports.h"
#include "manifest/sources/fetch/ssh_key.h"

namespace hydra_clients::manifest {
namespace {

constexpr std::size_t kLongestReason = 1000;  ///< of what a server may say
constexpr std::size_t kMostNamed = 10;        ///< branches and tags, where the wanted one is missing
constexpr std::string_view kReceivedFile = "pack_git2_";
constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr const char* kSshUser = "git";  ///< where the URL names none, as all the large servers have it

/// The other half of a refspec, without which libgit2 takes none. No ref is written to it.
constexpr const char* kNowhere = ":refs/hydra-clients/nowhere";

using Heads = std::span<const git_remote_head* const>;

Heads headsOf(git_remote* remote) {
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  if (git_remote_ls(&heads, &count, remote) != 0) return {};
  return {heads, count};
}

const git_remote_head* named(Heads heads, const std::string& name) {
  const auto found =
      std::ranges::find_if(heads, [&](const git_remote_head* head) { return head->name == name; });
  return found == heads.end() ? nullptr : *found;
}

/// "main", "v1.2"; "" of other refs, and of what a tag was peeled to.
std::string_view shortName(std::string_view name) {
  if (name.ends_with("^{}")) return {};
  for (const std::string_view prefix : {kHeads, kTags}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return {};
}

std::string absent(Heads heads, const std::string& ref) {
  if (heads.empty()) return "has no commit yet";
  if (ref.empty()) return "has a HEAD that leads to no branch: name one with --git-ref";
  std::vector<std::string_view> names;
  for (const git_remote_head* const head : heads) {
    if (const auto name = shortName(head->name); !name.empty()) names.push_back(name);
  }
  std::string text = "has no branch or tag " + ref;
  if (const auto near = nearest(ref, names)) return text + "; did you mean " + onOneLine(*near) + "?";
  if (isCommitId(ref)) return text + ": a server gives branches and tags, not single commits";
  text += names.empty() ? "; it has none at all" : "; it has ";
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
    text += (i == 0 ? "" : ", ") + onOneLine(names[i]);
  return text + (names.size() > kMostNamed ? ", …" : "");
}

/// What a server says can be long, and of several lines.
std::string bounded(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  if (text.size() > kLongestReason) text = text.substr(0, kLongestReason) + "…";
  return text;
}

/// libgit2 names the file that it receives into, another one each time, and what is one failure is to be told
/// once.
std::string withoutReceivedFile(std::string text) {
  const std::size_t begin = text.find(kReceivedFile);
  if (begin == std::string::npos) return text;
  const std::size_t end = text.find_first_not_of("0123456789abcdef", begin + kReceivedFile.size());
  return text.erase(begin + kReceivedFile.size(), end - begin - kReceivedFile.size());
}

git_fetch_options fetchOptions(const git_remote_callbacks& callbacks) {
  git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
  options.callbacks = callbacks;
  options.update_fetchhead = 0;
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
  options.proxy_opts.type = GIT_PROXY_AUTO;
  options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;  // to other hosts; within one host they are
  return options;
}

/// Whether libgit2 may go through a proxy, whose port is then the one that is connected.
bool mayUseProxy() {
  constexpr std::array<const char*, 4> kVariables{"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"};
  return std::ranges::any_of(kVariables, [](const char* name) { return std::getenv(name) != nullptr; });
}

/// Whether another port than the URL's asks. libgit2 follows a redirect to one, and does not say so.
bool wasRedirected(const GitUrl& url) {
  if (mayUseProxy()) return false;
  const auto ports = connectedPorts();
  return !ports.empty() && std::ranges::find(ports, url.port) == ports.end();
}

}  // namespace

struct GitRemote::Callbacks {
  static GitRemote& self(void* payload) { return *static_cast<GitRemote*>(payload); }

  static int credentials(git_credential** out, const char*, const char* user, unsigned allowed,
                         void* payload) {
    GitRemote& remote = self(payload);
    return remote.options_.url.scheme == GitUrl::Scheme::kSsh ? remote.giveKey(out, user, allowed)
                                                              : remote.giveLogin(out, allowed);
  }
  static int certificate(git_cert* certificate, int, const char*, void* payload) {
    return self(payload).checkHost(*certificate);
  }
  static int progress(const git_indexer_progress* progress, void* payload) {
    return self(payload).checkSize(progress->received_bytes);
  }
};

git_remote_callbacks GitRemote::callbacks() {
  git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
  callbacks.credentials = &Callbacks::credentials;
  callbacks.certificate_check = &Callbacks::certificate;
  callbacks.transfer_progress = &Callbacks::progress;
  callbacks.payload = this;
  return callbacks;
}

tl::expected<void, std::string> GitRemote::connect() {
  git_remote* made = nullptr;
  if (const int error = git_remote_create_anonymous(&made, repository_, options_.url.text.c_str());
      error != 0)
    return failed(error);
  remote_.reset(made);
  const git_fetch_options fetch = fetchOptions(callbacks());
  git_remote_connect_options options = GIT_REMOTE_CONNECT_OPTIONS_INIT;
  options.callbacks = fetch.callbacks;
  options.proxy_opts = fetch.proxy_opts;
  options.follow_redirects = fetch.follow_redirects;
  const int error = git_remote_connect_ext(made, GIT_DIRECTION_FETCH, &options);
  if (error != 0) return failed(error);
  return {};
}

tl::expected<RemoteRef, std::string> GitRemote::find(const std::string& ref) const {
  const Heads heads = headsOf(remote_.get());
  std::vector<std::string> names;
  if (ref.empty()) {
    names = {"HEAD"};
  } else if (ref.starts_with("refs/")) {
    names = {ref};
  } else {
    names = {std::string(kHeads) + ref, std::string(kTags) + ref};
  }
  for (const std::string& name : names) {
    if (const git_remote_head* const head = named(heads, name)) return RemoteRef{name, head->oid};
  }
  return tl::unexpected(absent(heads, ref));
}

tl::expected<void, DownloadFault> GitRemote::download(const RemoteRef& ref) {
  std::string refspec = '+' + ref.name + kNowhere;
  char* text = refspec.data();
  const git_strarray refspecs{&text, 1};
  const git_fetch_options options = fetchOptions(callbacks());
  const int error = git_remote_download(remote_.get(), &refspecs, &options);
  if (error == 0) return {};
  const git_error* const last = git_error_last();
  const bool isOfObjects =
      refusal_.empty() && (error == GIT_ENOTFOUND || (last != nullptr && last->klass == GIT_ERROR_ODB));
  return tl::unexpected(DownloadFault{failed(error).value(), isOfObjects});
}

int GitRemote::refuse(std::string words) {
  refusal_ = std::move(words);
  git_error_set_str(GIT_ERROR_CALLBACK, refusal_.c_str());
  return GIT_EUSER;
}

int GitRemote::giveLogin(git_credential** out, unsigned allowed) {
  if (!options_.login) return refuse("asks who we are: name a file with a login, --git-credentials-file");
  if (wasRedirected(options_.url))
    return refuse("redirects to another port, which gets no login: write the URL that it leads to");
  if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) == 0)
    return refuse("takes no user and password, and there is no other way to log in");
  if (asked_++ > 0) return refuse("does not take the login in " + options_.loginFile);
  std::string password(options_.login->password.reveal(Purpose::kAuthentication));
  const int error =
      git_credential_userpass_plaintext_new(out, options_.login->user.c_str(), password.c_str());
  wipe(password);
  return error;
}

int GitRemote::giveKey(git_credential** out, const char* user, unsigned allowed) {
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) return git_credential_username_new(out, kSshUser);
  const std::string name = user == nullptr ? kSshUser : user;
  if ((allowed & GIT_CREDENTIAL_SSH_KEY) == 0)
    return refuse("takes no key from user " + name + ", and there is no other way to log in");
  if (asked_++ > 0)
    return refuse("does not take the key " + options_.sshKeyFile + " from user " + name +
                  hintForKey(options_.sshKeyFile));
  return git_credential_ssh_key_new(out, name.c_str(), nullptr, options_.sshKeyFile.c_str(), nullptr);
}

int GitRemote::checkHost(const git_cert& certificate) {
  if (certificate.cert_type != GIT_CERT_HOSTKEY_LIBSSH2) return GIT_PASSTHROUGH;  // as TLS itself found it
  const auto& shown = reinterpret_cast<const git_cert_hostkey&>(certificate);
  if ((shown.type & GIT_CERT_SSH_RAW) == 0 || !options_.knownHosts)
    return refuse("shows no host key that could be checked");
  const auto checked = options_.knownHosts->check({shown.hostkey, shown.hostkey_len});
  return checked ? 0 : refuse("is not trusted: " + checked.error());
}

int GitRemote::checkSize(std::size_t received) {
  if (received <= options_.maxBytes) return 0;
  return refuse("sends more than the " + std::to_string(options_.maxBytes) +
                " bytes that one fetch may bring (--git-max-size)");
}

tl::unexpected<std::string> GitRemote::failed(int error) const {
  if (!refusal_.empty()) return tl::unexpected(refusal_);
  const std::string reason = withoutReceivedFile(gitErrorText());
  if (error == GIT_ECERTIFICATE) {
    return tl::unexpected("is not trusted: " + bounded(reason) +
                          "; --git-ca-file names the certificates to trust instead of the system's");
  }
  return tl::unexpected(explained(bounded(reason)));
}

std::string GitRemote::explained(const std::string& reason) const {
  struct Hint {
    std::string_view says;
    std::string means;
  };
  const std::string type = options_.knownHosts ? options_.knownHosts->typeToAskFor() : "";
  const std::array<Hint, 7> hints{{
      {"status code: 404", "there is no such repository, or this login may not see it"},
      {"status code: 403", "this login may not read it"},
      {"cannot redirect", "a redirect to another server is not followed: write the URL that it leads to"},
      {"too many redirects", "write the URL that the redirects lead to"},
      {"Unable to exchange encryption keys",
       type.empty() ? "there is no cipher or key exchange that both sides know"
                    : "it was asked for a host key of type " + type +
                          ", the best that --git-known-hosts holds of it, and may have none"},
      {"private key file", "it must be an OpenSSH or PEM key without a passphrase"},
      {"does not appear to be a git repository", "there is no such repository, or this key may not see it"},
  }};
  std::string text = "cannot be fetched from: " + reason;
  for (const Hint& hint : hints) {
    if (reason.find(hint.says) != std::string::npos) return text + " (" + hint.means + ')';
  }
  return text;
}

}  // namespace hydra_clients::manifest
