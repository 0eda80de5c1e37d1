// By list or by id: whichever costs less, and the one where the other is of no use.

#include "hydra/live_state.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "hydra/link_header.h"
#include "scripted_transport.h"

namespace hydra_clients::hydra {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Kind = AdminError::Kind;
using Script = test::ScriptedTransport;

/// A Hydra of so many clients, "live-00000" and on, and those that a test adds; in pages by id.
class ManyClients {
 public:
  explicit ManyClients(const char* version, int clients) {
    for (int i = 0; i < clients; ++i) {
      const std::string digits = std::to_string(i);
      ids.insert("live-" + std::string(5 - digits.size(), '0') + digits);
    }
    tellsTotal_ = std::string(version) < "v25";
    script.on("GET /version", Script::json(200, std::string(R"({"version":")") + version + "\"}"));
    script.otherwise([this](const Request& request) { return answer(request); });
  }

  std::set<std::string> ids;
  std::set<std::string> poisoned;         ///< by id these answer 500
  std::optional<Script::Answer> listing;  ///< in place of every list but the first, which asks who it is
  Script script;

  [[nodiscard]] std::size_t lists() const { return count("GET /admin/clients?"); }
  [[nodiscard]] std::size_t gets() const { return count("GET /admin/clients/"); }

 private:
  [[nodiscard]] std::size_t count(std::string_view prefix) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        script.asked(), [&](const std::string& asked) { return asked.starts_with(prefix); }));
  }

  Script::Answer answer(const Request& request) const {
    constexpr std::string_view kOne = "/admin/clients/";
    if (!request.target.starts_with(kOne)) return list(request);
    const std::string id = request.target.substr(kOne.size());
    if (poisoned.contains(id)) return fault(500, "error");
    if (!ids.contains(id)) return fault(404, "Unable to locate the resource");
    return Script::json(200, textOf(id));
  }

  Script::Answer list(const Request& request) const {
    const std::size_t size = std::stoul(queryParameter(request.target, "page_size").value());
    if (size > 1 && listing) return *listing;
    const std::string after = queryParameter(request.target, "page_token").value_or("");
    std::string body;
    std::size_t rows = 0;
    auto next = ids.upper_bound(after);
    for (; next != ids.end() && rows < size; ++next, ++rows) body += (rows > 0 ? "," : "") + textOf(*next);
    ResponseHeaders headers;
    if (tellsTotal_) headers.totalCount = ids.size();
    if (next != ids.end()) {
      headers.link = "</admin/clients?page_size=" + std::to_string(size) + "&page_token=" + *std::prev(next) +
                     ">; rel=\"next\"";
    }
    return Script::json(200, "[" + body + "]", headers);
  }

  static std::string textOf(const std::string& id) { return R"({"client_id":")" + id + "\"}"; }
  static Script::Answer fault(int status, const std::string& error) {
    return Script::json(status,
                        R"({"error":")" + error + R"(","error_description":"The error is unrecognizable"})");
  }

  bool tellsTotal_ = true;
};

class LiveStateTest : public testing::Test {
 protected:
  struct Read {
    tl::expected<LiveStateSummary, AdminError> summary;
    std::set<std::string> seen;
    std::set<std::string> unread;
  };

  /// One reading as a cycle does it.
  Read read(AdminApi& api, LiveState& live, const std::vector<std::string>& wanted, bool others = false) {
    EXPECT_TRUE(api.detect());
    live.begin(wanted.size());
    std::vector<const ClientId*> ids;
    for (const std::string& id : wanted) ids.push_back(&id);
    Read read;
    read.summary =
        live.finish({ids, others},
                    {.client = [&](const LiveClient& client) { read.seen.emplace(client.id()); },
                     .unread = [&](const ClientId& id, const AdminError&) { read.unread.insert(id); }},
                    {});
    return read;
  }

  Read readOnce(ManyClients& hydra, const std::vector<std::string>& wanted, bool others = false) {
    AdminApi api(hydra.script);
    LiveState live(api, 4);
    return read(api, live, wanted, others);
  }

  static constexpr int kTooMany = static_cast<int>(LiveState::mostListed(3)) + 1;
};

TEST_F(LiveStateTest, ReadsTheListWhereHydraHoldsFewClients) {
  ManyClients hydra("v2.3.0", 20);
  const Read read = readOnce(hydra, {"live-00003", "new"});
  EXPECT_EQ(read.summary->clients, 20U);
  EXPECT_THAT(read.seen, Contains("live-00003"));
  EXPECT_EQ(hydra.gets(), 0U);
}

TEST_F(LiveStateTest, AsksForEachByIdWhereHydraHoldsManyMore) {
  ManyClients hydra("v2.3.0", kTooMany);
  const Read read = readOnce(hydra, {"live-00003", "new", "live-00999"});
  EXPECT_EQ(read.summary->clients, std::nullopt) << "nobody counted them";
  EXPECT_THAT(read.seen, UnorderedElementsAre("live-00003", "live-00999"));
  EXPECT_THAT(read.unread, IsEmpty());
  EXPECT_EQ(hydra.gets(), 3U);
  EXPECT_EQ(hydra.lists(), 1U) << "the one that asked who it is";
}

TEST_F(LiveStateTest, ReadsAsManyClientsByListAsIsWorthIt) {
  ManyClients hydra("v2.3.0", kTooMany - 1);
  EXPECT_EQ(readOnce(hydra, {"a", "b", "c"}).summary->clients, kTooMany - 1);
  EXPECT_EQ(hydra.gets(), 0U);
}

TEST_F(LiveStateTest, GivesTheListUpWhereItsPagesShowThatThereAreManyMore) {
  ManyClients hydra("v26.2.0", kTooMany + 500);
  AdminApi api(hydra.script);
  LiveState live(api, 4);
  EXPECT_THAT(read(api, live, {"live-00700", "new"}).seen, Contains("live-00700"));
  EXPECT_EQ(hydra.gets(), 2U);
  const std::size_t lists = hydra.lists();
  EXPECT_THAT(read(api, live, {"live-00700", "new"}).seen, UnorderedElementsAre("live-00700"));
  EXPECT_EQ(hydra.gets(), 4U);
  EXPECT_EQ(hydra.lists(), lists) << "remembered: no page is read";
}

TEST_F(LiveStateTest, ListsAgainAfterAWhileSinceHydraMayHaveShrunk) {
  ManyClients hydra("v26.2.0", kTooMany + 500);
  AdminApi api(hydra.script);
  LiveState live(api, 4);
  EXPECT_EQ(read(api, live, {"new"}).summary->clients, std::nullopt);
  hydra.ids.clear();
  for (int i = 0; i < LiveState::kReadingsUntilListedAgain; ++i)
    EXPECT_EQ(read(api, live, {"new"}).summary->clients, std::nullopt);
  EXPECT_EQ(read(api, live, {"new"}).summary->clients, 0U);
}

TEST_F(LiveStateTest, ReadsTheWholeListWhereOnlyItShowsSomebodyWhoIsWanted) {
  ManyClients hydra("v2.3.0", 2 * kTooMany);
  hydra.ids.insert("team/app");
  const Read read = readOnce(hydra, {"live-00003"}, /*others=*/true);
  EXPECT_THAT(read.seen, Contains("team/app"));
  EXPECT_EQ(read.summary->clients, 2U * kTooMany + 1);
}

TEST_F(LiveStateTest, AsksByIdWhereAStoredClientPoisonsTheList) {
  ManyClients hydra("v2.3.0", 5);
  hydra.listing = Script::json(500, R"({"error":"error","error_description":"The error is unrecognizable"})");
  hydra.poisoned = {"live-00002"};
  const Read read = readOnce(hydra, {"live-00001", "live-00002", "new"});
  ASSERT_TRUE(read.summary) << read.summary.error().message;
  ASSERT_TRUE(read.summary->listFault);
  EXPECT_THAT(read.summary->listFault->message, HasSubstr("500"));
  EXPECT_EQ(read.summary->clients, std::nullopt);
  EXPECT_THAT(read.seen, UnorderedElementsAre("live-00001"));
  EXPECT_THAT(read.unread, UnorderedElementsAre("live-00002")) << "nobody knows whether it is there";
}

TEST_F(LiveStateTest, AsksByIdWhereTheListIsCut) {
  ManyClients hydra("v2.3.0", 5);
  ResponseHeaders headers;
  headers.totalCount = 5;
  hydra.listing = Script::json(200, "[]", headers);
  const Read read = readOnce(hydra, {"live-00001", "new"});
  EXPECT_THAT(read.seen, UnorderedElementsAre("live-00001"));
  EXPECT_EQ(read.summary->listFault->kind, Kind::kTruncated);
}

TEST_F(LiveStateTest, FailsWhereHydraSaysOfNobodyWhetherItIsThere) {
  ManyClients hydra("v2.3.0", 5);
  hydra.listing = Script::json(500, R"({"error":"error","error_description":"The error is unrecognizable"})");
  std::vector<std::string> wanted;
  for (int i = 0; i < 1000; ++i) wanted.push_back("live-" + std::to_string(i));
  hydra.poisoned = {wanted.begin(), wanted.end()};
  const Read read = readOnce(hydra, wanted);
  ASSERT_FALSE(read.summary);
  EXPECT_EQ(read.summary.error().kind, Kind::kServerFault);
  EXPECT_LE(hydra.gets(), 20U) << "a Hydra that is at fault is not asked a thousand times";
}

TEST_F(LiveStateTest, DoesNotAskByIdWhereHydraCannotBeReached) {
  ManyClients hydra("v2.3.0", 5);
  hydra.listing = Script::fails(TransportError::Kind::kConnect);
  const Read read = readOnce(hydra, {"live-00001"});
  EXPECT_EQ(read.summary.error().kind, Kind::kUnreachable);
  EXPECT_EQ(hydra.gets(), 0U);
}

TEST_F(LiveStateTest, StopsWhenItIsToldTo) {
  ManyClients hydra("v2.3.0", kTooMany);
  AdminApi api(hydra.script);
  ASSERT_TRUE(api.detect());
  LiveState live(api, 1);
  const ClientId id = "live-00001";
  const std::vector<const ClientId*> wanted(3, &id);
  std::stop_source stop;
  live.begin(3);
  const auto summary = live.finish({wanted, false},
                                   {.client = [&](const LiveClient&) { stop.request_stop(); },
                                    .unread = [](const ClientId&, const AdminError&) {}},
                                   stop.get_token());
  EXPECT_EQ(summary.error().kind, Kind::kStopped);
  EXPECT_EQ(hydra.gets(), 1U);
}

}  // namespace
}  // namespace hydra_clients::hydra
