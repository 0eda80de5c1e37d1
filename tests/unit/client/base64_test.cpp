#include "client/base64.h"

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

using std::string_literals::operator""s;

TEST(Base64, IsWrittenAndReadAsRfc4648Says) {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\0\xff\0"s, "AP8A"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(decodeBase64(text), bytes) << text;
  }
}

TEST(Base64, OfAnotherFormIsNotRead) {
  for (const char* const text : {"Zg", "Zg=", "Z===", "Zm9v\n", "Zm9-", "Zm 9v"})
    EXPECT_EQ(decodeBase64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hydra_clients
