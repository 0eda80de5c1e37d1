#include "telemetry/http_answer.h"

#include <regex>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace hydra_clients::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Answer : public ::testing::Test {
 protected:
  StatusCallbacks callbacks() {
    return {.metrics = [] { return std::string("m 1\n"); },
            .statusJson =
                [this](StatusClients clients) {
                  return clients == StatusClients::kProblems ? problems_ : status_;
                },
            .healthy = [this] { return healthy_; },
            .ready = [this] { return ready_; },
            .reconcileNow =
                [this](const std::string& revision) {
                  triggers_.push_back(revision);
                  return std::uint64_t{12};
                }};
  }
  HttpAnswer to(std::string_view method, std::string_view target) {
    return asked({.method = method, .target = target, .host = "127.0.0.1:9464"});
  }
  /// By a server of these paths, without a token.
  HttpAnswer asked(const HttpQuestion& question, ServedPaths paths = ServedPaths::kAll) {
    return HttpAnswers(callbacks(), paths, nullptr, std::nullopt).to(question);
  }
  std::shared_ptr<const std::string> status_ = std::make_shared<const std::string>("{}");
  std::shared_ptr<const std::string> problems_ = std::make_shared<const std::string>("{\"few\":1}");
  bool healthy_ = true;
  bool ready_ = true;
  std::vector<std::string> triggers_;
};

TEST_F(Answer, OfMetricsIsThePrometheusTextFormat) {
  const HttpAnswer answer = to("GET", "/metrics");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.contentType, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(*answer.body, "m 1\n");
}

TEST_F(Answer, OfTheProbesFollowsHeartAndReadiness) {
  EXPECT_EQ(to("GET", "/healthz").status, 200U);
  EXPECT_EQ(to("HEAD", "/readyz").status, 200U);
  healthy_ = false;
  EXPECT_EQ(to("GET", "/healthz").status, 503U);
  EXPECT_EQ(to("GET", "/readyz").status, 200U);
  ready_ = false;
  EXPECT_EQ(to("GET", "/readyz").status, 503U);
}

TEST_F(Answer, OfStatusIsJsonAlsoBeforeTheFirstCycle) {
  EXPECT_EQ(to("GET", "/status").contentType, "application/json");
  EXPECT_EQ(to("GET", "/status").body, status_) << "shared, not copied";
  status_ = nullptr;
  const HttpAnswer answer = to("GET", "/status");
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.contentType, "application/json");
}

TEST_F(Answer, IgnoresAQueryAndKnowsNothingElse) {
  EXPECT_EQ(to("GET", "/healthz?verbose=1").status, 200U);
  EXPECT_EQ(to("GET", "http://127.0.0.1:9464/healthz?verbose=1").status, 200U) << "RFC 9112 §3.2.2";
  EXPECT_EQ(to("GET", "http://127.0.0.1:9464").contentType, "text/html; charset=utf-8");
  for (const auto* path : {"/nothing",
                           "/metrics/",
                           "/Metrics",
                           "//",
                           "",
                           "*",
                           "/../status",
                           "/%6detrics",
                           "/..//status",
                           "/status/",
                           "/status;x",
                           "/page",
                           "/page/",
                           "/page/../status",
                           "/page/main.js/",
                           "http://127.0.0.1:9464/../status",
                           "http:/status",
                           "http:///x/status",
                           "ftp://x/status",
                           "/-/reconcile/",
                           "/./-/reconcile"}) {
    EXPECT_EQ(to("GET", path).status, 404U) << path;
  }
}

TEST_F(Answer, OfAWrongMethodNamesTheRightOnes) {
  const HttpAnswer reconcile = to("GET", "/-/reconcile");
  EXPECT_EQ(reconcile.status, 405U);
  EXPECT_EQ(reconcile.allow, "POST");
  for (const auto* method : {"POST", "DELETE", "OPTIONS", "get", ""}) {
    EXPECT_EQ(to(method, "/metrics").status, 405U) << method;
    EXPECT_EQ(to(method, "/metrics").allow, "GET, HEAD");
  }
  EXPECT_TRUE(triggers_.empty());
}

TEST_F(Answer, OfStatusNamesTheClientsThatAreAskedFor) {
  EXPECT_EQ(to("GET", "/status?clients=problems").body, problems_);
  EXPECT_EQ(to("GET", "/status?x=y&clients=problems").body, problems_);
  EXPECT_EQ(to("GET", "/status?clients=all").body, status_);
  EXPECT_EQ(to("GET", "/status?clients=").body, status_);
  EXPECT_EQ(to("GET", "/status?myclients=problems").body, status_);
  const HttpAnswer unknown = to("GET", "/status?clients=Problems");
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_THAT(*unknown.body, HasSubstr("problems"));
}

TEST_F(Answer, OfStatusIsSentAgainOnlyWhereItIsAnotherOne) {
  const auto ask = [this](std::string_view known) {
    return asked({.method = "GET", .target = "/status", .knownTag = known});
  };
  const HttpAnswer first = ask("");
  EXPECT_EQ(first.status, 200U);
  EXPECT_EQ(ask(first.tag).status, 304U);
  EXPECT_EQ(ask("\"other\", W/" + first.tag).status, 304U);
  status_ = std::make_shared<const std::string>("{\"new\":1}");
  const HttpAnswer second = ask(first.tag);
  EXPECT_EQ(second.status, 200U);
  EXPECT_NE(second.tag, first.tag);
}

TEST_F(Answer, OfTheRootIsAPageThatRefersToNothingButItsOwnFiles) {
  const HttpAnswer page = to("GET", "/");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.contentType, "text/html; charset=utf-8");
  EXPECT_TRUE(page.isPage);
  EXPECT_EQ(to("HEAD", "/").status, 200U);
  EXPECT_EQ(to("POST", "/").status, 405U);
  const std::regex reference(R"re((?:src|href|from)[= ]"(?!#|data:)([^"]+)")re");
  std::size_t files = 0;
  for (const auto* path : {"/", "/page/main.js", "/page/client_list.js"}) {
    const std::string text = *to("GET", path).body;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), reference); it != std::sregex_iterator();
         ++it) {
      std::string target = (*it)[1].str();
      target = target.starts_with("./") ? "/page" + target.substr(1) : "/" + target;
      EXPECT_EQ(to("GET", target).status, 200U) << target;
      ++files;
    }
  }
  EXPECT_GE(files, 10U);
  EXPECT_EQ(to("GET", "/page/main.js").contentType, "text/javascript; charset=utf-8");
  EXPECT_EQ(to("GET", "/page/style.css").contentType, "text/css; charset=utf-8");
}

TEST_F(Answer, OfAnUnknownPathListsEveryEndpoint) {
  const std::string list = *to("GET", "/nothing").body;
  for (const auto* path : {"GET  / ", "/metrics", "/healthz", "/readyz", "/status", "POST /-/reconcile"}) {
    EXPECT_THAT(list, HasSubstr(path));
  }
}

TEST_F(Answer, OfALargeDocumentIsPackedForWhoTakesThat) {
  status_ = std::make_shared<const std::string>(std::string(100'000, 'x'));
  HttpAnswers answers(callbacks(), ServedPaths::kAll, nullptr, std::nullopt);
  const HttpAnswer packed = answers.to({.method = "GET", .target = "/status", .acceptEncoding = "gzip"});
  EXPECT_TRUE(packed.isGzip);
  EXPECT_LT(packed.body->size(), 1000U);
  EXPECT_EQ(answers.to({.method = "GET", .target = "/status", .acceptEncoding = "gzip"}).body, packed.body)
      << "packed once";
  const HttpAnswer plain = answers.to({.method = "GET", .target = "/status"});
  EXPECT_FALSE(plain.isGzip);
  EXPECT_EQ(plain.body, status_);
  EXPECT_EQ(plain.tag, packed.tag);
  status_ = std::make_shared<const std::string>("{}");
  EXPECT_FALSE(answers.to({.method = "GET", .target = "/status", .acceptEncoding = "gzip"}).isGzip);
}

TEST_F(Answer, OfTwoLargeDocumentsInTurnIsPackedOnceEach) {
  status_ = std::make_shared<const std::string>(std::string(100'000, 'x'));
  problems_ = std::make_shared<const std::string>(std::string(90'000, 'x'));
  HttpAnswers answers(callbacks(), ServedPaths::kAll, nullptr, std::nullopt);
  const auto body = [&](std::string_view target) {
    return answers.to({.method = "GET", .target = target, .acceptEncoding = "gzip"}).body;
  };
  const auto all = body("/status");
  const auto problems = body("/status?clients=problems");
  EXPECT_NE(all, problems);
  EXPECT_EQ(body("/status"), all);
  EXPECT_EQ(body("/status?clients=problems"), problems);
  std::weak_ptr<const std::string> old = status_;
  status_ = std::make_shared<const std::string>(std::string(80'000, 'x'));
  EXPECT_NE(body("/status"), all);
  EXPECT_TRUE(old.expired()) << "what was packed is not kept";
}

TEST_F(Answer, OfAServerOfMetricsIsThoseAndTheProbesAndNothingElse) {
  const auto status = [&](std::string_view method, std::string_view target, ServedPaths paths) {
    return asked({.method = method, .target = target}, paths).status;
  };
  for (const auto* path : {"/metrics", "/healthz", "/readyz"}) {
    EXPECT_EQ(status("GET", path, ServedPaths::kMetrics), 200U) << path;
  }
  for (const auto* path : {"/", "/status", "/page/main.js"}) {
    EXPECT_EQ(status("GET", path, ServedPaths::kMetrics), 404U) << path;
    EXPECT_EQ(status("GET", path, ServedPaths::kAllButMetrics), 200U) << path;
  }
  EXPECT_EQ(status("POST", "/-/reconcile", ServedPaths::kMetrics), 404U);
  EXPECT_TRUE(triggers_.empty());
  EXPECT_EQ(status("GET", "/metrics", ServedPaths::kAllButMetrics), 404U);
  EXPECT_EQ(status("GET", "/healthz", ServedPaths::kAllButMetrics), 200U);
  EXPECT_THAT(*asked({.method = "GET", .target = "/"}, ServedPaths::kMetrics).body,
              Not(HasSubstr("/status")));
}

TEST_F(Answer, WithATokenSaysNothingOfClientsAndStartsNothingForWhoDoesNotShowIt) {
  const tests::TemporaryFolder folder;
  HttpAnswers answers(callbacks(), ServedPaths::kAll,
                      std::move(*AccessToken::fromFile(folder.write("token", "the-token"))), std::nullopt);
  const auto answer = [&](std::string_view method, std::string_view target, std::string_view shown) {
    return answers.to({.method = method, .target = target, .authorization = shown});
  };
  for (const auto* shown : {"", "Bearer wrong", "the-token"}) {
    EXPECT_EQ(answer("GET", "/status", shown).status, 401U);
    EXPECT_TRUE(answer("GET", "/status", shown).wantsToken);
    EXPECT_EQ(answer("POST", "/-/reconcile", shown).status, 401U);
    EXPECT_THAT(*answer("GET", "/status", shown).body, Not(HasSubstr("the-token")));
  }
  EXPECT_TRUE(triggers_.empty());
  EXPECT_EQ(answer("GET", "/status", "Bearer the-token").status, 200U);
  EXPECT_EQ(answer("POST", "/-/reconcile", "Bearer the-token").status, 200U);
  for (const auto* path : {"/", "/page/main.js", "/metrics", "/healthz", "/readyz"}) {
    EXPECT_EQ(answer("GET", path, "").status, 200U) << path;
  }
}

TEST_F(Answer, OfReconcileTriggersWithTheHashThatGitSyncSends) {
  const std::string hash = "0123456789abcdef0123456789abcdef01234567";
  const auto post = [&](std::string_view revision) {
    return asked({.method = "POST", .target = "/-/reconcile", .revision = revision}).status;
  };
  EXPECT_EQ(post(hash), 200U);
  const std::string sha256(64, 'a');
  EXPECT_EQ(post(sha256), 200U);
  const std::vector<std::string> noHashes{"",         "not a hash\n",       hash.substr(1),
                                          hash + "0", "g" + hash.substr(1), std::string(10'000, 'a')};
  for (const std::string& revision : noHashes) EXPECT_EQ(post(revision), 200U) << revision;
  std::vector<std::string> expected{hash, sha256};
  expected.resize(2 + noHashes.size());
  EXPECT_EQ(triggers_, expected) << "a cycle begins all the same";
}

TEST_F(Answer, OfReconcileRefusesAPageOfAnotherSite) {
  const auto post = [&](std::string_view origin, std::string_view site) {
    return asked({.method = "POST",
                  .target = "/-/reconcile",
                  .host = "127.0.0.1:9464",
                  .origin = origin,
                  .fetchSite = site})
        .status;
  };
  EXPECT_EQ(post("https://evil.example", ""), 403U);
  EXPECT_EQ(post("null", ""), 403U);
  EXPECT_EQ(post("http://127.0.0.1:9464.evil.example", ""), 403U);
  EXPECT_EQ(post("", "cross-site"), 403U);
  EXPECT_EQ(post("", "same-site"), 403U);
  EXPECT_TRUE(triggers_.empty());
  EXPECT_EQ(post("http://127.0.0.1:9464", "same-origin"), 200U);
  EXPECT_EQ(post("https://127.0.0.1:9464", "same-origin"), 200U) << "a proxy ended TLS";
  EXPECT_EQ(post("", "none"), 200U);
  EXPECT_EQ(triggers_.size(), 3U);
}

TEST_F(Answer, OfAnotherHostSaysNothingOfClientsAndStartsNothing) {
  HttpAnswers answers(callbacks(), ServedPaths::kAll, nullptr, OwnHosts({"status.example.com"}));
  const auto status = [&](std::string_view method, std::string_view target, std::string_view host) {
    return answers.to({.method = method, .target = target, .host = host}).status;
  };
  const std::string rebound = "evil.example:9464";
  EXPECT_EQ(status("GET", "/status", rebound), 421U);
  EXPECT_EQ(status("POST", "/-/reconcile", rebound), 421U);
  EXPECT_EQ(answers
                .to({.method = "POST",
                     .target = "/-/reconcile",
                     .host = rebound,
                     .origin = "http://evil.example:9464"})
                .status,
            421U)
      << "its own origin does not help it";
  EXPECT_EQ(status("GET", "http://evil.example/status", "127.0.0.1"), 421U) << "RFC 9112 §3.2.2";
  EXPECT_TRUE(triggers_.empty());
  EXPECT_EQ(status("GET", "http://status.example.com/status", rebound), 200U);
  EXPECT_EQ(status("GET", "/status", "status.example.com"), 200U);
  EXPECT_EQ(status("POST", "/-/reconcile", "10.1.2.3:9464"), 200U);
  for (const auto* path : {"/", "/metrics", "/healthz", "/readyz"}) {
    EXPECT_EQ(status("GET", path, rebound), 200U) << path;
  }
}

TEST_F(Answer, OfACallbackThatThrowsIs500WithoutItsWords) {
  StatusCallbacks broken = callbacks();
  broken.metrics = []() -> std::string { throw std::runtime_error("top-secret"); };
  broken.healthy = []() -> bool { throw 42; };
  broken.statusJson = nullptr;
  for (const auto* path : {"/metrics", "/healthz", "/status"}) {
    const HttpAnswer answer =
        HttpAnswers(broken, ServedPaths::kAll, nullptr, std::nullopt).to({.method = "GET", .target = path});
    EXPECT_EQ(answer.status, 500U) << path;
    EXPECT_THAT(*answer.body, Not(HasSubstr("top-secret")));
  }
}

}  // namespace
}  // namespace hydra_clients::telemetry
