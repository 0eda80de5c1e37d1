#include "client/post_body.h"

#include <gtest/gtest.h>

namespace hydra_clients {
namespace {

std::string text(const SharedSecret& body) { return std::string(body->reveal(Purpose::kPostBody)); }

TEST(PostBody, HoldsTheFieldsTheIdAndTheSecret) {
  const Secret secret(std::string("s\"cret"));
  EXPECT_EQ(text(makePostBody({.fields = R"({"scope":"a"})", .id = "x", .secret = &secret, .stamp = {}})),
            R"({"scope":"a","client_id":"x","client_secret":"s\"cret"})");
  EXPECT_EQ(text(makePostBody({.fields = "{}", .id = "x", .secret = nullptr, .stamp = {}})),
            R"({"client_id":"x"})");
  EXPECT_EQ(text(makePostBody({.fields = "{}", .id = {}, .secret = nullptr, .stamp = {}})), "{}");
}

TEST(PostBody, StampsMetadata) {
  EXPECT_EQ(text(makePostBody({.fields = R"({"scope":"a"})", .id = {}, .secret = nullptr, .stamp = "u1"})),
            R"({"scope":"a","metadata":{"hydra_clients":{"import":"u1"}}})");
  EXPECT_EQ(
      text(makePostBody({.fields = R"({"metadata":null})", .id = {}, .secret = nullptr, .stamp = "u1"})),
      R"({"metadata":{"hydra_clients":{"import":"u1"}}})");
  EXPECT_EQ(text(makePostBody({.fields = R"({"metadata":{"a":1.0,"hydra_clients":{"import":"old"}}})",
                               .id = {},
                               .secret = nullptr,
                               .stamp = "u1"})),
            R"({"metadata":{"a":1.0,"hydra_clients":{"import":"u1"}}})");
}

}  // namespace
}  // namespace hydra_clients
