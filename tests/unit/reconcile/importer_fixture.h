#pragma once

// An importer over a Hydra in memory whose answers a test may change.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fake_hydra.h"
#include "manifests.h"
#include "reconcile/importer.h"

namespace hydra_clients::test {

using Commit = std::function<FakeHydra::Answer()>;

/// What Hydra answers where it knows no better.
constexpr const char* kHydrasFault = R"({"error":"error","error_description":"The error is unrecognizable"})";

class ImporterTest : public testing::Test {
 protected:
  ImporterTest() { EXPECT_TRUE(api_.detect()); }

  std::vector<reconcile::ImportResult> import(const manifest::ManifestSetPtr& set,
                                              reconcile::ImportOptions options = {}) {
    reconcile::Importer importer(api_, std::move(options));
    auto results = importer.importAll(set->manifests, stop_.get_token());
    fault_ = importer.fault();
    return results;
  }

  reconcile::ImportResult importOne(reconcile::ImportOptions options = {},
                                    const std::string& manifest = publicClient("a")) {
    const auto set = setOf(manifest, options.existingFails);
    return std::move(import(set, std::move(options)).at(0));
  }

  /// The first `times` POSTs go through `fault`.
  void onPosts(int times, FakeHydra::Fault fault) {
    auto left = std::make_shared<std::atomic<int>>(times);
    hydra_.setFault([left, fault](const hydra::Request& request,
                                  const Commit& commit) -> std::optional<FakeHydra::Answer> {
      if (request.method != hydra::Method::kPost || left->fetch_sub(1) <= 0) return std::nullopt;
      return fault(request, commit);
    });
  }

  /// The first POST is answered by `answer`, the GET that follows says 404, and only then it commits.
  void commitLate(const FakeHydra::Answer& answer) {
    const auto late = std::make_shared<std::string>();
    const auto left = std::make_shared<std::atomic<int>>(1);
    hydra_.setFault([this, late, left, answer](const hydra::Request& request,
                                               const Commit& commit) -> std::optional<FakeHydra::Answer> {
      if (request.method == hydra::Method::kPost && left->fetch_sub(1) > 0) {
        *late = std::string(request.body->reveal(Purpose::kPostBody));
        return answer;
      }
      if (request.method != hydra::Method::kGet || late->empty()) return std::nullopt;
      FakeHydra::Answer missing = commit();
      hydra_.put("a", std::exchange(*late, ""));
      return missing;
    });
  }

  static reconcile::ImportOptions patient() {
    reconcile::ImportOptions options;
    options.failAfter = std::chrono::seconds(5);
    return options;
  }
  static reconcile::ImportOptions oneShot() {
    reconcile::ImportOptions options = patient();
    options.patience = options.failAfter;
    options.existingFails = true;
    options.secrets.generated = reconcile::SecretPolicy::Generated::kTold;
    return options;
  }

  FakeHydra hydra_;
  hydra::AdminApi api_{hydra_};
  std::stop_source stop_;
  std::optional<hydra::AdminError> fault_;
};

}  // namespace hydra_clients::test
