// A resolver that hangs, which nothing can end: in its place stands getaddrinfo() of this program's own.

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include "hydra/transport.h"

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHangs = "hangs.invalid";
constexpr auto kHangsFor = 60s;  ///< longer than the test can take on a busy machine

}  // namespace

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  const bool isNumeric = hints != nullptr && (hints->ai_flags & AI_NUMERICHOST) != 0;
  if (host != nullptr && host == kHangs && !isNumeric) {
    std::this_thread::sleep_for(kHangsFor);
    return EAI_AGAIN;
  }
  static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(host, service, hints, found);
}

namespace hydra_clients::hydra {
namespace {

/// What a command does, as far as it matters here: it asks, is told that nobody answered, and ends.
[[noreturn]] void askAndEnd(const char* scheme) {
  constexpr int kTold = 3;
  ConnectionOptions options;
  options.endpoint = Endpoint::parse(std::string(scheme) + "://" + std::string(kHangs) + ":4445").value();
  options.timeout = 100ms;
  {
    const auto transport = makeTransport(options).value();
    const auto answer = transport->send({Method::kGet, "/version", nullptr});
    if (answer || answer.error().kind != TransportError::Kind::kTimeout) std::exit(1);
  }
  std::exit(kTold);
}

class HangingLookUp : public testing::TestWithParam<const char*> {};

TEST_P(HangingLookUp, DoesNotHoldUpTheEndOfTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EXIT(askAndEnd(GetParam()), testing::ExitedWithCode(3), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kHangsFor / 2);
}

INSTANTIATE_TEST_SUITE_P(Schemes, HangingLookUp, testing::Values("http", "https"));

}  // namespace
}  // namespace hydra_clients::hydra
