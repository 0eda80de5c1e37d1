#include "manifest/sources/fetch/known_hosts.h"

#include <gmock/gmock.h>

#include "client/base64.h"
#include "support.h"

namespace hydra_clients::manifest {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kEd25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIE312S92XKrCEJYrSNVg0c7aqG+oobF0RPnBV7XC504+";
const std::string kOther = "AAAAC3NzaC1lZDI1NTE5AAAAIMOt1EumieHkCu/C4RcB2T0exO4zCPSeDOsYiE5728Lq";
const std::string kEcdsa =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBJTrfq7s94WkncyBuXFKlG8afuRiRUiXy5OxLSi0wewC3N846r0"
    "iVLPNgTx"
    "kAyeYYZPbaJa0hVXSvvEIjg3O9g=";
const std::string kHost = "git.example.org";

class KnownHostsTest : public testing::Test {
 protected:
  [[nodiscard]] KnownHosts known(const std::string& lines, std::uint16_t port = 22) const {
    folder_.write("known_hosts", lines);
    auto read = KnownHosts::read(folder_ / "known_hosts", kHost, port);
    EXPECT_TRUE(read) << read.error();
    return *read;
  }
  /// "" where the key is one of the server's.
  static std::string verdict(const KnownHosts& hosts, const std::string& key) {
    const auto checked = hosts.check(*decodeBase64(key));
    return checked ? "" : checked.error();
  }

  TemporaryFolder folder_;
};

TEST_F(KnownHostsTest, AServerIsKnownByItsKey) {
  const KnownHosts hosts = known(kHost + " ssh-ed25519 " + kEd25519 + " a comment\n");
  EXPECT_THAT(verdict(hosts, kEd25519), IsEmpty());
  EXPECT_THAT(verdict(hosts, kOther), HasSubstr("is not the one that"));
  EXPECT_THAT(verdict(hosts, kEcdsa), HasSubstr("is unknown"));
}

TEST_F(KnownHostsTest, AnUnknownKeyIsToldWithItsFingerprintAndWhatToDo) {
  const std::string words = verdict(known("", 2222), kEd25519);
  EXPECT_THAT(words, HasSubstr("ssh-ed25519 SHA256:c6unYFFecFZ0A2MfZryK3OI/niwWGNzyVVhY48RLdhE"));
  EXPECT_THAT(words, HasSubstr("ssh-keyscan -p 2222 git.example.org >> " + (folder_ / "known_hosts")));
}

TEST_F(KnownHostsTest, TheSameNameWithAnotherPortIsAnotherServer) {
  const std::string line = kHost + " ssh-ed25519 " + kEd25519 + '\n';
  EXPECT_THAT(verdict(known(line, 2222), kEd25519), HasSubstr("is unknown"));
  EXPECT_THAT(verdict(known("[git.example.org]:2222 ssh-ed25519 " + kEd25519, 2222), kEd25519), IsEmpty());
  EXPECT_THAT(verdict(known("[git.example.org]:2222 ssh-ed25519 " + kEd25519), kEd25519),
              HasSubstr("is unknown"));
}

TEST_F(KnownHostsTest, ALineMayNameSeveralServersOrHashTheirNames) {
  EXPECT_THAT(verdict(known("other,git.example.org,10.0.0.1 ssh-ed25519 " + kEd25519), kEd25519), IsEmpty());
  EXPECT_THAT(
      verdict(known("|1|NtAsZKS4qDkp4Uyw0YouefA9bgM=|Tig/M4RsKEh3G6KPCYfFAjlsPCc= ssh-ed25519 " + kEd25519),
              kEd25519),
      IsEmpty());
}

TEST_F(KnownHostsTest, PatternsAndAuthoritiesMakeNobodyKnown) {
  for (const char* const names : {"*", "*.example.org", "git.example.*", "!git.example.org",
                                  "@cert-authority git.example.org", "#git.example.org"}) {
    EXPECT_THAT(verdict(known(names + (" ssh-ed25519 " + kEd25519)), kEd25519), HasSubstr("is unknown"))
        << names;
  }
}

TEST_F(KnownHostsTest, ARevokedKeyIsRefusedWhateverElseIsSaidOfIt) {
  const std::string line = kHost + " ssh-ed25519 " + kEd25519 + '\n';
  for (const std::string& lines :
       {line + "@revoked " + line, "@revoked " + line + line, "@revoked " + line}) {
    const KnownHosts hosts = known(lines + kHost + " ssh-ed25519 " + kOther + '\n');
    EXPECT_THAT(verdict(hosts, kEd25519), HasSubstr("is marked as revoked"));
    EXPECT_THAT(verdict(hosts, kOther), IsEmpty());
  }
}

TEST_F(KnownHostsTest, LinesThatAreNoneAreSkipped) {
  const KnownHosts hosts =
      known("\n  \nnonsense\ngit.example.org\ngit.example.org ssh-ed25519\ngit.example.org x y\n\t" + kHost +
            " ssh-ed25519 " + kEd25519 + "\r\n\xff\xfe\n");
  EXPECT_THAT(verdict(hosts, kEd25519), IsEmpty());
}

TEST_F(KnownHostsTest, TheBestTypeThatIsKnownIsAskedFor) {
  const KnownHosts hosts = known(kHost + " ecdsa-sha2-nistp256 " + kEcdsa + '\n' + kHost + " ssh-ed25519 " +
                                 kEd25519 + "\nother ssh-ed25519 " + kOther + '\n');
  EXPECT_EQ(hosts.typeToAskFor(), "ssh-ed25519");
  EXPECT_EQ(hosts.toAskFor(), kHost + " ssh-ed25519 " + kEd25519 + '\n');
  EXPECT_THAT(verdict(hosts, kEcdsa), IsEmpty());
  EXPECT_THAT(known("").toAskFor(), IsEmpty());
}

TEST_F(KnownHostsTest, AFileThatCannotBeReadIsAnErrorInWords) {
  const auto read = KnownHosts::read(folder_ / "nothing", kHost, 22);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), HasSubstr("No such file or directory"));
  EXPECT_FALSE(KnownHosts::read(folder_.path().string(), kHost, 22)) << "a folder";
}

}  // namespace
}  // namespace hydra_clients::manifest
