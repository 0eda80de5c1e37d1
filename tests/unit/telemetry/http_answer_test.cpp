#include "telemetry/http_answer.h"

#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hydra_clients::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Answer : public ::testing::Test {
 protected:
  StatusCallbacks callbacks() {
    return {[] { return std::string("m 1\n"); }, [this] { return status_; }, [this] { return healthy_; },
            [this] { return ready_; },
            [this](const std::string& revision) { triggers_.push_back(revision); }};
  }
  HttpAnswer to(std::string_view method, std::string_view target) {
    return answerTo({method, target, "127.0.0.1:9464", "", "", ""}, callbacks());
  }
  std::shared_ptr<const std::string> status_ = std::make_shared<const std::string>("{}");
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
  for (const auto* path : {"/nothing", "/metrics/", "/Metrics", "//", "", "*", "/../status", "/%6detrics"}) {
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

TEST_F(Answer, OfTheIndexListsEveryEndpoint) {
  const std::string list = *to("GET", "/").body;
  for (const auto* path : {"/metrics", "/healthz", "/readyz", "/status", "POST /-/reconcile"}) {
    EXPECT_THAT(list, HasSubstr(path));
  }
}

TEST_F(Answer, OfReconcileTriggersWithTheHashThatGitSyncSends) {
  const std::string hash = "0123456789abcdef0123456789abcdef01234567";
  const auto post = [&](std::string_view revision) {
    return answerTo({"POST", "/-/reconcile", "127.0.0.1:9464", "", "", revision}, callbacks()).status;
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
    return answerTo({"POST", "/-/reconcile", "127.0.0.1:9464", origin, site, ""}, callbacks()).status;
  };
  EXPECT_EQ(post("https://evil.example", ""), 403U);
  EXPECT_EQ(post("null", ""), 403U);
  EXPECT_EQ(post("http://127.0.0.1:9464.evil.example", ""), 403U);
  EXPECT_EQ(post("", "cross-site"), 403U);
  EXPECT_EQ(post("", "same-site"), 403U);
  EXPECT_TRUE(triggers_.empty());
  EXPECT_EQ(post("http://127.0.0.1:9464", "same-origin"), 200U);
  EXPECT_EQ(post("", "none"), 200U);
  EXPECT_EQ(triggers_.size(), 2U);
}

TEST_F(Answer, OfACallbackThatThrowsIs500WithoutItsWords) {
  StatusCallbacks broken = callbacks();
  broken.metrics = []() -> std::string { throw std::runtime_error("top-secret"); };
  broken.healthy = []() -> bool { throw 42; };
  broken.statusJson = nullptr;
  for (const auto* path : {"/metrics", "/healthz", "/status"}) {
    const HttpAnswer answer = answerTo({"GET", path, "", "", "", ""}, broken);
    EXPECT_EQ(answer.status, 500U) << path;
    EXPECT_THAT(*answer.body, Not(HasSubstr("top-secret")));
  }
}

}  // namespace
}  // namespace hydra_clients::telemetry
