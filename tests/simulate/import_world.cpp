#include "import_world.h"

#include <memory>
#include <stop_token>
#include <utility>

#include "client/json.h"
#include "hydra/admin_api.h"
#include "manifest/set_reader.h"
#include "model_transport.h"
#include "reconcile/importer.h"

namespace simulate {
namespace {

using namespace hydra_clients;
using Kind = reconcile::ImportResult::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kImporter = 0;
/// As `import` has it (--fail-after).
constexpr milliseconds kFailAfter{60'000};
constexpr int kMostDetections = 200;

std::string nameOf(std::size_t number) { return "client " + std::to_string(number); }

std::string textAt(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr ? value->text : "";
}

/// Half of the seeds have a Hydra that gives ids itself, where nothing but care prevents a second client.
Settings settingsFor(Chance& chance) {
  Settings settings(chance);
  if (chance.coin()) settings.dialect = "v2.1";
  return settings;
}

}  // namespace

ImportWorld::ImportWorld(std::uint64_t seed)
    : scheduler_(seed),
      history_(scheduler_),
      settings_(settingsFor(scheduler_.chance())),
      hydra_(scheduler_, history_, settings_.dialect, /*mostOfAPage=*/0),
      hasIds_(!hydra_.dialect().chosen_id_refused && scheduler_.chance().coin()) {
  history_.note(Scheduler::kNobody, "import: " + settings_.text());
  hydra_.onCreated = [this](int, const std::string& id, const std::string& text) {
    const json::Value body = json::parse(text).value();
    created_[textAt(body, "client_name")].push_back({id, textAt(body, "client_secret")});
  };
  for (std::size_t i = 0; i < settings_.restarts; ++i) {
    const auto end = std::chrono::duration_cast<milliseconds>(settings_.quietAt).count();
    const Moment when = milliseconds(scheduler_.chance().between(0, static_cast<std::uint64_t>(end)));
    scheduler_.at(when, [this] {
      history_.note(Scheduler::kNobody, "Hydra ends");
      hydra_.stop(/*loses=*/false);
      scheduler_.at(scheduler_.now() + milliseconds(scheduler_.chance().between(100, 5'000)), [this] {
        if (hydra_.isUp()) return;
        history_.note(Scheduler::kNobody, "Hydra begins");
        hydra_.start();
      });
    });
  }
}

std::string ImportWorld::manifest(std::size_t number) const {
  std::string text = R"({"client_name":")" + nameOf(number) + R"(",)";
  if (hasIds_) text += R"("client_id":"c)" + std::to_string(number) + R"(",)";
  if (number % 2 == 0) text += R"("token_endpoint_auth_method":"none",)";
  return text + R"("scope":"openid"})";
}

void ImportWorld::run() {
  scheduler_.spawn([this] { importAll(); }, kImporter);
  scheduler_.run([this] { return done_; });
  // What was under way is carried out, or never will be.
  const Moment late = scheduler_.now() + Settings::kLatest + seconds(1);
  scheduler_.at(late, [] {});
  scheduler_.run([&] { return scheduler_.now() >= late; });
  for (std::size_t i = 0; i < results_.size(); ++i) check(i, results_[i]);
}

void ImportWorld::importAll() {
  ModelTransport transport({scheduler_, history_, hydra_, settings_}, kImporter, [] { return false; });
  hydra::AdminApi api(transport);
  for (int i = 0; i < kMostDetections && !api.detect(); ++i) scheduler_.sleep(milliseconds(500));
  manifest::ReadingOptions reading;
  reading.forImport = true;
  std::string text = "[";
  for (std::size_t i = 0; i < settings_.clients; ++i) text += (i > 0 ? "," : "") + manifest(i);
  const manifest::ManifestSet set = manifest::readText("clients.json", text + "]", reading);
  reconcile::ImportOptions options;
  options.parallelism = settings_.parallelism;
  options.failAfter = kFailAfter;
  options.existingFails = true;
  options.secrets.generated = reconcile::SecretPolicy::Generated::kTold;
  reconcile::Importer importer(api, options);
  results_ = importer.importAll(set.manifests, std::stop_token{});
  done_ = true;
}

void ImportWorld::check(std::size_t number, const reconcile::ImportResult& result) {
  const std::string name = nameOf(number);
  const std::vector<Created>& created = created_[name];
  history_.note(kImporter, "says of " + name + " " + std::to_string(static_cast<int>(result.kind)) + ": " +
                               result.id + " " + result.message);
  if (created.size() > 1) history_.broken(kImporter, "has created " + name + " twice");
  const bool isImported = result.kind == Kind::kImported;
  if (isImported && (created.empty() || created.front().id != result.id))
    history_.broken(kImporter, "says that " + name + " was imported, and Hydra has none of that id");
  if (!isImported && result.kind != Kind::kUnknown && !created.empty())
    history_.broken(kImporter, "says that " + name + " was not imported, and Hydra has it");
  const bool needsSecret = !created.empty() && !created.front().secret.empty();
  const bool isTold = result.generated && !created.empty() &&
                      result.generated->reveal(Purpose::kImportOutput) == created.front().secret;
  if (needsSecret && !isTold) history_.broken(kImporter, "does not tell the secret of " + name);
}

}  // namespace simulate
