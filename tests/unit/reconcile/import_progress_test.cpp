#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "fake_hydra.h"
#include "manifests.h"
#include "reconcile/importer.h"

namespace hydra_clients::reconcile {
namespace {

using hydra::Method;
using hydra::Request;
using test::FakeHydra;
using test::publicClient;
using test::setOf;

TEST(ImportProgress, CountsWhatIsFinishedThoughTheFirstClientIsStuck) {
  FakeHydra hydra;
  hydra::AdminApi api(hydra);
  ASSERT_TRUE(api.detect());
  std::promise<void> goOn;
  const std::shared_future<void> mayGoOn = goOn.get_future().share();
  hydra.setFault([mayGoOn](const Request& request, const auto&) -> std::optional<FakeHydra::Answer> {
    const bool first = request.method == Method::kPost &&
                       request.body->reveal(Purpose::kPostBody).find("\"0-stuck\"") != std::string_view::npos;
    if (first) mayGoOn.wait_for(std::chrono::seconds(30));
    return std::nullopt;
  });
  std::vector<std::string> clients = {publicClient("0-stuck"),
                                      publicClient("refused", R"("client_name":"refuse me",)")};
  for (int i = 0; i < 20; ++i) clients.push_back(publicClient("client-" + std::to_string(i)));
  const auto set = setOf(test::arrayOf(clients));
  std::size_t told = 0;
  std::optional<Progress> whileStuck;
  Progress last;
  Importer importer(api, {});
  importer.importAll(
      set->manifests, {},
      [&](std::size_t, const ImportResult&) {
        ++told;
        return true;
      },
      [&](const Progress& progress) {
        last = progress;
        if (progress.done < 21 || whileStuck) return;
        EXPECT_EQ(told, 0U);
        whileStuck = progress;
        goOn.set_value();
      });
  ASSERT_TRUE(whileStuck);
  EXPECT_EQ(whileStuck->done, 21U);
  EXPECT_EQ(whileStuck->failed, 1U);
  EXPECT_EQ(whileStuck->total, 22U);
  EXPECT_EQ(last.done, 22U);
}

}  // namespace
}  // namespace hydra_clients::reconcile
