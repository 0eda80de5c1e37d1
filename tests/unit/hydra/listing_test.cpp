// Lists: every paging style, and every way in which a list can lie.

#include <algorithm>
#include <array>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "hydra/admin_api.h"
#include "hydra/client_list.h"
#include "hydra/link_header.h"
#include "scripted_transport.h"

namespace hydra_clients::hydra {
namespace {

using testing::HasSubstr;
using Kind = AdminError::Kind;
using Script = test::ScriptedTransport;

/// An in-memory list that pages as one of the families does.
class PagedHydra {
 public:
  explicit PagedHydra(Family family, int clients) : family_(family) {
    for (int i = 0; i < clients; ++i) ids_.push_back("client-" + std::to_string(10'000 + i));
    const char* version = family == Family::kV1     ? "v1.11.10"
                          : family == Family::kV2_0 ? "v2.1.2"
                          : family == Family::kV2_2 ? "v2.3.0"
                                                    : "v26.2.0";
    hydra.on("GET /version", Script::json(200, std::string("{\"version\":\"") + version + "\"}"));
    hydra.otherwise([this](const Request& request) { return answer(request); });
  }

  Script hydra;
  std::vector<std::string> ids_;
  bool hasLink = true;
  bool hasTotal = true;
  std::optional<std::uint64_t> claimedTotal;
  std::size_t mostBytes = SIZE_MAX;          ///< of a page, before the transport says it is too large
  std::function<void(int page)> beforePage;  ///< things that happen meanwhile
  std::vector<std::size_t> likelyBytes;      ///< of each page, as it was asked for

  /// The size of a page of so many clients.
  std::size_t bytesOf(std::size_t clients) const { return page(0, clients, {})->body.size(); }

 private:
  Script::Answer answer(const Request& request) {
    const bool v1 = family_ == Family::kV1;
    if (!request.target.starts_with(v1 ? "/clients?" : "/admin/clients?")) return Script::page(404, "<html>");
    const std::size_t size = std::stoul(queryParameter(request.target, v1 ? "limit" : "page_size").value());
    if (size > 1 && beforePage) beforePage(++pages_);
    if (size > 1) likelyBytes.push_back(request.likelyBytes);
    const std::string token = queryParameter(request.target, v1 ? "offset" : "page_token").value_or("");
    return family_ == Family::kV25 ? keyset(size, token)
                                   : offsets(size, token.empty() ? 0
                                                   : v1          ? std::stoul(token)
                                                                 : offsetIn(token));
  }

  /// What Hydra v2.0 to v2.3 put into a page token; undecodable ones are the first page there.
  static std::size_t offsetIn(const std::string& token) {
    for (std::size_t offset = 1; offset < 100; ++offset) {
      if (token == tokenOf(offset)) return offset;
    }
    return 0;
  }
  static std::string tokenOf(std::size_t offset) {
    const std::string text = R"({"offset":")" + std::to_string(offset) + R"(","v":2})";
    std::string base64(4 * ((text.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                    reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    while (base64.ends_with('=')) base64.pop_back();
    return base64;  // of these texts none holds what base64url writes otherwise
  }

  Script::Answer offsets(std::size_t size, std::size_t offset) {
    offset = offset / size * size;
    ResponseHeaders headers;
    if (hasTotal) headers.totalCount = claimedTotal.value_or(ids_.size());
    const bool more = offset + size < ids_.size() || ids_.empty();  // an empty Hydra names a next page
    if (hasLink && more) {
      const bool v1 = family_ == Family::kV1;
      headers.link =
          (v1 ? "</clients?limit=" : "</admin/clients?page_size=") + std::to_string(size) +
          (v1 ? "&offset=" + std::to_string(offset + size) : "&page_token=" + tokenOf(offset + size)) +
          ">; rel=\"next\",</x>; rel=\"last\"";
    }
    return page(offset, size, std::move(headers));
  }

  Script::Answer keyset(std::size_t size, const std::string& after) {
    const auto begin = static_cast<std::size_t>(std::ranges::upper_bound(ids_, after) - ids_.begin());
    ResponseHeaders headers;
    if (begin + size < ids_.size()) {
      headers.link = "</admin/clients?page_size=1&page_token=>; rel=\"first\",</admin/clients?page_size=" +
                     std::to_string(size) + "&page_token=" + ids_[begin + size - 1] + ">; rel=\"next\"";
    }
    return page(begin, size, std::move(headers));
  }

  Script::Answer page(std::size_t begin, std::size_t size, ResponseHeaders headers) const {
    std::string body = "[";
    for (std::size_t i = begin; i < std::min(begin + size, ids_.size()); ++i) {
      body += (i == begin ? "" : ",") +
              ("{\"client_id\":\"" + ids_[i] + "\",\"registration_access_token\":\"t\"}");
    }
    body += "]\n";
    if (body.size() > mostBytes) return Script::fails(TransportError::Kind::kTooLarge);
    return Script::json(200, std::move(body), std::move(headers));
  }

  Family family_;
  int pages_ = 0;
};

struct Seen {
  tl::expected<ListSummary, AdminError> result;
  std::multiset<std::string> ids;
};

Seen list(Script& hydra, int pageSize = 10, std::stop_token stop = {}) {
  AdminApi api(hydra, {.pageSize = pageSize});
  const auto detected = api.detect();
  EXPECT_TRUE(detected) << detected.error().message;
  Seen seen;
  seen.result = api.visitClients(
      [&](const LiveClient& client) {
        EXPECT_EQ(client.value().value().find("registration_access_token"), nullptr);
        seen.ids.insert(std::string(client.id()));
      },
      stop);
  return seen;
}

void expectWhole(const PagedHydra& hydra, const Seen& seen) {
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  EXPECT_EQ(seen.ids, std::multiset<std::string>(hydra.ids_.begin(), hydra.ids_.end()));
  EXPECT_EQ(seen.result->clients, hydra.ids_.size());
}

std::string nameOfFamily(const testing::TestParamInfo<Family>& info) {
  constexpr std::array<const char*, 4> kNames{"V1", "V2_0", "V2_2", "V25"};
  return kNames.at(static_cast<std::size_t>(info.param));
}

class EveryFamily : public testing::TestWithParam<Family> {};
INSTANTIATE_TEST_SUITE_P(Families, EveryFamily,
                         testing::Values(Family::kV1, Family::kV2_0, Family::kV2_2, Family::kV25),
                         nameOfFamily);

TEST_P(EveryFamily, ShowsEveryClientOnce) {
  for (const int clients : {0, 1, 9, 10, 11, 20, 35}) {
    PagedHydra hydra(GetParam(), clients);
    const Seen seen = list(hydra.hydra);
    expectWhole(hydra, seen);
    EXPECT_LE(seen.result->pages, static_cast<std::uint64_t>(clients / 10 + 1)) << clients;
  }
}

TEST_P(EveryFamily, TellsTheVisitorHowManyClientsThereAreWhereHydraDoes) {
  PagedHydra hydra(GetParam(), 35);
  AdminApi api(hydra.hydra, {.pageSize = 10});
  ASSERT_TRUE(api.detect());
  ClientList clients = api.list();
  EXPECT_FALSE(clients.total());
  std::set<std::optional<std::uint64_t>> totals;
  ASSERT_TRUE(clients.visit([&](const LiveClient&) { totals.insert(clients.total()); }, {}));
  const bool told = GetParam() != Family::kV25;
  EXPECT_THAT(totals,
              testing::ElementsAre(told ? std::optional<std::uint64_t>(35) : std::optional<std::uint64_t>()));
}

TEST_P(EveryFamily, AsksForTheLargestPageThatTheDialectTakes) {
  PagedHydra hydra(GetParam(), 3);
  expectWhole(hydra, list(hydra.hydra, 0));
  const bool v1 = GetParam() == Family::kV1;
  const bool thousand = GetParam() == Family::kV2_0 || GetParam() == Family::kV2_2;
  const std::string want = std::string(v1 ? "limit=" : "page_size=") + (thousand ? "1000" : "500");
  EXPECT_THAT(hydra.hydra.asked().back(), HasSubstr(want));
}

TEST_P(EveryFamily, SaysHowLargeEachPageLikelyIsFromTheOneBefore) {
  PagedHydra hydra(GetParam(), 35);
  expectWhole(hydra, list(hydra.hydra));
  ASSERT_GE(hydra.likelyBytes.size(), 4U);
  EXPECT_EQ(hydra.likelyBytes.front(), 0U) << "nothing is known yet";
  for (std::size_t page = 1; page < 4; ++page) EXPECT_GE(hydra.likelyBytes[page], hydra.bytesOf(10)) << page;
}

TEST_P(EveryFamily, ReadsSmallerPagesWhereOneIsTooLarge) {
  PagedHydra hydra(GetParam(), 47);
  hydra.mostBytes = 300;
  expectWhole(hydra, list(hydra.hydra, 20));
}

TEST_P(EveryFamily, GivesUpWhereOneClientAloneIsTooLarge) {
  PagedHydra hydra(GetParam(), 5);
  AdminApi api(hydra.hydra);
  ASSERT_TRUE(api.detect());
  hydra.mostBytes = 10;
  const auto result = api.visitClients([](const LiveClient&) {}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::kMalformed);
}

TEST_P(EveryFamily, StopsWhenToldTo) {
  PagedHydra hydra(GetParam(), 35);
  std::stop_source stop;
  hydra.beforePage = [&](int page) {
    if (page == 2) stop.request_stop();
  };
  const Seen seen = list(hydra.hydra, 10, stop.get_token());
  ASSERT_FALSE(seen.result);
  EXPECT_EQ(seen.result.error().kind, Kind::kStopped);
  EXPECT_LE(seen.ids.size(), 20u);  // whether the page that was just being read is shown is open
}

TEST_P(EveryFamily, FailsWhereAPageFails) {
  PagedHydra hydra(GetParam(), 35);
  hydra.beforePage = [&](int page) {
    if (page == 3) hydra.hydra.otherwise([](const Request&) { return Script::json(500, "{}"); });
  };
  // The page itself is still answered; the one after it is not.
  const Seen seen = list(hydra.hydra);
  ASSERT_FALSE(seen.result);
  EXPECT_EQ(seen.result.error().kind, Kind::kServerFault);
}

TEST_P(EveryFamily, TakesClientsThatAppearMeanwhile) {
  PagedHydra hydra(GetParam(), 35);
  hydra.beforePage = [&](int page) {
    if (page == 2) hydra.ids_.insert(hydra.ids_.begin(), "client-00000");
  };
  const Seen seen = list(hydra.hydra);
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  for (const auto& id : hydra.ids_) {
    EXPECT_EQ(seen.ids.count(id), id == "client-00000" ? seen.ids.count(id) : 1u) << id;
  }
}

TEST_P(EveryFamily, MissesNobodyWhereOthersAreDeletedMeanwhile) {
  PagedHydra hydra(GetParam(), 35);
  hydra.beforePage = [&](int page) {
    if (page == 2) hydra.ids_.erase(hydra.ids_.begin());  // moves the first of the second page into the first
  };
  const Seen seen = list(hydra.hydra);
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  for (const auto& id : hydra.ids_) EXPECT_EQ(seen.ids.count(id), 1u) << id;
}

class OffsetFamily : public testing::TestWithParam<Family> {};
INSTANTIATE_TEST_SUITE_P(Families, OffsetFamily, testing::Values(Family::kV1, Family::kV2_0, Family::kV2_2),
                         nameOfFamily);

TEST_P(OffsetFamily, IsTruncatedWhereItIsShorterThanItsCount) {
  PagedHydra hydra(GetParam(), 15);
  hydra.claimedTotal = 16;
  const Seen seen = list(hydra.hydra);
  ASSERT_FALSE(seen.result);
  EXPECT_EQ(seen.result.error().kind, Kind::kTruncated);
  EXPECT_THAT(seen.result.error().message, HasSubstr("15 of the 16"));
}

TEST_P(OffsetFamily, IsReadAgainBeforeItIsCalledTruncated) {
  PagedHydra hydra(GetParam(), 15);
  hydra.claimedTotal = 16;
  hydra.beforePage = [&](int page) {
    if (page == 4) hydra.claimedTotal.reset();
  };
  const Seen seen = list(hydra.hydra);
  expectWhole(hydra, seen);
}

TEST_P(OffsetFamily, PassesWhereClientsAreDeletedAllTheTime) {
  PagedHydra hydra(GetParam(), 60);
  hydra.beforePage = [&](int) { hydra.ids_.pop_back(); };
  const Seen seen = list(hydra.hydra);
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  for (const auto& id : hydra.ids_) EXPECT_EQ(seen.ids.count(id), 1u) << id;
}

TEST_P(OffsetFamily, PassesWhereSoManyAreCreatedThatAPageComesAgain) {
  PagedHydra hydra(GetParam(), 30);
  const std::vector<std::string> expected = hydra.ids_;
  hydra.beforePage = [&](int page) {
    if (page > 12 || page % 2 != 0) return;
    for (int i = 0; i < 5; ++i)
      hydra.ids_.insert(hydra.ids_.begin(), "early-" + std::to_string(100 * page + i));
  };
  const Seen seen = list(hydra.hydra, /*pageSize=*/5);
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  for (const auto& id : expected) EXPECT_EQ(seen.ids.count(id), 1u) << id;
}

TEST_P(OffsetFamily, IsCountedWhereAProxyDropsTheLinkHeader) {
  PagedHydra hydra(GetParam(), 35);
  hydra.hasLink = false;
  expectWhole(hydra, list(hydra.hydra));
}

TEST(V2List, IsReadToItsEndWhereAProxyDropsTheCountToo) {
  for (const int clients : {0, 9, 10, 11, 35}) {
    PagedHydra hydra(Family::kV2_2, clients);
    hydra.hasLink = hydra.hasTotal = false;
    expectWhole(hydra, list(hydra.hydra));
  }
}

TEST(V2List, IsFollowedByItsLinksWhereTheCountIsMissing) {
  PagedHydra hydra(Family::kV2_2, 35);
  hydra.hasTotal = false;
  expectWhole(hydra, list(hydra.hydra));
}

/// A v2.3 whose pages are the test's own.
struct OwnPages {
  OwnPages() {
    hydra.on("GET /admin/clients?page_size=1", Script::json(200, "[]"));
    hydra.on("GET /version", Script::json(200, R"({"version":"v26.2.0"})"));
  }
  std::optional<std::uint64_t> total;
  void page(const std::string& token, const std::string& body, const std::string& next) {
    ResponseHeaders headers;
    headers.totalCount = total;
    if (!next.empty()) headers.link = "</admin/clients?page_token=" + next + ">; rel=\"next\"";
    hydra.on("GET /admin/clients?page_size=10" + (token.empty() ? "" : "&page_token=" + token),
             Script::json(200, body, headers));
  }
  AdminError error() {
    const Seen seen = list(hydra);
    EXPECT_FALSE(seen.result);
    return seen.result ? AdminError{} : seen.result.error();
  }
  Script hydra;
};

TEST(V2List, IsFollowedByItsLinksWhereItsTokensAreNotTheOffsetsThatAreKnown) {
  OwnPages own;
  own.total = 3;
  own.page("", R"([{"client_id":"a"}])", "one");
  own.page("one", R"([{"client_id":"b"}])", "two");
  own.page("two", R"([{"client_id":"c"}])", "");
  EXPECT_EQ(list(own.hydra).ids.size(), 3u);
}

TEST(PageTokens, ThatRepeatEndTheReadingInWords) {
  OwnPages own;
  own.page("", R"([{"client_id":"a"}])", "one");
  own.page("one", R"([{"client_id":"b"}])", "two");
  own.page("two", R"([{"client_id":"c"}])", "one");
  EXPECT_EQ(own.error().kind, Kind::kTruncated);
  EXPECT_THAT(own.error().message, HasSubstr("second time"));
}

TEST(PageTokens, ThatLeadToTheFirstPageForEverEndTheReading) {
  OwnPages own;
  int token = 0;
  own.hydra.otherwise([&](const Request&) {
    ResponseHeaders headers;
    headers.link = "</admin/clients?page_token=t" + std::to_string(++token) + ">; rel=\"next\"";
    return Script::json(200, R"([{"client_id":"a"}])", headers);
  });
  EXPECT_EQ(own.error().kind, Kind::kTruncated);
  EXPECT_LT(token, 10);
}

TEST(PageTokens, AreSentBackAsTheyCame) {
  OwnPages own;
  own.page("", R"([{"client_id":"a"}])", "a%2Fb%3D%3D");
  own.page("a%2Fb%3D%3D", R"([{"client_id":"b"}])", "");
  const Seen seen = list(own.hydra);
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  EXPECT_EQ(seen.ids.size(), 2u);
}

TEST(PageTokens, ThatHaveExpiredMakeTheListBeReadAgain) {
  OwnPages own;
  int refusals = 0;
  own.page("", R"([{"client_id":"a"}])", "t");
  own.hydra.on("GET /admin/clients?page_size=10&page_token=t", [&](const Request&) -> Script::Answer {
    if (++refusals < 2) {
      return Script::json(
          400, R"({"error":"x","error_description":"Unable to parse pagination parameters: expired"})");
    }
    return Script::json(200, R"([{"client_id":"b"}])");
  });
  const Seen seen = list(own.hydra);
  ASSERT_TRUE(seen.result) << seen.result.error().message;
  EXPECT_EQ(seen.ids, (std::multiset<std::string>{"a", "b"}));
}

TEST(Pages, ThatAreNoListsOfClientsAreRefused) {
  for (const char* body : {"", "{}", "null", R"({"client_id":"a"})", "[1]", "[{}]", R"([{"client_id":1}])",
                           R"([{"client_id":"a"})", R"([{"client_id":"a"},)", R"([{"client_id":"a"}] x)"}) {
    OwnPages own;
    own.page("", body, "");
    EXPECT_EQ(own.error().kind, Kind::kMalformed) << body;
  }
}

TEST(Pages, OfAProxyAreToldAsSuch) {
  OwnPages own;
  own.hydra.on("GET /admin/clients?page_size=10", Script::page(200, "<html><title>Sign in</title></html>"));
  EXPECT_EQ(own.error().kind, Kind::kNotHydra);
}

TEST(Pages, AreReadWholeThoughOneClientsMetadataIsOdd) {
  for (const char* odd : {"\"\xff\"", R"("\ud800")", "1e400", R"({"a":1,"a":2})", "-1e99999"}) {
    OwnPages own;
    own.page("", R"([{"client_id":"a","metadata":{"x":)" + std::string(odd) + R"(}},{"client_id":"b"}])", "");
    EXPECT_EQ(list(own.hydra).ids, (std::multiset<std::string>{"a", "b"})) << odd;
  }
}

TEST(Pages, AreReadWholeThoughOneClientIsNoJson) {
  OwnPages own;
  own.page("", R"([{"client_id":"a","metadata":nonsense},{"client_id":"b"}])", "");
  AdminApi api(own.hydra, {.pageSize = 10});
  ASSERT_TRUE(api.detect());
  std::vector<std::string> readable;
  const auto result = api.visitClients(
      [&](const LiveClient& client) {
        readable.push_back(std::string(client.id()) + (client.value() ? " can be read" : " cannot"));
      },
      {});
  EXPECT_TRUE(result);
  EXPECT_THAT(readable, testing::ElementsAre("a cannot", "b can be read"));
}

TEST(Pages, MayHoldBytesThatAreNoUtf8) {
  OwnPages own;
  own.page("", "[{\"client_id\":\"a\",\"metadata\":{\"\xff\":\"\xfe\"}},{\"client_id\":\"b\"}]", "");
  EXPECT_EQ(list(own.hydra).ids.size(), 2u);
}

}  // namespace
}  // namespace hydra_clients::hydra
