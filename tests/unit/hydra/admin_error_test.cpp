#include "hydra/admin_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

TEST(ServerText, IsOneLineWithoutControlCharacters) {
  EXPECT_EQ(printable("a\r\n\tb\x1b[31mc\x7f"), "a b [31mc");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            " 31m")
      << "a C1 control is one too";
}

TEST(ServerText, IsValidUtf8) {
  EXPECT_EQ(printable("b\xc3\xbc"
                      "cher"),
            "b\xc3\xbc"
            "cher");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xc0\xaf"), "??");
}

TEST(ServerText, IsBoundedAndCutBetweenCharacters) {
  const std::string text = printable(std::string(1000, 'x'), 10);
  EXPECT_EQ(text, "xxxxxxxxxx…");
  EXPECT_EQ(printable("\xc3\xa9\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9…");
}

TEST(AdminError, TellsWhatMayPassFromWhatMustBeActedUpon) {
  using Kind = AdminError::Kind;
  const auto of = [](Kind kind) {
    AdminError error;
    error.kind = kind;
    return error;
  };
  for (const Kind kind : {Kind::kUnreachable, Kind::kBusy, Kind::kServerFault})
    EXPECT_TRUE(of(kind).transient());
  for (const Kind kind : {Kind::kNotHydra, Kind::kUnauthorized}) {
    EXPECT_TRUE(of(kind).concernsEverybody());
    EXPECT_FALSE(of(kind).transient());
  }
  for (const Kind kind :
       {Kind::kRefused, Kind::kExists, Kind::kMalformed, Kind::kTruncated, Kind::kStopped}) {
    EXPECT_FALSE(of(kind).transient());
    EXPECT_FALSE(of(kind).concernsEverybody());
  }
}

}  // namespace
}  // namespace hydra_clients::hydra
