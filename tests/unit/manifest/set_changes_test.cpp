#include "manifest/set_changes.h"

#include <memory>

#include <gmock/gmock.h>

namespace hydra_clients::manifest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ManifestPtr manifest(const std::string& id, const std::string& path, const std::string& owner = "") {
  Manifest made;
  made.id = id;
  made.from.path = path;
  made.fields = R"({"owner":")" + owner + "\"}";
  return std::make_shared<const Manifest>(std::move(made));
}

ManifestSet setOf(std::vector<ManifestPtr> manifests) {
  ManifestSet set;
  set.manifests = std::move(manifests);
  return set;
}

InvalidManifest invalidAt(const std::string& path, std::optional<ClientId> id) {
  InvalidManifest invalid;
  invalid.from.path = path;
  invalid.id = std::move(id);
  return invalid;
}

std::vector<std::string> ids(const std::vector<const Manifest*>& manifests) {
  std::vector<std::string> found;
  for (const Manifest* one : manifests) found.push_back(one->id);
  return found;
}

/// "old → new", for each.
std::vector<std::string> ids(const std::vector<ChangedManifest>& changes) {
  std::vector<std::string> found;
  for (const ChangedManifest& change : changes) found.push_back(change.before->id + " → " + change.now->id);
  return found;
}

TEST(SetChanges, AreFoundWhereverAnIdStandsInBothSets) {
  const ManifestSet before =
      setOf({manifest("b", "b"), manifest("d", "d"), manifest("e", "e"), manifest("g", "g")});
  const ManifestSet now =
      setOf({manifest("a", "a"), manifest("c", "c"), manifest("d", "d", "x"), manifest("e", "e"),
             manifest("f", "f"), manifest("h", "h"), manifest("i", "i")});
  const SetChanges changes = changesBetween(before, now);
  EXPECT_THAT(ids(changes.added), ElementsAre("a", "c", "f", "h", "i"));
  EXPECT_THAT(ids(changes.changed), ElementsAre("d → d"));
  EXPECT_THAT(ids(changes.gone), ElementsAre("b", "g"));
  EXPECT_THAT(changes.renamed, IsEmpty());
}

TEST(SetChanges, AreNoneWhereTheSameStandsInAnotherFile) {
  EXPECT_TRUE(changesBetween(setOf({manifest("a", "a.json")}), setOf({manifest("a", "b.json")})).empty());
}

TEST(SetChanges, AnotherSecretIsAChange) {
  Manifest other = *manifest("a", "a");
  other.secret = GeneratedSecret{};
  const ManifestSet now = setOf({std::make_shared<const Manifest>(other)});
  EXPECT_THAT(ids(changesBetween(setOf({manifest("a", "a")}), now).changed), ElementsAre("a → a"));
}

TEST(SetChanges, AClientIsRenamedWhereAnotherIdHasItsPlaceAndItsFields) {
  const ManifestSet before = setOf({manifest("a", "x.json", "me"), manifest("b", "x.json", "me"),
                                    manifest("c", "y.json", "me"), manifest("d", "z.json", "me")});
  const ManifestSet now = setOf({manifest("m", "x.json", "you"), manifest("n", "x.json", "me"),
                                 manifest("o", "z.json", "you"), manifest("p", "elsewhere.json", "me")});
  const SetChanges changes = changesBetween(before, now);
  EXPECT_THAT(ids(changes.renamed), ElementsAre("a → n"));
  EXPECT_THAT(ids(changes.gone), ElementsAre("b", "c", "d")) << "one is renamed to one";
  EXPECT_THAT(ids(changes.added), ElementsAre("m", "o", "p"));
}

TEST(SetChanges, WhatStillStandsSomehowIsNotGone) {
  const ManifestSet before = setOf({manifest("gone", "gone.json"), manifest("invalid", "a.json"),
                                    manifest("twice", "a.json"), manifest("unreadable", "b.json")});
  ManifestSet now;
  now.invalid = {invalidAt("a.json", "invalid"), invalidAt("b.json", std::nullopt),
                 invalidAt("gone.json", "other")};
  now.duplicates = {DuplicateId{"twice", {}, {}}};
  EXPECT_THAT(ids(changesBetween(before, now).gone), ElementsAre("gone"));
}

}  // namespace
}  // namespace hydra_clients::manifest
