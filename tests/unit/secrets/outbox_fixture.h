#pragma once

// What the tests of the outbox share: a folder, a message, and looking at what is in a folder.

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gnupg.h"
#include "secrets/outbox.h"

#ifdef COUNTS_COVERAGE
extern "C" void __gcov_dump();  // of libgcov
#endif

namespace hydra_clients::secrets::test {

namespace fs = std::filesystem;

inline constexpr const char* kMessage =
    "-----BEGIN PGP MESSAGE-----\n\naGVsbG8gd29ybGQ=\n=abcd\n-----END PGP MESSAGE-----\n";
inline constexpr const char* kFirst = "0f0e3f6c-1111-4111-8111-000000000001";
inline constexpr const char* kSecond = "0f0e3f6c-1111-4111-8111-000000000002";
inline constexpr const char* kThird = "0f0e3f6c-1111-4111-8111-000000000003";

inline std::string contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Paths of all that is below the folder, but for what every outbox has.
inline std::vector<std::string> namesBelow(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder);
    if (name != ".lock" && name != ".format" && name != ".pending") names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

/// Where coverage is measured: a process that ends by _exit() leaves no counts by itself.
inline void countWhatRan() {
#ifdef COUNTS_COVERAGE
  __gcov_dump();
#endif
}

/// Runs `work` in a process of its own and returns the text that it ends with.
inline std::string inChild(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string result = work();
    (void)!::write(ends[1], result.data(), result.size());
    countWhatRan();
    _exit(0);
  }
  close(ends[1]);
  std::string result;
  std::array<char, 4096> chunk{};
  ssize_t got = 0;
  while ((got = ::read(ends[0], chunk.data(), chunk.size())) > 0)
    result.append(chunk.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return result;
}

inline constexpr const char* kNoMounts = "no file system can be mounted here";

/// In a child that sees mounts of its own, which `mountAll` makes. kNoMounts where the kernel does not let
/// us.
inline std::string inOwnMounts(const std::function<bool()>& mountAll,
                               const std::function<std::string()>& work) {
  return inChild([&]() -> std::string {
    const int flags = CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
    const bool mounted =
        unshare(flags) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 && mountAll();
    return mounted ? work() : kNoMounts;
  });
}

/// An empty file system of so many bytes.
inline bool mountSmall(const std::string& folder, std::size_t bytes) {
  const std::string options = "mode=0700,size=" + std::to_string(bytes);
  return mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

/// The folder as it is, but read-only.
inline bool mountReadOnly(const std::string& folder) {
  return mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
         mount("none", folder.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

class OutboxTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Outbox> open() const { return open(path_); }
  [[nodiscard]] static std::unique_ptr<Outbox> open(const std::string& path) {
    auto outbox = Outbox::open(path);
    EXPECT_TRUE(outbox.has_value()) << outbox.error();
    return outbox ? std::move(*outbox) : nullptr;
  }
  [[nodiscard]] std::string refusal() const { return refusal(path_); }
  [[nodiscard]] static std::string refusal(const std::string& path) {
    const auto outbox = Outbox::open(path);
    return outbox ? "it was opened" : outbox.error();
  }
  static void add(Outbox& outbox, const ClientId& id, const char* stamp) {
    const auto added = outbox.addPending(id, stamp, kMessage, {"AB12"});
    EXPECT_TRUE(added.has_value()) << added.error();
  }
  static Resolution resolve(Outbox& outbox, const ClientId& id, const char* stamp) {
    const auto resolved = outbox.resolve(id, stamp);
    EXPECT_TRUE(resolved.has_value()) << resolved.error();
    return resolved.value_or(Resolution{});
  }
  [[nodiscard]] std::vector<std::string> names() const { return namesBelow(path_); }

  tests::TemporaryFolder base_;
  std::string path_ = base_.path() + "/out";
};

}  // namespace hydra_clients::secrets::test
