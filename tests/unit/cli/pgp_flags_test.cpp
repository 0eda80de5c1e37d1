#include "cli/pgp_flags.h"

#include <gmock/gmock.h>

namespace hydra_clients::cli {
namespace {

std::string complaintAbout(const std::string& url) {
  CLI::App program;
  PgpFlags flags;
  flags.addTo(program);
  program.parse("--pgp-key-url " + url);
  const auto pgp = flags.start("", {});
  return pgp ? "" : pgp.error();
}

TEST(PgpKeyUrl, WithoutASchemeIsAnsweredWithTheOneThatIsTaken) {
  EXPECT_THAT(complaintAbout("keys.example.org/key.asc"), testing::HasSubstr("write https:// before it"));
}

TEST(PgpKeyUrl, OverPlainHttpIsRefused) {
  EXPECT_THAT(complaintAbout("http://keys.example.org/key.asc"), testing::HasSubstr("must come over https"));
}

}  // namespace
}  // namespace hydra_clients::cli
