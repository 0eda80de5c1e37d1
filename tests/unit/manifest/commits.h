#pragma once

// Commits for tests, made by libgit2 in a bare repository.

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "manifest/sources/git/git_library.h"

namespace hydra_clients::manifest {

inline RepositoryHandle openBare(const std::string& path) {
  useGit();
  git_repository* repository = nullptr;
  if (git_repository_open_bare(&repository, path.c_str()) != 0) {
    EXPECT_EQ(git_repository_init(&repository, path.c_str(), 1), 0) << gitErrorText();
  }
  return RepositoryHandle(repository);
}

inline git_oid blobIn(git_repository* repository, const std::string& content) {
  git_oid id{};
  EXPECT_EQ(git_blob_create_from_buffer(&id, repository, content.data(), content.size()), 0);
  return id;
}

/// A tree of what its names stand for, which need not be there.
inline git_oid treeIn(git_repository* repository, const std::map<std::string, git_oid>& entries,
                      git_filemode_t mode = GIT_FILEMODE_BLOB) {
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
  git_treebuilder* builder = nullptr;
  EXPECT_EQ(git_treebuilder_new(&builder, repository, nullptr), 0);
  for (const auto& [name, id] : entries)
    EXPECT_EQ(git_treebuilder_insert(nullptr, builder, name.c_str(), &id, mode), 0) << gitErrorText();
  git_oid id{};
  EXPECT_EQ(git_treebuilder_write(&id, builder), 0);
  git_treebuilder_free(builder);
  return id;
}

/// A commit of that tree, without parents; `ref`, where one is named, leads to it then.
inline git_oid commitIn(git_repository* repository, const git_oid& tree, const char* ref = nullptr) {
  git_tree* found = nullptr;
  EXPECT_EQ(git_tree_lookup(&found, repository, &tree), 0);
  const TreeHandle handle(found);
  git_signature* author = nullptr;
  EXPECT_EQ(git_signature_new(&author, "Test", "test@example.org", 1'700'000'000, 0), 0);
  git_oid id{};
  EXPECT_EQ(git_commit_create(&id, repository, nullptr, author, author, nullptr, "change", found, 0, nullptr),
            0);
  git_signature_free(author);
  git_reference* reference = nullptr;
  if (ref != nullptr) {
    EXPECT_EQ(git_reference_create(&reference, repository, ref, &id, 1, nullptr), 0);
  }
  git_reference_free(reference);
  return id;
}

}  // namespace hydra_clients::manifest
