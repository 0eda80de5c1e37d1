#include "hydra/link_header.h"

#include <gtest/gtest.h>

namespace hydra_clients::hydra {
namespace {

TEST(LinkHeader, FindsNextAmongHydrasLinks) {
  EXPECT_EQ(
      nextLink(R"(</clients?limit=100&offset=0>; rel="first",</clients?limit=100&offset=100>; rel="next",)"
               R"(</clients?limit=100&offset=300>; rel="last")"),
      "/clients?limit=100&offset=100");
  EXPECT_EQ(
      nextLink(R"(</admin/clients?page_size=250&page_token=eyJ>; rel="next",</admin/clients>; rel="last")"),
      "/admin/clients?page_size=250&page_token=eyJ");
}

TEST(LinkHeader, ReadsWhatOthersWrite) {
  EXPECT_EQ(nextLink("<http://h/x?a=1,2>;rel=next"), "http://h/x?a=1,2");
  EXPECT_EQ(nextLink(R"(</a>; rel="prev", </b>; title="next"; REL="next last")"), "/b");
}

TEST(LinkHeader, HasNoNextWhereNoneIsMeant) {
  for (const char* header :
       {"", "next", R"(</a>; rel="first")", R"(</a>; rel="nextish")", "</a", "</a>", "<>,<>"}) {
    EXPECT_EQ(nextLink(header), std::nullopt) << header;
  }
}

TEST(QueryParameter, IsDecoded) {
  EXPECT_EQ(queryParameter("/x?a=1&page_token=a%2Fb%3D+c&z", "page_token"), "a/b= c");
  EXPECT_EQ(queryParameter("/x?z", "z"), "");
  EXPECT_EQ(queryParameter("/x?a=1#b=2", "b"), std::nullopt);
  EXPECT_EQ(queryParameter("/x?a=%zz", "a"), std::nullopt);
  EXPECT_EQ(queryParameter("/x", "a"), std::nullopt);
}

TEST(LinkHeader, FindsNextAmongOtherRelations) {
  EXPECT_EQ(nextLink(R"(</a>; rel="last next")"), "/a");
  for (const char* header : {R"(</a>; rel="")", R"(</a>; rel="last ")", R"(</a>; rel="last prev")"}) {
    EXPECT_EQ(nextLink(header), std::nullopt) << header;
  }
}

TEST(QueryParameter, WithABrokenEscapeIsNone) {
  for (const char* url : {"/x?a=%", "/x?a=%4", "/x?a=%4g", "/x?a=%g4"}) {
    EXPECT_EQ(queryParameter(url, "a"), std::nullopt) << url;
  }
  EXPECT_EQ(queryParameter("/x?a=1&", "b"), std::nullopt);
  EXPECT_EQ(queryParameter("/x?", "b"), std::nullopt);
}

}  // namespace
}  // namespace hydra_clients::hydra
