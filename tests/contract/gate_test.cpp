// The gate (design §2): every client that a Hydra accepts from us is in sync in the next cycle.

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "client/canonical.h"
#include "client/exported_manifest.h"
#include "contract_server.h"
#include "gate_rows.h"
#include "manifest/set_reader.h"

namespace hydra_clients::contract {
namespace {

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

/// A row that was accepted, and the live client that it became.
struct Accepted {
  GateRow row;
  ClientId id;
};

/// Posts all rows, once for all tests.
const std::vector<Accepted>& accepted() {
  static const std::vector<Accepted> all = [] {
    std::vector<Accepted> made;
    for (GateRow& row : gateRows()) {
      auto created = postAnywhere(row.client);
      if (created) {
        made.push_back({std::move(row), std::move(*created)});
      } else {
        EXPECT_FALSE(created.error().concernsEverybody()) << row.client << ": " << why(created);
      }
    }
    return made;
  }();
  return all;
}

void expectInSync(const Accepted& client, const json::Value& live) {
  const HydraVersion& version = Server::get().api().dialect().version;
  const auto manifest = json::parse(client.row.client);
  ASSERT_TRUE(manifest) << client.row.client;
  const auto differing = CanonicalFields::of(*manifest).differingFrom(live, version);
  EXPECT_TRUE(differing.empty()) << joined(differing) << " of\n  " << client.row.client << "\nas "
                                 << version.text() << " keeps it:\n  " << json::write(live);
}

TEST(Gate, WhatHydraAcceptsIsInSyncWhenItIsReadById) {
  for (const Accepted& client : accepted()) {
    const auto live = readBack(client.id);
    ASSERT_TRUE(live) << client.row.client;
    expectInSync(client, *live);
  }
}

TEST(Gate, WhatHydraAcceptsIsInSyncWhenItIsListed) {
  std::map<ClientId, const Accepted*> wanted;
  for (const Accepted& client : accepted()) wanted.emplace(client.id, &client);
  const auto listed = Server::get().api().visitClients(
      [&](const hydra::LiveClient& live) {
        if (const auto found = wanted.find(ClientId(live.id())); found != wanted.end()) {
          expectInSync(*found->second, live.value().value());
          wanted.erase(found);
        }
      },
      {});
  ASSERT_TRUE(listed) << why(listed);
  EXPECT_TRUE(wanted.empty()) << wanted.size() << " are not in the list";
}

/// Hydra takes more than a manifest may hold: a NUL in metadata, for one.
bool isValid(const std::string& client, manifest::ReadingOptions options) {
  options.forImport = true;  // some rows leave the id to Hydra
  return manifest::readText("row.json", client, options).faultless();
}

TEST(Gate, WhatIsExportedIsAManifestThatIsInSync) {
  manifest::ReadingOptions options;
  options.hydra = Server::get().api().dialect().version;
  std::size_t exported = 0;
  for (const Accepted& client : accepted()) {
    if (!isValid(client.row.client, options)) continue;
    const auto live = readBack(client.id);
    ASSERT_TRUE(live) << client.row.client;
    const std::string text = json::writePretty(exportedManifest(*live));
    const manifest::ManifestSet set = manifest::readText("exported.json", text, options);
    ASSERT_TRUE(set.faultless()) << manifest::format(set.allFaults().front()) << "\n" << text;
    const auto differing = set.manifests.at(0)->differingFrom(*live, options.hydra);
    EXPECT_TRUE(differing.empty()) << joined(differing) << " of\n" << text << "\n" << json::write(*live);
    ++exported;
  }
  EXPECT_GT(exported, accepted().size() / 2);
}

TEST(Gate, HoldsForEveryFieldThatThisVersionKnows) {
  std::set<std::string> fields;
  for (const Accepted& client : accepted()) {
    const auto manifest = json::parse(client.row.client);
    const CanonicalFields declared = CanonicalFields::of(*manifest);
    for (const auto& entry : declared.entries()) {
      if (!entry.canonical.empty()) fields.emplace(allFields()[entry.field].name);
    }
  }
  for (const Field& field : allFields()) {
    // Hydra fetches a sector_identifier_uri while it is posted, and there is none here to be fetched.
    if (!field.compared() || field.name == "sector_identifier_uri") continue;
    EXPECT_TRUE(fields.contains(std::string(field.name))) << field.name << ": no value of it was accepted";
  }
}

TEST(Gate, ADifferenceIsSeen) {
  const auto created = postAnywhere(R"({"client_name":"one","scope":"openid","metadata":{"a":1}})");
  ASSERT_TRUE(created) << why(created);
  const auto live = readBack(*created);
  ASSERT_TRUE(live);
  const auto other = json::parse(
      R"({"client_name":"two","scope":"openid offline","metadata":{"a":2},"redirect_uris":["https://app.example/cb"]})");
  EXPECT_EQ(joined(CanonicalFields::of(*other).differingFrom(*live, Server::get().api().dialect().version)),
            "client_name, metadata, redirect_uris, scope");
}

}  // namespace
}  // namespace hydra_clients::contract
